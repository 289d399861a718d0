// The same words on several clients' connections of one session.

internal import Events

/// Notes what connections of one session showed, so that it is told once.
///
/// A connection may show words earlier or later than another, and where bytes were lost, much later in the recording, though
/// at the time that they were said.
struct DuplicateMessageFilter: Sendable {
    /// What words are.
    enum Verdict: Sendable, Equatable {
        /// Not shown by another connection yet; the number by which another one may find them.
        case new(Int)
        /// What another connection showed under this number.
        case known(Int)
    }

    /// Words as a connection showed them.
    struct Words: Sendable {
        var payload: ArraySlice<UInt8>
        var sender: String
        var time: Timestamp
        var connection: Int
        /// The session that they were said in: the same words in another one are other words.
        var session: Int
    }

    /// Words that were told.
    private struct Heard: Sendable {
        var time: Timestamp
        var sender: String
        var session: Int
        var connections: Set<Int>
        var number: Int
    }

    /// A message in parts, or what one connection had of it.
    struct Parts: Sendable {
        var time: Timestamp
        var sender: String
        var connection: Int
        var text: String
        /// Under which number it is in doubt; nil for whole ones.
        var doubt: Int?

        /// Whether it is the whole of what another connection has only a part of; holes in that are ellipses.
        func isWhole(of part: Parts) -> Bool {
            connection != part.connection && DuplicateMessageFilter.isSame(sender, part.sender)
                && time.isNear(part.time)
                && part.text.split(separator: "…").allSatisfy { text.contains($0) }
        }
    }

    /// What was heard lately, and before that.
    private var recent: [ArraySlice<UInt8>: [Heard]] = [:]
    private var older: [ArraySlice<UInt8>: [Heard]] = [:]
    private var count = 0
    private var number = 0
    private var parts: [Parts] = []
    private var wholes: [Parts] = []

    private static let mostHeard = 5_000
    private static let mostParts = 50

    /// Takes words.
    mutating func take(_ words: Words) -> Verdict {
        if let number = Self.find(words, in: &recent) ?? Self.find(words, in: &older) { return .known(number) }
        if count >= Self.mostHeard {
            older = recent
            recent = [:]
            count = 0
        }
        count += 1
        let number = nextNumber()
        recent[words.payload, default: []].append(
            Heard(
                time: words.time, sender: words.sender, session: words.session, connections: [words.connection],
                number: number))
        return .new(number)
    }

    /// Takes what one connection had of a message; nil where another one had all of it, else the number under which it
    /// is in doubt.
    mutating func take(part: Parts) -> Int? {
        if wholes.contains(where: { $0.isWhole(of: part) }) { return nil }
        var part = part
        let doubt = nextNumber()
        part.doubt = doubt
        if parts.count >= Self.mostParts { parts.removeFirst() }
        parts.append(part)
        return doubt
    }

    /// Takes a message in parts, and says under which numbers less of it is in doubt.
    mutating func take(whole: Parts) -> [Int] {
        if wholes.count >= Self.mostParts { wholes.removeFirst() }
        wholes.append(whole)
        let found = parts.filter { whole.isWhole(of: $0) }.compactMap(\.doubt)
        parts.removeAll { whole.isWhole(of: $0) }
        return found
    }

    private mutating func nextNumber() -> Int {
        number += 1
        return number
    }

    private static func find(_ words: Words, in all: inout [ArraySlice<UInt8>: [Heard]]) -> Int? {
        guard
            let index = all[words.payload]?.firstIndex(where: {
                $0.session == words.session && isSame($0.sender, words.sender) && $0.time.isNear(words.time)
                    && !$0.connections.contains(words.connection)
            })
        else { return nil }
        all[words.payload]?[index].connections.insert(words.connection)
        return all[words.payload]?[index].number
    }

    /// Where the beginning is missing, nobody said who they are.
    private static func isSame(_ one: String, _ other: String) -> Bool { one == other || one.isEmpty || other.isEmpty }
}
