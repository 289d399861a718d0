// Which request a reply belongs to, by the transaction identifier.

internal import MSNP

/// The requests of one connection's client that replies may still come to.
struct Requests: Sendable {
    private struct Request: Sendable {
        var transaction: UInt32
        var verb: Verb
        var time: Int64
    }

    private var ring: [Request] = []
    private var next = 0
    /// Requests before this one are forgotten, or were never seen.
    private var isComplete: Bool
    private var highest: UInt32 = 0
    /// Whether a request was missed that may have a higher identifier than those that are known.
    private var mayBeHigher = false

    /// How many requests are remembered: clients have a few open, lists of replies to old ones come in time.
    private static let most = 256

    /// No request yet.
    ///
    /// - Parameter isComplete: whether the connection was heard from its first byte.
    init(isComplete: Bool) { self.isComplete = isComplete }

    /// Says that requests may have been missed.
    mutating func miss() {
        isComplete = false
        mayBeHigher = true
    }

    /// Notes a request.
    ///
    /// - Returns: whether the identifier was used before, by a request that is remembered.
    mutating func note(_ verb: Verb, _ transaction: UInt32, at time: Int64) -> Bool {
        let isRepeated = transaction > 0 && transaction <= highest && find(transaction) != nil
        highest = max(highest, transaction)
        mayBeHigher = false
        let request = Request(transaction: transaction, verb: verb, time: time)
        if ring.count < Self.most {
            ring.append(request)
            next = ring.count % Self.most
        } else {
            ring[next] = request
            next = (next + 1) % Self.most
            isComplete = false
        }
        return isRepeated
    }

    /// The request with this identifier, the newest if there are several.
    func request(_ transaction: UInt32) -> (verb: Verb, time: Int64)? {
        find(transaction).map { (ring[$0].verb, ring[$0].time) }
    }

    /// Whether it is sure that no request had this identifier.
    func isUnheardOf(_ transaction: UInt32) -> Bool {
        guard transaction > 0, !mayBeHigher else { return false }
        return (isComplete || transaction > highest && highest > 0) && find(transaction) == nil
    }

    private func find(_ transaction: UInt32) -> Int? {
        var index = next
        for _ in 0..<ring.count {
            index = index == 0 ? ring.count - 1 : index - 1
            if ring[index].transaction == transaction { return index }
        }
        return nil
    }
}
