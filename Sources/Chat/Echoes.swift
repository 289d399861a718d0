// The same words on several clients' connections of one session.

internal import Transcript

/// Notes what connections of one session showed, so that it is told once.
///
/// A connection may show words earlier or later than another, and where bytes were lost, much later in the recording, though
/// at the time that they were said.
struct Echoes: Sendable {
    /// What words are.
    enum Verdict: Sendable, Equatable {
        /// Not shown by another connection yet. With a number they may still be.
        case new(Int?)
        /// What was in doubt under this number.
        case confirms(Int)
        /// Told already.
        case known
    }

    /// Words as they were told.
    private struct Heard: Sendable {
        var time: Timestamp
        var sender: String
        var connections: Set<Int>
        var doubt: Int?
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
            connection != part.connection && Echoes.isSame(sender, part.sender) && time.isNear(part.time)
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
    ///
    /// - Parameter isDoubtful: whether another connection is to show them, too.
    mutating func take(
        _ payload: ArraySlice<UInt8>, from sender: String, at time: Timestamp, on connection: Int, isDoubtful: Bool
    ) -> Verdict {
        if let verdict = Self.find(payload, sender, time, connection, isDoubtful, in: &recent)
            ?? Self.find(payload, sender, time, connection, isDoubtful, in: &older)
        {
            return verdict
        }
        if count >= Self.mostHeard {
            older = recent
            recent = [:]
            count = 0
        }
        count += 1
        let doubt = isDoubtful ? nextNumber() : nil
        recent[payload, default: []].append(
            Heard(time: time, sender: sender, connections: [connection], doubt: doubt))
        return .new(doubt)
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

    private static func find(
        _ payload: ArraySlice<UInt8>, _ sender: String, _ time: Timestamp, _ connection: Int, _ isDoubtful: Bool,
        in all: inout [ArraySlice<UInt8>: [Heard]]
    ) -> Verdict? {
        guard
            let index = all[payload]?.firstIndex(where: {
                isSame($0.sender, sender) && $0.time.isNear(time) && !$0.connections.contains(connection)
            })
        else { return nil }
        all[payload]?[index].connections.insert(connection)
        guard !isDoubtful, let doubt = all[payload]?[index].doubt else { return .known }
        all[payload]?[index].doubt = nil
        return .confirms(doubt)
    }

    /// Where the beginning is missing, nobody said who they are.
    private static func isSame(_ one: String, _ other: String) -> Bool { one == other || one.isEmpty || other.isEmpty }
}
