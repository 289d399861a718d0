// Limits the number of findings, because a peer may send only invalid data. Reaching a limit is reported as well.

internal import MSNP

/// Counts findings per transfer and name, and per connection.
struct FindingLimiter: Sendable {
    private struct About: Hashable, Sendable {
        var connection: Int
        /// Nil for findings that concern no transfer.
        var transfer: TransferTable.Key?
        var name: FindingName
    }

    private struct Sum: Sendable {
        var count = 0
        /// The number of different names is small.
        var names: Set<FindingName> = []
        var saysThereAreMore = false
    }

    private var counts: BoundedDictionary<About, Int>
    private var sums: BoundedDictionary<Int, Sum>
    private let mostOfOneName: Int
    private let mostOfOneConnection: Int

    init(_ limits: TransferLimits) {
        counts = BoundedDictionary(most: limits.remembered)
        sums = BoundedDictionary(most: limits.remembered)
        mostOfOneName = limits.findingsOfOneName
        mostOfOneConnection = limits.findings
    }

    /// The finding; for the first one beyond a limit, a finding that reports this; then nil. The first finding of each
    /// name on a connection is always reported.
    mutating func next(
        _ name: FindingName, _ text: String, _ transfer: TransferTable.Key?, on connection: Int
    ) -> TransferEvent? {
        let about = About(connection: connection, transfer: transfer, name: name)
        let count = (counts[about] ?? 0) + 1
        // The exact count is needed only up to here.
        if count <= mostOfOneName + 1 { counts.set(count, for: about) }
        guard count <= mostOfOneName + 1 else { return nil }
        var sum = sums[connection] ?? Sum()
        let isNew = sum.names.insert(name).inserted
        sum.count += 1
        defer { sums.set(sum, for: connection) }
        if sum.count > mostOfOneConnection, !isNew {
            guard !sum.saysThereAreMore else { return nil }
            sum.saysThereAreMore = true
            let text =
                "There are more than \(mostOfOneConnection) findings on what this connection carries: further ones are"
                + " told only where their name is new."
            return .finding(name: .p2pLimit, text: text)
        }
        guard count > mostOfOneName else { return .finding(name: name, text: text) }
        let what = transfer == nil ? "this connection" : "this transfer"
        return .finding(name: name, text: "There is more of this on \(what) than is told: further ones are left out.")
    }
}
