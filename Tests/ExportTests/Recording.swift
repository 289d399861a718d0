// Captures, what is told of them, and what an export of that tells.

import Captures
import Export
import Foundation
import MSNP
import Testing
import Transcript

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

/// A folder that is gone when the test is over.
final class Scratch {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "export-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Writes a file and says where it is.
    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = folder.appending(path: name)
        try Data(bytes).write(to: file)
        return file.path
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }
}

/// Captures that lie in the repository and, where somebody has them, beside it.
enum CaptureFiles {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The folder `shared`: named by BUTTERFLYNET_SHARED, else beside the repository.
    static let shared: URL = {
        let named = ProcessInfo.processInfo.environment["BUTTERFLYNET_SHARED"].map { URL(filePath: $0) }
        return named ?? root.deletingLastPathComponent().appending(path: "shared")
    }()

    static let own = list(root.appending(path: "captures"))

    static func beside(neededFor test: String) -> [String] {
        let folder = shared.appending(path: "captures")
        let files = list(folder)
        if files.isEmpty { print("SKIPPED: \(test): no captures in \(folder.path); set BUTTERFLYNET_SHARED") }
        return files
    }

    private static func list(_ folder: URL) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.contains(".pcap") }.sorted().map { folder.appending(path: $0).path }
    }
}
