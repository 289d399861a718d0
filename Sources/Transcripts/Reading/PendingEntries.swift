// Holds entries back, in order, until the outcome of their messages is known.

internal import Events

/// A queue of entries. It keeps their order, and emits an entry only when it needs no more answers, or was given up.
struct PendingEntries: Sendable {
    private var waiting: [Waiting] = []
    private var unconfirmedCount = 0
    /// The connections on which a message was acknowledged: only there a missing acknowledgement means something.
    private var acknowledging: Set<Int> = []

    /// The cost of all entries, in bytes.
    private var size = 0

    /// The largest number of entries that wait behind an open one. Servers answer within seconds.
    private static let mostWaiting = 2_000
    /// The largest cost of all entries, in bytes.
    private static let mostBytes = 8 << 20
    /// The cost of an entry besides its text, in bytes.
    private static let overhead = 512

    /// The transaction identifier of a message on its sender's connection, and the answers that the sender requested.
    struct Request: Sendable {
        var connection: Int
        var transaction: UInt32
        var asks: Asks

        /// The answers that a sender can request.
        enum Asks: Sendable { case nothing, failures, everything }

        /// A message on the notification connection: the server answers only with errors.
        init(_ transaction: UInt32, on connection: Int) {
            self.connection = connection
            self.transaction = transaction
            asks = .failures
        }

        /// A switchboard message with its acknowledgement type: `U` requests no answer, `N` requests NAK, `A` and `D`
        /// request both, `S` requests ACK (commands.tsv, MSG).
        init(_ transaction: UInt32, on connection: Int, acknowledgement: UInt8?) {
            self.connection = connection
            self.transaction = transaction
            switch acknowledgement {
            case UInt8(ascii: "A"), UInt8(ascii: "D"): asks = .everything
            case UInt8(ascii: "N"), UInt8(ascii: "S"): asks = .failures
            default: asks = .nothing
            }
        }
    }

    private struct Waiting: Sendable {
        var entry: ChatEntry
        var request: Request?
        /// The identifier under which another connection may confirm or replace the entry; nil when it need not wait.
        var unconfirmedID: Int?
        var size: Int
        var isOpen: Bool { request != nil || unconfirmedID != nil }
    }

    /// Appends an entry.
    ///
    /// - Parameters:
    ///   - unconfirmedID: the entry's identifier if another connection may show the same message.
    ///   - bytes: the length of the message.
    mutating func add(_ entry: ChatEntry, _ request: Request?, unconfirmedID: Int? = nil, bytes: Int = 0) {
        let request = request?.asks == .nothing ? nil : request
        let cost = Self.overhead + entry.account.utf8.count + entry.name.utf8.count + bytes
        size += cost
        waiting.append(Waiting(entry: entry, request: request, unconfirmedID: unconfirmedID, size: cost))
        if unconfirmedID != nil { unconfirmedCount += 1 }
    }

    /// Confirms a waiting entry: another connection shows the same message.
    ///
    /// - Parameter request: set if that connection is the sender's, which receives the answers.
    mutating func confirm(unconfirmedID: Int, _ request: Request?) {
        guard unconfirmedCount > 0, let index = waiting.firstIndex(where: { $0.unconfirmedID == unconfirmedID }) else {
            return
        }
        if let request, request.asks != .nothing, waiting[index].request == nil { waiting[index].request = request }
        markConfirmed(index)
    }

    /// Removes an unconfirmed entry if it still waits.
    mutating func drop(unconfirmedID: Int) {
        guard unconfirmedCount > 0, let index = waiting.firstIndex(where: { $0.unconfirmedID == unconfirmedID }) else {
            return
        }
        size -= waiting.remove(at: index).size
        unconfirmedCount -= 1
    }

    /// Confirms all entries so old that no other connection will show them any more.
    mutating func confirmExpired(now: Timestamp) {
        guard unconfirmedCount > 0 else { return }
        for index in waiting.indices where waiting[index].entry.time < now && !waiting[index].entry.time.isNear(now) {
            markConfirmed(index)
        }
    }

    private mutating func markConfirmed(_ index: Int) {
        guard waiting[index].unconfirmedID != nil else { return }
        waiting[index].unconfirmedID = nil
        unconfirmedCount -= 1
    }

    /// Applies an answer to the entry with this transaction identifier, if it still waits.
    mutating func answer(_ connection: Int, _ transaction: UInt32, isRefusal: Bool) {
        guard
            let index = waiting.firstIndex(where: {
                $0.request?.connection == connection && $0.request?.transaction == transaction
            })
        else { return }
        if !isRefusal { acknowledging.insert(connection) }
        settle(index, isRefusal ? .refused : .acknowledged)
    }

    /// Stops waiting for answers on a connection that has ended.
    mutating func settle(connection: Int) {
        for index in waiting.indices where waiting[index].request?.connection == connection { settle(index, nil) }
        acknowledging.remove(connection)
    }

    private mutating func settle(_ index: Int, _ answer: ChatEntry.Delivery?) {
        guard let request = waiting[index].request else { return }
        let isMissing = request.asks == .everything && acknowledging.contains(request.connection)
        let delivery = answer ?? (isMissing ? .unanswered : .notAsked)
        switch waiting[index].entry.what {
        case .text(let text, _): waiting[index].entry.what = .text(text, delivery)
        case .annotation(let body, _): waiting[index].entry.what = .annotation(body, delivery)
        default: break
        }
        waiting[index].request = nil
    }

    /// Emits the entries in front of the first open one. If too many wait, gives up on the oldest half first.
    mutating func flush(_ emit: (ChatEntry) -> Void) {
        if waiting.count > Self.mostWaiting || size > Self.mostBytes {
            var (count, bytes) = (waiting.count, size)
            for index in waiting.indices where count > Self.mostWaiting / 2 || bytes > Self.mostBytes / 2 {
                settle(index, nil)
                markConfirmed(index)
                count -= 1
                bytes -= waiting[index].size
            }
        }
        let ready = waiting.firstIndex { $0.isOpen } ?? waiting.count
        guard ready > 0 else { return }
        for item in waiting[..<ready] {
            size -= item.size
            emit(item.entry)
        }
        waiting.removeFirst(ready)
    }

    /// Emits all entries.
    mutating func finish(_ emit: (ChatEntry) -> Void) {
        for index in waiting.indices {
            settle(index, nil)
            markConfirmed(index)
        }
        flush(emit)
    }
}
