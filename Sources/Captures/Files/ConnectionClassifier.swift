// Classifies TCP connections by protocol and drops those without MSNP.

internal import MSNP
internal import Packets

/// Classifies connections by protocol and holds their first bytes until the protocol is known.
struct ConnectionClassifier {
    /// Events of classified connections, for the decoder.
    var batch = StreamBatch()
    /// Whether the batch should be passed on.
    var isFull: Bool { batch.bytes.count >= StreamBatch.full || batch.entries.count >= Self.mostEntries }

    /// The maximum number of entries of a batch.
    static let mostEntries = 8_192

    /// The file that packets come from now.
    var files = FileChanges()

    private let everything: Bool
    private var states: [State] = []
    private var foreign: [ConnectionID] = []
    private var heldBytes = 0

    /// The maximum bytes held for undecided connections together; beyond it they are decided with the bytes at hand.
    static let mostHeld = 8 << 20

    private enum State {
        case none
        indirect case undecided(Candidate)
        case accepted(clientIsA: Bool)
        case ignored
    }

    private struct Candidate {
        var connection: ConnectionID
        var time: Int64
        var a: Endpoint
        var b: Endpoint
        var file: String?
        var evidence: ClientEvidence
        var events: [(event: StreamEvent, bytes: [UInt8])] = []
        var aBytes: [UInt8] = []
        var bBytes: [UInt8] = []
        var aStart: Bool?
        var bStart: Bool?
    }

    init(everything: Bool) { self.everything = everything }

    /// Removes and returns the connections classified as foreign since the last call.
    mutating func removeForeign() -> [ConnectionID] {
        guard !foreign.isEmpty else { return [] }
        defer { foreign.removeAll(keepingCapacity: true) }
        return foreign
    }

    /// Handles one event of the reassembler.
    mutating func take(_ event: StreamEvent, _ bytes: Span<UInt8>) {
        let slot = event.connection.slot
        while states.count <= slot { states.append(.none) }
        switch states[slot] {
        case .accepted(let clientIsA): forward(event, bytes, clientIsA: clientIsA)
        case .ignored, .none:
            if case .opened(let client, let server, let evidence) = event.kind {
                let candidate = Candidate(
                    connection: event.connection, time: event.time, a: client, b: server,
                    file: files.name(at: event.time), evidence: evidence)
                states[slot] = .undecided(candidate)
            }
        case .undecided: classify(event, bytes, slot)
        }
    }

    /// Adds an event to an undecided connection and classifies it if possible.
    private mutating func classify(_ event: StreamEvent, _ bytes: Span<UInt8>, _ slot: Int) {
        guard case .undecided(var candidate) = states[slot] else { return }
        // A second reference would make every append copy the candidate.
        states[slot] = .none
        let copy = [UInt8](copying: bytes)
        heldBytes += copy.count
        var isEnd = false
        switch event.kind {
        case .opened: break
        case .data(let side, let offset):
            if side == .a {
                candidate.aStart = candidate.aStart ?? (offset == 0 && candidate.evidence == .syn)
                candidate.aBytes += copy
            } else {
                candidate.bStart = candidate.bStart ?? (offset == 0 && candidate.evidence == .syn)
                candidate.bBytes += copy
            }
        case .gap(let side, _, _):
            if side == .a {
                candidate.aStart = candidate.aStart ?? false
            } else {
                candidate.bStart = candidate.bStart ?? false
            }
        case .finding: break
        case .closed: isEnd = true
        }
        candidate.events.append((event, copy))
        guard isEnd || !copy.isEmpty else {
            states[slot] = .undecided(candidate)
            return
        }
        let detector = ProtocolDetector(
            a: candidate.aBytes, b: candidate.bBytes, aIsStart: candidate.aStart ?? false,
            bIsStart: candidate.bStart ?? false, clientIsKnown: candidate.evidence == .syn,
            isMSNPort: candidate.b.port == HostPort.standardPort, ended: isEnd || heldBytes > Self.mostHeld)
        switch detector.result {
        case .undecided: states[slot] = .undecided(candidate)
        case .msnp(let clientIsA): open(candidate, .msnp, clientIsA: clientIsA, slot)
        case .peer(let clientIsA, let isStart):
            open(candidate, .peer(isStart: isStart), clientIsA: clientIsA, slot)
        case .gateway(let clientIsA): open(candidate, .gateway, clientIsA: clientIsA, slot)
        case .signIn: open(candidate, .signIn, clientIsA: true, slot)
        case .proxied(let lengths): open(candidate, .proxied(lengths), clientIsA: true, slot)
        case .foreign:
            guard everything else {
                heldBytes -= candidate.aBytes.count + candidate.bBytes.count
                states[slot] = .ignored
                if !isEnd { foreign.append(candidate.connection) }
                return
            }
            open(candidate, .foreign, clientIsA: true, slot)
        }
    }

    /// Adds a classified connection to the batch, with all events held for it.
    private mutating func open(_ candidate: Candidate, _ kind: StreamBatch.Kind, clientIsA: Bool, _ slot: Int) {
        heldBytes -= candidate.aBytes.count + candidate.bBytes.count
        states[slot] = .accepted(clientIsA: clientIsA)
        let aIsStart = candidate.aStart ?? (candidate.evidence == .syn)
        let bIsStart = candidate.bStart ?? (candidate.evidence == .syn)
        batch.entries.append(
            .opened(
                StreamBatch.Opened(
                    slot: slot, time: candidate.time,
                    ends: PerSide(a: candidate.a, b: candidate.b, clientIsA: clientIsA),
                    isStart: PerSide(a: aIsStart, b: bIsStart, clientIsA: clientIsA), kind: kind,
                    file: candidate.file)))
        for (event, bytes) in candidate.events { forward(event, bytes.span, clientIsA: clientIsA) }
    }

    /// Adds an event of a classified connection to the batch.
    private mutating func forward(_ event: StreamEvent, _ bytes: Span<UInt8>, clientIsA: Bool) {
        let slot = event.connection.slot
        switch event.kind {
        case .opened: break
        case .data(let side, _):
            let start = batch.bytes.count
            batch.bytes.append(copying: bytes)
            batch.entries.append(
                .data(
                    slot: slot, side: Side(side, clientIsA: clientIsA), time: event.time,
                    range: start..<batch.bytes.count))
        case .gap(let side, _, let count):
            batch.entries.append(
                .gap(slot: slot, side: Side(side, clientIsA: clientIsA), time: event.time, count: count))
        case .finding(let finding):
            batch.entries.append(
                .finding(slot: slot, side: Side(finding.side, clientIsA: clientIsA), time: event.time, finding))
        case .closed(let reason, let a, let b):
            batch.entries.append(
                .closed(slot: slot, time: event.time, reason, PerSide(a: a, b: b, clientIsA: clientIsA)))
            states[slot] = .none
        }
    }
}

extension Side {
    fileprivate init(_ side: StreamSide, clientIsA: Bool) { self = (side == .a) == clientIsA ? .client : .server }
}

extension PerSide {
    fileprivate init(a: Value, b: Value, clientIsA: Bool) {
        self = clientIsA ? PerSide(client: a, server: b) : PerSide(client: b, server: a)
    }
}
