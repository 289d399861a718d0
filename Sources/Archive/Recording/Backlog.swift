// The bounded queue of events that wait to be recorded; events beyond the limit are only counted. Pure.

internal import Events
internal import MSNP

/// Events in order of arrival, and counts of lost events where there was no space.
struct Backlog {
    /// Callers wait when this many bytes wait for the disk, including the overhead of events.
    static let enough = 64 << 20
    /// The maximum memory of waiting events in bytes: a third of it is for what callers have received already when they
    /// begin to wait. A few busy connections may have 16 MiB.
    static let most = enough / 2 * 3
    /// A piece of this size in bytes receives no more events.
    static let pieceSize = 1 << 20
    /// The maximum number of connections whose losses are counted separately.
    static let mostLosses = 4_096

    /// A sequence of events, and what was lost after the last of them.
    struct Piece {
        /// When its first event arrived, on the caller's clock in nanoseconds.
        var began: Int64
        var events: [Event] = []
        var losses: [Int: Loss] = [:]
        /// The number of commands lost after `events` on connections beyond `mostLosses`, and the time of the last one.
        var further: (commands: Int, last: Timestamp)?
        var size = 0

        var hasLosses: Bool { !losses.isEmpty || further != nil }
    }

    /// What was lost on one connection.
    struct Loss {
        var opened: Event?
        var closed: Event?
        var last: Event
        var first: Timestamp
        var bytes = PerSide<UInt64>(both: 0)
        var commands = 0
    }

    /// The limit of this backlog in bytes.
    let most: Int
    private(set) var pieces: [Piece] = []
    /// The bytes that wait, including the pieces being written now.
    private(set) var size = 0
    /// The bytes that wait, without those pieces.
    private(set) var waiting = 0
    /// Whether new events are lost.
    private(set) var isLosing = false
    private var losses = 0
    /// The bytes of all events that were lost.
    private(set) var lostBytes: UInt64 = 0

    init(most: Int = Self.most) { self.most = most }

    /// The bytes at which callers wait.
    var enough: Int { most - most / 3 }

    /// Whether callers should pause. The remaining space is for events that callers which already pause still send.
    var isNearlyFull: Bool { size > enough }

    /// When the oldest waiting event arrived, not counting the pieces being written.
    var oldest: Int64? { pieces.first?.began }

    /// Adds events; those that do not fit are lost and counted.
    mutating func append(_ new: [Event], at now: Int64) {
        for var event in new {
            switch event.kind {
            // HTTP messages are derived from the noise that is recorded.
            case .notPrinted, .http: continue
            default: break
            }
            // Annotations are derived again from the bytes when needed. Only what becomes rows of transfers is kept.
            event.annotation = event.annotation.flatMap(Self.kept)
            let cost = Self.cost(of: event)
            // One long gap is more useful than many short ones.
            if isLosing { isLosing = size > most / 2 }
            if isLosing || size + cost > most { lose(event, at: now) } else { keep(event, cost, at: now) }
        }
    }

    private static func kept(_ annotation: Annotation) -> Annotation? {
        guard !annotation.transfers.isEmpty else { return nil }
        var kept = Annotation()
        kept.transfers = annotation.transfers
        return kept
    }

    /// Removes the oldest pieces, about this many bytes. They count toward `size` until `settle`.
    mutating func take(_ bytes: Int) -> [Piece] {
        var sum = 0
        let count = pieces.prefix { piece in
            defer { sum += piece.size }
            return sum < bytes
        }.count
        waiting -= pieces.prefix(count).reduce(0) { $0 + $1.size }
        defer { pieces.removeFirst(count) }
        return Array(pieces.prefix(count))
    }

    /// Releases pieces after they were written.
    mutating func settle(_ written: [Piece]) {
        for piece in written {
            size -= piece.size
            losses -= piece.losses.count
        }
    }

    private mutating func keep(_ event: Event, _ cost: Int, at now: Int64) {
        if pieces.last.map({ $0.hasLosses || $0.size >= Self.pieceSize }) ?? true { pieces.append(Piece(began: now)) }
        pieces[pieces.count - 1].events.append(event)
        pieces[pieces.count - 1].size += cost
        size += cost
        waiting += cost
    }

