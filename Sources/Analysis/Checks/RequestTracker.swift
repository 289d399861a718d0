// Matches replies to requests by transaction identifier.

internal import MSNP

/// The recent requests of one connection's client.
struct RequestTracker: Sendable {
    private struct Request: Sendable {
        var transaction: UInt32
        var verb: Verb
        var time: Int64
        var isAnswered = false
    }

    private var ring: [Request] = []
    private var next = 0
    /// Whether all requests of the connection so far were seen.
    private var isComplete: Bool
    /// Whether older requests were overwritten.
    private var hasOverwritten = false
    private var highest: UInt32 = 0

    /// The maximum number of requests kept. Clients have few open requests, and replies arrive soon after.
    private static let capacity = 256

    /// Creates a tracker without requests.
    ///
    /// - Parameter isComplete: whether the connection is observed from its first byte.
    init(isComplete: Bool) { self.isComplete = isComplete }

    /// Marks that requests may be missing.
    mutating func markIncomplete() { isComplete = false }

    /// Records a request.
    ///
    /// - Parameter time: nanoseconds since 1970.
    /// - Returns: whether an earlier request that is still kept has the same identifier.
    mutating func record(_ verb: Verb, _ transaction: UInt32, at time: Int64) -> Bool {
        // A client that sends VER again may restart its identifiers.
        if verb == "VER", !ring.isEmpty {
            ring = []
            next = 0
            highest = 0
            markIncomplete()
        }
        let isRepeated = transaction > 0 && transaction <= highest && find(transaction) != nil
        highest = max(highest, transaction)
        let request = Request(transaction: transaction, verb: verb, time: time)
        if ring.count < Self.capacity {
            ring.append(request)
            next = ring.count % Self.capacity
        } else {
            ring[next] = request
            next = (next + 1) % Self.capacity
            hasOverwritten = true
        }
        return isRepeated
    }

    /// The request that a reply answers: the newest with this identifier.
    ///
    /// Servers use identifier 0 for unsolicited commands, and some clients use it for their first request. Such a
    /// request matches only the first reply that has its verb or is an error.
    mutating func request(answeredBy verb: Verb, _ transaction: UInt32) -> (verb: Verb, time: Int64)? {
        guard let index = find(transaction) else { return nil }
        if transaction == 0 {
            guard ring[index].verb == verb || verb.isError, !ring[index].isAnswered else { return nil }
        }
        ring[index].isAnswered = true
        return (ring[index].verb, ring[index].time)
    }

    /// Whether certainly no request had this identifier.
    func isCertainlyUnused(_ transaction: UInt32) -> Bool {
        guard transaction > 0, isComplete, !hasOverwritten || transaction > highest else { return false }
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
