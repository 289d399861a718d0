// Segments in, a readable record of events out: the language of the reassembly tests.

import Packets
import Testing

/// Feeds segments of one connection (or of several, by `port`) and writes down what comes out.
struct Dialogue {
    var reassembler: Reassembler
    var record: [String] = []
    var summaries: [(reason: StreamEnd, a: DirectionSummary, b: DirectionSummary)] = []
    var connections: [ConnectionID] = []
    /// Bytes of each side as they came out, and the holes among them.
    var streams: [StreamSide: Bytes] = [:]
    var now: Int64 = 1_000_000_000_000
    /// Sequence numbers of offset 0.
    var clientStart: UInt32 = 1000
    var serverStart: UInt32 = 9000
    var client = Endpoint(address: Address(ipv4: 0x0A00_0001), port: 1025)
    var server = Endpoint(address: Address(ipv4: 0x0A00_0002), port: 1863)

    init(limits: ReassemblyLimits = ReassemblyLimits()) {
        reassembler = Reassembler(limits: limits)
    }

    /// The client sends `text` at `offset`, having seen `seen` bytes of the server.
    mutating func c(
        _ text: String = "", at offset: Int, seen: Int? = 0, _ flags: Segment.Flags = [], promised: Int? = nil
    ) {
        send(Array(text.utf8), from: client, to: server, clientStart, offset, serverStart, seen, flags, promised)
    }

    /// The server sends `text` at `offset`, having seen `seen` bytes of the client.
    mutating func s(
        _ text: String = "", at offset: Int, seen: Int? = 0, _ flags: Segment.Flags = [], promised: Int? = nil
    ) {
        send(Array(text.utf8), from: server, to: client, serverStart, offset, clientStart, seen, flags, promised)
    }

    /// What comes out of a connection after its handshake, without its beginning and end.
    static func afterHandshake(
        limits: ReassemblyLimits = ReassemblyLimits(), _ talk: (inout Dialogue) -> Void
    ) -> (record: [String], a: DirectionSummary, b: DirectionSummary) {
        var dialogue = Dialogue(limits: limits)
        dialogue.handshake()
        talk(&dialogue)
        dialogue.finish()
        #expect(dialogue.record.first == "opened 1863 syn")
        let last = dialogue.summaries.last
        return (
            dialogue.record.filter { !$0.hasPrefix("opened") && $0 != "closed endOfCapture" },
            last?.a ?? DirectionSummary(), last?.b ?? DirectionSummary()
        )
    }

    mutating func handshake() {
        c(at: -1, seen: nil, .syn)
        s(at: -1, seen: 0, .syn)
        c(at: 0, seen: 0)
    }

    /// Lets packet time pass, with packets that carry nothing new.
    mutating func wait(packets: Int, each: Int64 = 1_000_000_000, at offset: Int, seen: Int) {
        for _ in 0..<packets {
            now += each
            c(at: offset, seen: seen)
        }
    }

    mutating func finish() {
        var events: [(StreamEvent, Bytes)] = []
        reassembler.finish { events.append(($0, copy($1))) }
        note(events)
    }

    mutating func send(
        _ payload: Bytes, from source: Endpoint, to destination: Endpoint, _ start: UInt32, _ offset: Int,
        _ otherStart: UInt32, _ seen: Int?, _ flags: Segment.Flags, _ promised: Int?
    ) {
        now += 1_000_000
        let segment = Segment(
            source: source, destination: destination,
            sequence: start &+ UInt32(truncatingIfNeeded: offset),
            acknowledgement: seen.map { otherStart &+ UInt32(truncatingIfNeeded: $0) } ?? 0,
            flags: seen == nil ? flags : flags.union(.ack), payloadOffset: 0, captured: payload.count,
            length: promised ?? payload.count)
        var events: [(StreamEvent, Bytes)] = []
        reassembler.receive(segment, in: payload.span, at: now) { events.append(($0, copy($1))) }
        note(events)
    }

    private mutating func note(_ events: [(StreamEvent, Bytes)]) {
        for (event, bytes) in events {
            switch event.kind {
            case .opened(_, let server, let evidence):
                connections.append(event.connection)
                record.append("opened \(server.port) \(evidence)")
            case .data(let side, _):
                streams[side, default: []] += bytes
                record.append("\(side):\(String(decoding: bytes, as: UTF8.self))")
            case .gap(let side, let offset, let count): record.append("\(side) gap \(offset)+\(count)")
            case .finding(let finding):
                record.append("\(finding.side) \(finding.name) \(finding.offset)+\(finding.count)")
            case .closed(let reason, let a, let b):
                summaries.append((reason, a, b))
                record.append("closed \(reason)")
            }
        }
    }
}

private func copy(_ span: Span<UInt8>) -> Bytes {
    span.indices.map { span[$0] }
}
