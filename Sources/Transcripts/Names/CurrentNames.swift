// The current display names of a conversation's participants, while it is read.

internal import Events

/// Combines the names sent in the conversation with the name history of all connections: the later one holds.
struct CurrentNames: Sendable {
    private let history: NameHistory
    private var last: [String: NameHistory.Change] = [:]

    init(_ history: NameHistory) { self.history = history }

    /// Notes that the conversation shows this name for an account from now on.
    mutating func note(_ name: String, of account: String, at time: Timestamp) {
        guard !name.isEmpty else { return }
        last[account] = NameHistory.Change(time: time, name: name)
    }

    /// The name of an account at a time; nil if none is known up to then.
    func name(of account: String, at time: Timestamp) -> String? {
        let elsewhere = history.change(of: account, at: time)
        guard let here = last[account], here.time <= time else { return elsewhere?.name }
        return elsewhere.flatMap { $0.time > here.time ? $0.name : nil } ?? here.name
    }
}
