// Entries that wait until it is known what became of the messages in them.

internal import Events

/// A queue of entries: what is said keeps its order, and nothing comes out before its answer is known, or given up.
struct PendingEntries: Sendable {
    private var waiting: [Waiting] = []
    /// How many of them still wait for something.
    private var open = 0
    private var doubts = 0

    /// How much waits, as `size` counts it.
    private var size = 0

    /// How many entries wait for an answer to an earlier one. Servers answer within seconds.
    private static let mostWaiting = 2_000
    /// How many bytes they may hold.
    private static let mostBytes = 8 << 20
    /// What an entry holds beside what was said.
    private static let overhead = 512

    /// A message's number on its sender's connection, and which answers its sender asked for.
    struct Request: Sendable {
        var connection: Int
        var transaction: UInt32
        var asks: Asks

        /// Which answers a sender can ask for.
        enum Asks: Sendable { case nothing, badNews, everything }

        /// A message on the notification connection: errors answer it, and nothing else does.
        init(_ transaction: UInt32, on connection: Int) {
            self.connection = connection
            self.transaction = transaction
            asks = .badNews
        }

        /// A message with its letter: `U` asks for nothing, `N` for NAK, `A` and `D` for both, `S` for ACK (commands.tsv, MSG).
        init(_ transaction: UInt32, on connection: Int, letter: UInt8?) {
            self.connection = connection
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
        var request: Request?
        /// The number by which another connection that tells the same finds it; for so long it waits.
        var doubt: Int?
        var size: Int
        var isOpen: Bool { request != nil || doubt != nil }
    }

    /// Adds an entry behind the others.
    ///
    /// - Parameters:
    ///   - doubt: a number by which to find it, where another connection may tell the same.
    ///   - bytes: how long the message was.
    mutating func add(_ entry: ChatEntry, _ request: Request?, doubt: Int? = nil, bytes: Int = 0) {
        let request = request?.asks == .nothing ? nil : request
        let cost = Self.overhead + entry.account.utf8.count + entry.name.utf8.count + bytes
        size += cost
        waiting.append(Waiting(entry: entry, request: request, doubt: doubt, size: cost))
        if request != nil || doubt != nil { open += 1 }
        if doubt != nil { doubts += 1 }
    }

    /// Notes that another connection told the same, if it still waits: its sender's has the answers.
    mutating func confirm(doubt: Int, _ request: Request?) {
        guard doubts > 0, let index = waiting.firstIndex(where: { $0.doubt == doubt }) else { return }
        if let request, request.asks != .nothing, waiting[index].request == nil { waiting[index].request = request }
        trust(index)
    }

    /// Takes an entry away that was in doubt, if it still waits.
    mutating func drop(doubt: Int) {
        guard doubts > 0, let index = waiting.firstIndex(where: { $0.doubt == doubt }) else { return }
        size -= waiting.remove(at: index).size
        doubts -= 1
        open -= 1
    }

    /// Ends the doubt of what is so old that no other connection will tell it.
    mutating func trust(now: Timestamp) {
        guard doubts > 0 else { return }
        for index in waiting.indices where waiting[index].entry.time < now && !waiting[index].entry.time.isNear(now) {
            trust(index)
        }
    }

    private mutating func trust(_ index: Int) {
        guard waiting[index].doubt != nil else { return }
        waiting[index].doubt = nil
        doubts -= 1
        if !waiting[index].isOpen { open -= 1 }
    }

    /// Notes an answer; one to nothing that waits changes nothing.
    mutating func answer(_ connection: Int, _ transaction: UInt32, isRefusal: Bool) {
        guard open > 0,
            let index = waiting.firstIndex(where: {
                $0.request?.connection == connection && $0.request?.transaction == transaction
            })
        else { return }
        settle(index, isRefusal ? .refused : .acknowledged)
    }

    /// Notes that nothing more comes on a connection.
    mutating func settle(connection: Int) {
        guard open > 0 else { return }
        for index in waiting.indices where waiting[index].request?.connection == connection { settle(index, nil) }
    }

    private mutating func settle(_ index: Int, _ answer: ChatEntry.Delivery?) {
        guard let request = waiting[index].request else { return }
        let delivery = answer ?? (request.asks == .everything ? .unanswered : .notAsked)
        switch waiting[index].entry.what {
        case .text(let text, _): waiting[index].entry.what = .text(text, delivery)
        case .annotation(let body, _): waiting[index].entry.what = .annotation(body, delivery)
        default: break
        }
        waiting[index].request = nil
        if !waiting[index].isOpen { open -= 1 }
    }

    /// Gives out what waits for nothing any more; what waited too long is given up.
    mutating func flush(_ emit: (ChatEntry) -> Void) {
        if waiting.count > Self.mostWaiting || size > Self.mostBytes {
            var (count, bytes) = (waiting.count, size)
            for index in waiting.indices where count > Self.mostWaiting / 2 || bytes > Self.mostBytes / 2 {
                settle(index, nil)
                trust(index)
                count -= 1
                bytes -= waiting[index].size
            }
        }
        let ready = open == 0 ? waiting.count : waiting.firstIndex { $0.isOpen } ?? waiting.count
        guard ready > 0 else { return }
        for item in waiting[..<ready] {
            size -= item.size
            emit(item.entry)
        }
        waiting.removeFirst(ready)
    }

    /// Gives out everything.
    mutating func finish(_ emit: (ChatEntry) -> Void) {
        for index in waiting.indices {
            settle(index, nil)
            trust(index)
        }
        flush(emit)
    }
}
