// What people were called, and since when.

package import Events

/// The names that accounts had, in order of time: what somebody is called in a line is the name of that time, neither an
/// older nor a later one.
package struct NameHistory: Sendable {
    /// A name, and since when it holds.
    struct Change: Sendable, Hashable {
        var time: Timestamp
        var name: String
    }

    private var changes: [String: [Change]] = [:]
    private var count = 0

    /// How many names are remembered.
    private static let most = 50_000

    /// An empty book.
    package init() {}

    /// Notes that an account is called so from a time on. Times may come in any order.
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
        // Without room the oldest one goes: no name is better than one that was given up.
        if count < Self.most { count += 1 } else { list.removeFirst() }
    }

    /// Notes all that another book has.
    package mutating func merge(_ other: NameHistory) {
        for (account, list) in other.changes {
            for change in list { note(change.name, of: account, at: change.time) }
        }
    }

    /// What an account was called at a time; nil where nothing said so until then.
    package func name(of account: String, at time: Timestamp) -> String? { change(of: account, at: time)?.name }

    func change(of account: String, at time: Timestamp) -> Change? {
        guard let list = changes[account] else { return nil }
        let place = Self.place(of: time, in: list)
        return place > 0 ? list[place - 1] : nil
    }

    /// How many changes are not later than a time.
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
