// Recognises messages that several clients' connections of one switchboard session repeat.

internal import Events
internal import MSNP

/// Remembers the messages that the connections of a session have shown, so that each is emitted once.
///
/// A connection may show a message earlier or later than another. A connection that lost bytes may show it much later
/// in the recording, but with the time at which it was sent.
struct DuplicateMessageFilter: Sendable {
    /// The result for a complete message.
    enum Verdict: Sendable, Equatable {
        /// No other connection has shown it yet; its identifier for later repetitions.
        case new(Int)
        /// Another connection has shown it; its identifier.
        case known(Int)
    }

    /// A message as one connection shows it.
    struct Message: Sendable {
        var payload: ByteSlice
        var sender: String
        var time: Timestamp
        var connection: Int
        /// The switchboard session: the same payload in another session is another message.
        var session: Int
    }

    /// A message that was emitted.
    private struct Known: Sendable {
        var time: Timestamp
        var sender: String
        var session: Int
        /// The connections that have shown it.
        var connections: Set<Int>
        var id: Int
    }

    /// A multipart message, or the parts of it that one connection recorded.
    struct MultipartMessage: Sendable {
        var time: Timestamp
        var sender: String
        var connection: Int
        var text: String
        /// The identifier of the unconfirmed entry; nil for a complete message.
        var unconfirmedID: Int?

        /// Whether this is the complete form of a message that another connection recorded in part. Each gap in the
        /// partial text is an ellipsis.
        func isComplete(of part: MultipartMessage) -> Bool {
            connection != part.connection && DuplicateMessageFilter.isSame(sender, part.sender)
                && time.isNear(part.time)
                && part.text.split(separator: "…").allSatisfy { text.contains($0) }
        }
    }

    /// The latest messages, by payload, and the generation before them.
    private var recent: [ByteSlice: [Known]] = [:]
    private var older: [ByteSlice: [Known]] = [:]
    private var count = 0
    private var lastID = 0
    private var partial: [MultipartMessage] = []
    private var complete: [MultipartMessage] = []

    private static let mostKnown = 5_000
    private static let mostMultipart = 50

    /// Adds a message and returns whether another connection has shown it.
    mutating func add(_ message: Message) -> Verdict {
        if let id = Self.find(message, in: &recent) ?? Self.find(message, in: &older) { return .known(id) }
        if count >= Self.mostKnown {
            older = recent
            recent = [:]
            count = 0
        }
        count += 1
        let id = nextID()
        recent[message.payload, default: []].append(
            Known(
                time: message.time, sender: message.sender, session: message.session,
                connections: [message.connection], id: id))
        return .new(id)
    }

    /// Adds the recorded part of a message.
    ///
    /// - Returns: the identifier for its unconfirmed entry; nil if another connection has the complete message.
    mutating func add(partial message: MultipartMessage) -> Int? {
        if complete.contains(where: { $0.isComplete(of: message) }) { return nil }
        var message = message
        let id = nextID()
        message.unconfirmedID = id
        if partial.count >= Self.mostMultipart { partial.removeFirst() }
        partial.append(message)
        return id
    }

    /// Adds a complete multipart message.
    ///
    /// - Returns: the identifiers of the unconfirmed entries that show only a part of it.
    mutating func add(complete message: MultipartMessage) -> [Int] {
        if complete.count >= Self.mostMultipart { complete.removeFirst() }
        complete.append(message)
        let found = partial.filter { message.isComplete(of: $0) }.compactMap(\.unconfirmedID)
        partial.removeAll { message.isComplete(of: $0) }
        return found
    }

    private mutating func nextID() -> Int {
        lastID += 1
        return lastID
    }

    private static func find(_ message: Message, in all: inout [ByteSlice: [Known]]) -> Int? {
        guard
            let index = all[message.payload]?.firstIndex(where: {
                $0.session == message.session && isSame($0.sender, message.sender) && $0.time.isNear(message.time)
                    && !$0.connections.contains(message.connection)
            })
        else { return nil }
        all[message.payload]?[index].connections.insert(message.connection)
        return all[message.payload]?[index].id
    }

    /// Whether two senders may be the same: a connection without its beginning does not show the client's account.
    private static func isSame(_ one: String, _ other: String) -> Bool { one == other || one.isEmpty || other.isEmpty }
}
