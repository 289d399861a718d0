// Limits how many findings are reported: a peer may send nothing but nonsense. That some are left out is reported too.

internal import MSNP

/// Counts findings by transfer and name, and by connection.
struct FindingLimiter: Sendable {
    private struct About: Hashable, Sendable {
        var connection: Int
        /// Nil for those that belong to no transfer.
        var transfer: TransferTable.Key?
        var name: FindingName
    }

    private struct Sum: Sendable {
        var count = 0
        /// The names of findings are few.
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

    /// What is reported: the finding itself; for the first one too many, that there are more; else nothing. A name that is
    /// new to a connection is always reported.
    mutating func next(
        _ name: FindingName, _ text: String, _ transfer: TransferTable.Key?, on connection: Int
    ) -> TransferEvent? {
        let about = About(connection: connection, transfer: transfer, name: name)
        let count = (counts[about] ?? 0) + 1
        // Behind that the number does not matter.
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
