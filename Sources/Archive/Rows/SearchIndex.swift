// Feeds the full-text index with the words of messages.

internal import GRDB

/// Writes the index `message_search`. It stores no text: its content is the table `message`. Another program's `rebuild`
/// would index the unprepared texts, which only loses words of scripts without spaces; `reindex` repairs that.
final class SearchIndex {
    private let insertion: PreparedStatement
    private let deletion: PreparedStatement
    /// The words of a message, kept for their memory.
    private var words: [UInt8] = []

    /// Empties the index.
    static let emptying = "INSERT INTO message_search (message_search) VALUES ('delete-all')"

    init(_ db: Database) throws {
        insertion = try PreparedStatement("INSERT INTO message_search (rowid, text) VALUES (?, ?)", in: db)
        deletion = try PreparedStatement(
            "INSERT INTO message_search (message_search, rowid, text) VALUES ('delete', ?, ?)", in: db)
    }

    /// Makes the index again, from all messages.
    static func rebuild(_ db: Database) throws {
        try PreparedStatement(emptying, in: db, isShared: false, free: StatementBudget.freeWithList).run()
        let select = try PreparedStatement("SELECT id, text FROM message ORDER BY id", in: db, isShared: false)
        select.longestText = ArchiveLimits.longestMessage
        let index = try SearchIndex(db)
        while try select.step() { try index.insert(select.integer(0), text: select.text(1)) }
    }

    /// Adds a message.
    ///
    /// - Parameters:
    ///   - place: the place of its text.
    ///   - bytes: what it is a place in.
    func insert(_ message: Int64, text place: Range<Int>, of bytes: [UInt8]) throws {
        insertion.bind(1, message)
        if bytes[place].allSatisfy({ $0 < 0x80 }) {
            insertion.bind(2, text: place, of: bytes)
        } else {
            words.removeAll(keepingCapacity: true)
            SearchText.append(wordsOf: bytes[place], to: &words)
            insertion.bind(2, text: words.indices, of: words)
        }
        try insertion.run()
    }

    private func insert(_ message: Int64, text: String) throws {
        let bytes = Array(text.utf8)
        try insert(message, text: bytes.indices, of: bytes)
    }

    /// Removes a message; `text` must be the text that was added.
    func delete(_ message: Int64, text: String) throws {
        deletion.bind(1, message)
        deletion.bind(2, SearchText.words(of: text))
        try deletion.run()
    }
}
