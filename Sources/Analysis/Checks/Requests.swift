// Which request a reply belongs to, by the transaction identifier.

internal import MSNP

/// The requests of one connection's client that replies may still come to.
struct Requests: Sendable {
    private struct Request: Sendable {
        var transaction: UInt32
        var verb: Verb
        var time: Int64
        var isAnswered = false
    }

    private var ring: [Request] = []
    private var next = 0
    /// Whether every request was seen so far.
    private var isComplete: Bool
    /// Whether older requests are forgotten.
    private var hasForgotten = false
    private var highest: UInt32 = 0

    /// How many requests are remembered: clients have a few open, lists of replies to old ones come in time.
    private static let most = 256

    /// No request yet.
    ///
    /// - Parameter isComplete: whether the connection was heard from its first byte.
    init(isComplete: Bool) { self.isComplete = isComplete }

    /// Says that requests may have been missed.
    mutating func miss() { isComplete = false }

    /// Notes a request.
    ///
    /// - Returns: whether the identifier was used before, by a request that is remembered.
    mutating func note(_ verb: Verb, _ transaction: UInt32, at time: Int64) -> Bool {
        // A client that says its version again may begin to count again.
        if verb == "VER", !ring.isEmpty {
            ring = []
            next = 0
            highest = 0
            miss()
        }
        let isRepeated = transaction > 0 && transaction <= highest && find(transaction) != nil
        highest = max(highest, transaction)
        let request = Request(transaction: transaction, verb: verb, time: time)
        if ring.count < Self.most {
            ring.append(request)
            next = ring.count % Self.most
        } else {
            ring[next] = request
            next = (next + 1) % Self.most
            hasForgotten = true
        }
        return isRepeated
    }

    /// The request that a reply belongs to, the newest if there are several with this identifier.
    ///
    /// Servers say 0 of what nobody asked for. Some clients begin to count there: to their request the first reply belongs
    /// that has its verb, or is an error.
    mutating func answer(_ verb: Verb, _ transaction: UInt32) -> (verb: Verb, time: Int64)? {
        guard let index = find(transaction) else { return nil }
        if transaction == 0 {
            guard ring[index].verb == verb || verb.isError, !ring[index].isAnswered else { return nil }
        }
        ring[index].isAnswered = true
        return (ring[index].verb, ring[index].time)
    }

    /// Whether it is sure that no request had this identifier.
    func isUnheardOf(_ transaction: UInt32) -> Bool {
        guard transaction > 0, isComplete, !hasForgotten || transaction > highest else { return false }
        return find(transaction) == nil
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
