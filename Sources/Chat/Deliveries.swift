// Entries that wait until it is known what became of the messages in them.

/// A queue of entries: what is said keeps its order, and nothing comes out before its answer is known, or given up.
struct Deliveries: Sendable {
    private var waiting: [Waiting] = []
    /// How many of them still wait for an answer.
    private var unanswered = 0

    /// How many entries wait for an answer to an earlier one. Servers answer within seconds.
    private static let mostWaiting = 2_000

    /// A message's number, and which answers its sender asked for.
    struct Request: Sendable {
        var transaction: UInt32
        var asks: Asks

        /// Which answers a sender can ask for.
        enum Asks: Sendable { case nothing, badNews, everything }

        /// A message on the notification connection: errors answer it, and nothing else does.
        init(_ transaction: UInt32) {
            self.transaction = transaction
            asks = .badNews
        }

        /// A message with its letter: `U` asks for nothing, `N` for NAK, `A` and `D` for both, `S` for ACK (commands.tsv, MSG).
        init(_ transaction: UInt32, letter: UInt8?) {
            self.transaction = transaction
            switch letter {
            case UInt8(ascii: "A"), UInt8(ascii: "D"): asks = .everything
            case UInt8(ascii: "N"), UInt8(ascii: "S"): asks = .badNews
            default: asks = .nothing
            }
        }
    }

    private struct Waiting: Sendable {
        var entry: ChatEntry
        var connection: Int
        var request: Request?
        var isOpen: Bool { request != nil }
    }

    /// Adds an entry behind the others.
    mutating func add(_ entry: ChatEntry, _ connection: Int, _ request: Request?) {
        let request = request?.asks == .nothing ? nil : request
        waiting.append(Waiting(entry: entry, connection: connection, request: request))
        if request != nil { unanswered += 1 }
    }

    /// Notes an answer; one to nothing that waits changes nothing.
    mutating func answer(_ connection: Int, _ transaction: UInt32, isRefusal: Bool) {
        guard unanswered > 0,
            let index = waiting.firstIndex(where: {
                $0.connection == connection && $0.request?.transaction == transaction
            })
        else { return }
        settle(index, isRefusal ? .refused : .acknowledged)
    }

    /// Notes that nothing more comes on a connection.
    mutating func settle(connection: Int) {
        guard unanswered > 0 else { return }
        for index in waiting.indices where waiting[index].connection == connection { settle(index, nil) }
    }

    private mutating func settle(_ index: Int, _ answer: ChatEntry.Delivery?) {
        guard let request = waiting[index].request else { return }
        let delivery = answer ?? (request.asks == .everything ? .unanswered : .notAsked)
        switch waiting[index].entry.what {
        case .text(let text, _): waiting[index].entry.what = .text(text, delivery)
        case .remark(let body, _): waiting[index].entry.what = .remark(body, delivery)
        default: break
        }
        waiting[index].request = nil
        unanswered -= 1
    }

    /// Gives out what waits for nothing any more; what waited too long is given up.
    mutating func flush(_ emit: (ChatEntry) -> Void) {
        if waiting.count > Self.mostWaiting {
            for index in 0..<(waiting.count - Self.mostWaiting / 2) { settle(index, nil) }
        }
        let ready = unanswered == 0 ? waiting.count : waiting.firstIndex { $0.isOpen } ?? waiting.count
        guard ready > 0 else { return }
        for item in waiting[..<ready] { emit(item.entry) }
        waiting.removeFirst(ready)
    }

    /// Gives out everything.
    mutating func finish(_ emit: (ChatEntry) -> Void) {
        for index in waiting.indices { settle(index, nil) }
        flush(emit)
    }
}
