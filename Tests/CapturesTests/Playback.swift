// What TCP connections would have carried, played to the sorter and the decoder without a capture.

import Events
import Foundation
import MSNP

@testable import Captures
@testable import Packets

/// Connections made of chunks, and the events that come of them.
struct Playback {
    private var sorter = ConnectionClassifier(everything: false)
    private var decoder = EventDecoder()
    private var numbers = 0
    private var time: Int64 = 1_000_000_000
    private(set) var events: [Event] = []

    /// A TCP connection.
    struct Line {
        var id: ConnectionID
        var sent: [StreamSide: Int64] = [:]
    }

    /// Opens a connection from 10.0.0.`host`.
    mutating func open(host: UInt8 = 1, port: UInt16 = 80, evidence: ClientEvidence = .syn) -> Line {
        numbers += 1
        let id = ConnectionID(number: numbers - 1, slot: numbers - 1)
        let client = Endpoint(
            address: Address(ipv4: 0x0A00_0000 | UInt32(host)), port: UInt16(1_024 + numbers % 60_000))
        let server = Endpoint(address: Address(ipv4: 0xCB00_711E), port: port)
        take(id, .opened(client: client, server: server, by: evidence), [])
        return Line(id: id)
    }

    /// Says bytes on a connection.
    mutating func send(_ side: StreamSide, _ bytes: [UInt8], on line: inout Line) {
        take(line.id, .data(side, offset: line.sent[side, default: 0]), bytes)
        line.sent[side, default: 0] += Int64(bytes.count)
    }

    mutating func send(_ side: StreamSide, _ text: String, on line: inout Line) {
        send(side, Array(text.utf8), on: &line)
    }

    /// Leaves bytes out.
    mutating func miss(_ side: StreamSide, _ count: Int64, on line: inout Line) {
        take(line.id, .gap(side, offset: line.sent[side, default: 0], count: count), [])
        line.sent[side, default: 0] += count
    }

    mutating func close(_ line: Line) {
        take(line.id, .closed(.fin, a: DirectionSummary(), b: DirectionSummary()), [])
    }

    /// Ends the capture.
    mutating func finish() { decoder.finish { events.append($0) } }

    private mutating func take(_ id: ConnectionID, _ kind: StreamEvent.Kind, _ bytes: [UInt8]) {
        time += 1_000
        sorter.take(StreamEvent(connection: id, time: time, kind: kind), bytes.span)
        let batch = sorter.batch
        sorter.batch = StreamBatch()
        decoder.receive(batch) { events.append($0) }
    }

    /// The commands of each connection, by its number, as `C: VER 1 …`, holes and noise among them.
    var lines: [Int: [String]] {
        var lines: [Int: [String]] = [:]
        for event in events {
            switch event.kind {
            case .frame(let frame, let side):
                lines[event.connection, default: []].append(mark(side) + String(decoding: frame.line, as: UTF8.self))
            case .noise(let noise, let side):
                lines[event.connection, default: []].append(mark(side) + "noise \(noise.reason.rawValue)")
            case .gap(let count, _, let side): lines[event.connection, default: []].append(mark(side) + "gap \(count)")
            case .opened: lines[event.connection, default: []] += []
            default: break
            }
        }
        return lines
    }

    /// The `closed` events, by connection.
    var ends: [Int: (event: Event, ends: Endpoints, reason: String, client: Tally.Sums, server: Tally.Sums)] {
        var result: [Int: (event: Event, ends: Endpoints, reason: String, client: Tally.Sums, server: Tally.Sums)] = [:]
        for event in events {
            if case .closed(let ends, let reason, let client, let server) = event.kind {
                result[event.connection] = (event, ends, reason.text, client, server)
            }
        }
        return result
    }

    private func mark(_ side: Side) -> String { side == .client ? "C: " : "S: " }
}
