// Captures, what is told of them, and what an export of that tells.

import Analysis
import Captures
import Events
import Foundation
import MSNP
import Output
import Query
import TestSupport
import Testing

@testable import Export
@testable import Redaction

/// What one connection said, in an order that does not depend on the others.
struct Heard: Equatable {
    var ends = ""
    var role = Role.unknown
    var dialect: Dialect?
    var opened: Int64 = 0
    var reason = ""
    var holes = 0
    var unseen: [UInt64] = []
    /// Frames, noise and gaps.
    var pieces: [Piece] = []
    /// The frames and noise as bytes.
    var bytes: [[UInt8]] = []
    var messages: [String] = []

    struct Piece: Equatable, CustomStringConvertible {
        var side: Side
        var what: String
        /// Of a frame, in microseconds; of noise and gaps it depends on the packets that came meanwhile.
        var time: Int64?
        var description: String { "\(side) \(what) \(time ?? 0)" }
    }

    /// The pieces without the times of frames beside a hole, or beside what could not be read: these are told of when
    /// the reader has found its feet again, which depends on the packets that came meanwhile.
    var sure: [Piece] {
        var result = pieces
        for side in Side.allCases {
            let places = pieces.indices.filter { pieces[$0].side == side }
            for (index, place) in places.enumerated() where pieces[place].time == nil {
                for near in max(0, index - 1)..<min(places.count, index + 3) { result[places[near]].time = nil }
            }
        }
        return result
    }

    mutating func add(_ event: Event) {
        role = event.role
        dialect = event.dialect
        let time = event.time.nanoseconds / 1_000
        switch event.kind {
        case .opened(let ends):
            self.ends = "\(ends.client) \(ends.server)"
            opened = time
        case .closed(let ends, let reason, let client, let server):
            self.ends = "\(ends.client) \(ends.server)"
            self.reason = reason.text
            unseen = [client.ackedUnseenBytes, server.ackedUnseenBytes]
        case .frame(let frame, let side):
            pieces.append(Piece(side: side, what: "\(frame.verb) \(frame.bytes.count)", time: time))
            bytes.append(frame.bytes)
        case .noise(let noise, let side):
            pieces.append(Piece(side: side, what: "\(noise.reason.rawValue) \(noise.offset) \(noise.bytes.count)"))
            bytes.append(noise.bytes)
        case .gap(let count, let offset, let side):
            holes += 1
            pieces.append(Piece(side: side, what: "gap \(offset) \(count)"))
        case .message(let message): messages.append("\(message.from) \(message.to) \(message.text)")
        case .finding, .rewritten, .listening, .notPrinted: break
        }
    }
}

/// The events of captures, and what became of each connection that was recorded with its bytes.
struct Recording {
    var events: [Event] = []
    var summary: Captures.Summary

    init(_ paths: [String]) {
        var events: [Event] = []
        summary = Captures.decode(paths) { event in
            events.append(event)
            return true
        }
        self.events = events
    }

    /// Connections in the order of their numbers; those that only carry a gateway's requests have no bytes of their own.
    var connections: [Heard] { Self.connections(of: events) }

    static func connections(of events: [Event]) -> [Heard] {
        var heard: [Int: Heard] = [:]
        for event in events where event.connection > 0 && event.role != .http {
            heard[event.connection, default: Heard()].add(event)
        }
        return heard.sorted { $0.key < $1.key }.map(\.value).filter { !$0.pieces.isEmpty }
    }
}

/// A pcapng file of these events.
func pcapng(_ events: [Event]) -> [UInt8] {
    var format = PcapngFormat(program: "tests", comments: ["made by tests"])
    var bytes: [UInt8] = []
    for event in events { format.append(event, to: &bytes) }
    format.finish(to: &bytes)
    return bytes
}

/// A capture of invented people; nil where there is no maker.
func syntheticCapture(_ switches: String) throws -> SyntheticCapture? {
    try SyntheticCapture(switches, megabytes: "0.5", seed: 11, neededFor: "exports of synthetic captures")
}