    private mutating func lose(_ event: Event, at now: Int64) {
        isLosing = true
        guard event.connection > 0 else { return }
        lostBytes &+= Self.bytes(of: event)
        if pieces.isEmpty { pieces.append(Piece(began: now)) }
        let place = pieces.count - 1
        if var loss = pieces[place].losses.removeValue(forKey: event.connection) {
            loss.count(event)
            pieces[place].losses[event.connection] = loss
        } else if losses < Self.mostLosses {
            losses += 1
            var loss = Loss(last: event, first: event.time)
            loss.count(event)
            pieces[place].losses[event.connection] = loss
        } else if case .frame = event.kind {
            pieces[place].further = ((pieces[place].further?.commands ?? 0) + 1, event.time)
        }
    }

    /// The bytes of the stream that an event has.
    private static func bytes(of event: Event) -> UInt64 {
        switch event.kind {
        case .frame(let frame, _): UInt64(frame.bytes.count)
        case .noise(let noise, _): UInt64(noise.bytes.count)
        default: 0
        }
    }

    /// The estimated memory of an event in bytes, rather too high than too low: its slot in an array that may have
    /// twice the needed capacity, and the memory that it refers to.
    private static func cost(of event: Event) -> Int {
        let allocation = 48
        let own = MemoryLayout<Event>.stride * 2 + allocation
        switch event.kind {
        case .frame(let frame, _): return own + frame.bytes.count
        case .noise(let noise, _): return own + noise.bytes.count
        case .message(let message):
            let people = message.to.reduce(message.from.utf8.count) { $0 + $1.utf8.count + allocation }
            return own + message.bytes.count + people + allocation * 3
        case .rewritten(let rewriting):
            return own + rewriting.original.bytes.count + rewriting.sent.bytes.count + allocation * 4
        case .finding(let finding): return own + finding.text.utf8.count + allocation
        case .tunnel(let tunnel): return own + tunnel.text.utf8.count + allocation * 2
        case .closed(_, _, let client, let server):
            let verbs = (client.verbs.count + server.verbs.count) * 2 * MemoryLayout<(Verb, Int)>.stride
            let holes = (client.gaps.count + server.gaps.count) * MemoryLayout<Tally.Hole>.stride
            return own + verbs + holes + allocation * 10
        case .opened, .listening: return own + allocation * 2
        case .gap, .notPrinted, .http: return own
        }
    }
}

extension Backlog.Loss {
    /// Counts a lost event.
    fileprivate mutating func count(_ event: Event) {
        switch event.kind {
        case .opened: opened = event
        case .closed: closed = event
        case .frame(let frame, let side):
            commands += 1
            add(UInt64(frame.bytes.count), side)
        case .noise(let noise, let side): add(UInt64(noise.bytes.count), side)
        case .gap(let bytes, _, let side): add(bytes, side)
        case .listening, .rewritten, .finding, .tunnel, .message, .http, .notPrinted: break
        }
        last = event
        last.kind = .finding(Finding(.notRecorded, ""))
    }

    private mutating func add(_ bytes: UInt64, _ side: Side) {
        self.bytes[side] &+= bytes
    }

    /// The events to write in place of the lost ones: gaps of the right length and a finding with the reason.
    var events: [Event] {
        var result = opened.map { [$0] } ?? []
        func add(_ kind: Event.Kind) {
            var event = last
            event.kind = kind
            result.append(event)
        }
        for side in Side.allCases where bytes[side] > 0 { add(.gap(bytes: bytes[side], offset: 0, from: side)) }
        add(
            .finding(
                Finding(
                    .notRecorded,
                    "The archive could not be written: \(commands) commands, \(bytes.client) bytes of the client and "
                        + "\(bytes.server) bytes of the server, from \(first.rfc3339) to \(last.time.rfc3339), were forwarded "
                        + "but not recorded.")))
        if let closed { result.append(closed) }
        return result
    }
}

extension Backlog.Piece {
    /// The events to write for the losses after `events`.
    var holes: [Event] {
        var result = losses.keys.sorted().flatMap { losses[$0]?.events ?? [] }
        if let further {
            let text =
                "The archive could not be written: \(further.commands) commands on further connections were forwarded but "
                + "not recorded."
            result.append(
                Event(time: further.last, connection: 0, kind: .finding(Finding(.notRecorded, text))))
        }
        return result
    }
}
