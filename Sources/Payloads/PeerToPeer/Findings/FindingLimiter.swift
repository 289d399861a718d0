// Limits the number of findings, because a peer may send only invalid data. Reaching a limit is reported as well.

internal import MSNP

/// Counts findings per transfer and name, and per connection.
struct FindingLimiter: Sendable {
    private struct Subject: Hashable, Sendable {
        var connection: Int
        /// Nil for findings that concern no transfer.
        var transfer: TransferTable.Key?
        var name: FindingName
    }

    private struct Total: Sendable {
        var count = 0
        /// The number of different names is small.
        var names: Set<FindingName> = []
        var hasReportedLimit = false
    }

    private var counts: BoundedDictionary<Subject, Int>
    private var totals: BoundedDictionary<Int, Total>
    private let mostPerName: Int
    private let mostPerConnection: Int

    init(_ limits: TransferLimits) {
        counts = BoundedDictionary(most: limits.remembered)
        totals = BoundedDictionary(most: limits.remembered)
        mostPerName = limits.findingsOfOneName
        mostPerConnection = limits.findings
    }

    /// The finding; for the first one beyond a limit, a finding that reports this; then nil. The first finding of each
    /// name on a connection is always reported.
    mutating func next(
        _ name: FindingName, _ text: String, _ transfer: TransferTable.Key?, on connection: Int
    ) -> TransferEvent? {
        let subject = Subject(connection: connection, transfer: transfer, name: name)
        let count = (counts[subject] ?? 0) + 1
        // The exact count is needed only up to here.
        if count <= mostPerName + 1 { counts.set(count, for: subject) }
        guard count <= mostPerName + 1 else { return nil }
        var total = totals[connection] ?? Total()
        let isNew = total.names.insert(name).inserted
        total.count += 1
        defer { totals.set(total, for: connection) }
        if total.count > mostPerConnection, !isNew {
            guard !total.hasReportedLimit else { return nil }
            total.hasReportedLimit = true
            let text =
                "More than \(mostPerConnection) findings on transfers over this connection: further ones are reported only"
                + " if their name is new."
            return .finding(name: .p2pLimit, text: text)
        }
        guard count > mostPerName else { return .finding(name: name, text: text) }
        let what = transfer == nil ? "this connection" : "this transfer"
        return .finding(name: name, text: "There are more findings of this kind on \(what): they are left out.")
    }
}
