// What people are called in a conversation while it is read.

internal import Events

/// What the conversation itself said last, and what was said elsewhere: the later of the two holds.
struct CurrentNames: Sendable {
    private let book: NameHistory
    private var last: [String: NameHistory.Change] = [:]

    init(_ book: NameHistory) { self.book = book }

    /// Notes that the conversation calls somebody so from now on.
    mutating func note(_ name: String, of account: String, at time: Timestamp) {
        guard !name.isEmpty else { return }
        last[account] = NameHistory.Change(time: time, name: name)
    }

    /// What somebody is called at a time; nil where nothing said so until then.
    func name(of account: String, at time: Timestamp) -> String? {
        let elsewhere = book.change(of: account, at: time)
        guard let here = last[account], here.time <= time else { return elsewhere?.name }
        return elsewhere.flatMap { $0.time > here.time ? $0.name : nil } ?? here.name
    }
}
