// What is read of a pasted log, in short lines for tests.

import Events
import MSNP

@testable import Captures

/// The entries of a log: `0 opened`, `0 C VER 1 MSNP8 [payload]`, `0 length_mismatch`, `0 C http 120`, `0 C gap 12`,
/// `0 C slp 200`.
func readLog(_ bytes: [UInt8]) -> [String] {
    var said: [String] = []
    PastedLog.read(bytes) { entry in
        func mark(_ side: Side) -> String { "\(entry.connection) \(side == .client ? "C" : "S")" }
        switch entry.kind {
        case .opened(_, _, _, let server): said.append("\(entry.connection) opened" + (server.map { " \($0)" } ?? ""))
        case .frame(let frame, let side):
            let payload = String(decoding: frame.payload, as: UTF8.self).replacing("\r\n", with: "~")
            said.append(
                "\(mark(side)) \(String(decoding: frame.line, as: UTF8.self))"
                    + (payload.isEmpty ? "" : " [\(payload)]"))
        case .carried(let bytes, let side): said.append("\(mark(side)) http \(bytes.count)")
        case .carriedGap(let count, let side): said.append("\(mark(side)) gap \(count)")
        case .slp(let bytes, let side): said.append("\(mark(side)) slp \(bytes.count)")
        case .finding(let finding): said.append("\(entry.connection) \(finding.name.text)")
        case .closed: break
        }
        return true
    }
    return said
}

/// The times of the commands of a log in microseconds since 1970.
func timesOfLog(_ text: String) -> [Int64] {
    var times: [Int64] = []
    PastedLog.read(Array(text.utf8)) { entry in
        if case .frame = entry.kind { times.append(entry.time / 1_000) }
        return true
    }
    return times
}

/// The events that are decoded of a log: frames, gaps, noise and findings by connection, as `1 C: VER 1 MSNP8`.
func decodeLog(_ text: String) -> (lines: [String], events: [Event]) {
    var decoder = EventDecoder()
    var events: [Event] = []
    PastedLog.read(Array(text.utf8)) { entry in
        decoder.receive(entry) { events.append($0) }
        return true
    }
    decoder.finish { events.append($0) }
    let lines = events.compactMap { event -> String? in
        func mark(_ side: Side) -> String { "\(event.connection) \(side == .client ? "C" : "S"):" }
        switch event.kind {
        case .opened(let ends): return "\(event.connection) \(event.role) opened \(ends.server)"
        case .frame(let frame, let side):
            let payload = frame.payload.isEmpty ? "" : " [\(frame.payload.count)]"
            return "\(mark(side)) \(String(decoding: frame.line, as: UTF8.self))\(payload)"
        case .gap(let bytes, _, let side): return "\(mark(side)) gap \(bytes)"
        case .noise(let noise, let side): return "\(mark(side)) noise \(noise.reason.rawValue) \(noise.bytes.count)"
        case .finding(let finding): return "\(event.connection) \(finding.name.text)"
        default: return nil
        }
    }
    return (lines, events)
}
