// The display names of accounts over time.

package import Events

/// The display names of accounts, in order of time. An entry shows the name that was current at its time.
package struct NameHistory: Sendable {
    /// A name and the time from which it holds.
    struct Change: Sendable, Hashable {
        var time: Timestamp
        var name: String
    }

    private var changes: [String: [Change]] = [:]
    private var count = 0

    /// The largest number of changes kept, over all accounts.
    private static let most = 50_000

    package init() {}

    /// Notes that an account has this name from a time on. Times may come in any order.
    package mutating func note(_ name: String, of account: String, at time: Timestamp) {
        guard !name.isEmpty, !account.isEmpty else { return }
        guard var list = changes.removeValue(forKey: account) else {
            guard count < Self.most else { return }
            count += 1
            changes[account] = [Change(time: time, name: name)]
            return
        }
        defer { changes[account] = list }
        let place = Self.place(of: time, in: list)
        if place > 0, list[place - 1].name == name { return }
        if place < list.count, list[place].name == name {
            list[place].time = time
            return
        }
        list.insert(Change(time: time, name: name), at: place)
        // At the limit the account's oldest name is removed: no name is better than an outdated one.
        if count < Self.most { count += 1 } else { list.removeFirst() }
    }

    /// Adds all changes of another history.
    package mutating func merge(_ other: NameHistory) {
        for (account, list) in other.changes {
            for change in list { note(change.name, of: account, at: change.time) }
        }
    }

    /// The name of an account at a time; nil if none is known up to then.
    package func name(of account: String, at time: Timestamp) -> String? { change(of: account, at: time)?.name }

    /// All names that an account had, in order of time.
    package func names(of account: String) -> [String] { changes[account]?.map(\.name) ?? [] }

    func change(of account: String, at time: Timestamp) -> Change? {
        guard let list = changes[account] else { return nil }
        let place = Self.place(of: time, in: list)
        return place > 0 ? list[place - 1] : nil
    }

    /// The number of changes up to and including a time.
    private static func place(of time: Timestamp, in list: [Change]) -> Int {
        if let last = list.last, last.time <= time { return list.count }
        var low = 0
        var high = list.count
        while low < high {
            let middle = (low + high) / 2
            if list[middle].time <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
