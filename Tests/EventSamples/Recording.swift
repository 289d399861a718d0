// Captures as events, and events as pcapng.

package import Captures
package import Events
internal import Export
package import MSNP
package import TestSupport

/// What the events of one connection hold, independent of other connections.
package struct RecordedConnection: Equatable {
    package var ends = ""
    package var role = Role.unknown
    package var dialect: Dialect?
    package var opened: Int64 = 0
    package var reason = ""
    package var holes = 0
    package var unseen: [UInt64] = []
    /// Frames, noise and gaps.
    package var pieces: [Piece] = []
    /// The frames and noise as bytes.
    package var bytes: [[UInt8]] = []
    package var messages: [String] = []

    package struct Piece: Equatable, CustomStringConvertible {
        package var side: Side
        package var what: String
        /// Of a frame, in microseconds; of noise and gaps it depends on the packets that came meanwhile.
        package var time: Int64?
        package var description: String { "\(side) \(what) \(time ?? 0)" }
    }

    /// The pieces without the times of frames beside gaps and noise: their time is that at which the decoder finds the
    /// next command, and depends on the cuts between packets.
    package var comparablePieces: [Piece] {
        var result = pieces
        for side in Side.allCases {
            let places = pieces.indices.filter { pieces[$0].side == side }
            for (index, place) in places.enumerated() where pieces[place].time == nil {
                for near in max(0, index - 1)..<min(places.count, index + 3) { result[places[near]].time = nil }
            }
        }
        return result
    }

    package mutating func add(_ event: Event) {
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
            bytes.append(Array(frame.bytes))
        case .noise(let noise, let side):
            pieces.append(Piece(side: side, what: "\(noise.reason.rawValue) \(noise.offset) \(noise.bytes.count)"))
            bytes.append(Array(noise.bytes))
        case .gap(let count, let offset, let side):
            holes += 1
            pieces.append(Piece(side: side, what: "gap \(offset) \(count)"))
        case .message(let message): messages.append("\(message.from) \(message.to) \(message.text)")
        case .http, .tunnel, .finding, .rewritten, .listening, .notPrinted: break
        }
    }
}

/// The events of captures, and the connections whose bytes they hold.
package struct Recording {
    package var events: [Event] = []
    package var summary: Captures.Summary

    package init(_ paths: [String]) {
        var events: [Event] = []
        summary = Captures.decode(paths) { event in
            events.append(event)
            return true
        }
        self.events = events
    }

    /// Connections in the order of their numbers; those that only carry a gateway's requests have no bytes of their own.
    package var connections: [RecordedConnection] { Self.connections(of: events) }

    package static func connections(of events: [Event]) -> [RecordedConnection] {
        var connections: [Int: RecordedConnection] = [:]
        for event in events where event.connection > 0 && event.role != .http {
            connections[event.connection, default: RecordedConnection()].add(event)
        }
        return connections.sorted { $0.key < $1.key }.map(\.value).filter { !$0.pieces.isEmpty }
    }
}

/// A pcapng file of these events.
package func pcapng(_ events: [Event]) -> [UInt8] {
    var format = PcapngFormat(program: "tests", comments: ["made by tests"])
    var bytes: [UInt8] = []
    for event in events { format.append(event, to: &bytes) }
    format.finish(to: &bytes)
    return bytes
}

/// A capture of invented people; nil where there is no maker.
package func syntheticCapture(_ switches: String) throws -> SyntheticCapture? {
    try SyntheticCapture(switches, megabytes: "0.5", seed: 11, neededFor: "exports of synthetic captures")
}
