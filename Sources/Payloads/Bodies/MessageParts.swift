// Messages that come in several commands are put together here, in whatever order their parts come (p2p.md section 1).

package import MSNP

/// The messages of which more is to come.
package struct MessageParts: Sendable {
    private struct Key: Hashable, Sendable {
        var connection: Int
        var side: Side
        var sender: String
        var id: [UInt8]
    }

    private var open: [(key: Key, fragment: Fragment)] = []
    /// Those that were whole last: a part that comes again begins no other message.
    private var done: [Key] = []

    /// How many messages may be open at once, how large one may grow, ten times what clients send, and all of them.
    private static let mostOpen = 256
    private static let mostBytes = 256 * 1_024
    private static let mostBytesInAll = 1_024 * 1_024

    /// What there is of a message whose parts are not all there.
    package struct Fragment: Sendable {
        /// Who sent it.
        package var sender: String
        /// Where its first part was seen; of those that were seen, the first.
        package var place: Place
        /// Who got that one.
        package var recipients: [String]
        /// Its first part, which says what it is; nil where that never came.
        package var first: Frame?
        /// How many parts it has; nil where the first one never came.
        package var count: Int?
        /// The bodies of its parts.
        package var bodies: [Int: [UInt8]] = [:]
        /// It was waited for no longer, because too many were open.
        package var isGivenUp = false

        fileprivate var size: Int
        fileprivate var isWhole: Bool { count.map { bodies.count == $0 } ?? false }

        /// Parts that follow each other, and whether something is missing in front of them and behind them.
        package var runs: [(bytes: [UInt8], isCutBefore: Bool, isCutBehind: Bool)] {
            var runs: [(bytes: [UInt8], isCutBefore: Bool, isCutBehind: Bool)] = []
            var next = 0
            for (index, body) in bodies.sorted(by: { $0.key < $1.key }) {
                if index != next || runs.isEmpty { runs.append(([], index > 0, true)) }
                runs[runs.count - 1].bytes += body
                next = index + 1
            }
            if next == count, !runs.isEmpty { runs[runs.count - 1].isCutBehind = false }
            return runs
        }

        /// The whole message, as if it had come in one command; nil where the first part's line is none.
        fileprivate var whole: Frame? {
            guard let first, let count else { return nil }
            let kind = Headers.kind(of: first.payload)
            guard let length = first.argumentRanges.last, let chunks = kind.chunks else { return nil }
            let rest = (1..<count).flatMap { bodies[$0] ?? [] }
            let size = first.payload.count - chunks.count + 1 + rest.count
            return Frame(first.replacing([(length, Array("\(size)".utf8)), (chunks, [0x31])]) + rest)
        }
    }

    /// What a message is by its part.
    package enum Outcome: Sendable {
        /// It is no part of another one.
        case alone
        /// A part; others are to come.
        case part
        /// The last part: all of the message, as if it had come in one command, and what its parts were.
        case whole(Frame, Fragment)
    }

    /// No message.
    package init() {}

    /// Takes a message with its headers.
    ///
    /// - Parameters:
    ///   - sender: who sends it.
    ///   - recipients: who gets it.
    ///   - givenUp: gets those that will never be whole.
    package mutating func take(
        _ frame: Frame, _ kind: Headers.Kind, from sender: String, to recipients: [String] = [],
        at place: Place, givingUp givenUp: inout [Fragment]
    ) -> Outcome {
        guard let id = kind.messageID, let part = MessagePart(frame.bytes, kind) else { return .alone }
        let key = Key(connection: place.connection, side: place.side, sender: sender, id: Array(frame.bytes[id]))
        let body = Array(frame.bytes[kind.body...])
        let known = open.firstIndex { $0.key == key }
        if part.count == nil, known == nil, done.contains(key) { return .part }
        let new = Fragment(sender: sender, place: place, recipients: recipients, size: id.count)
        if part.count == nil, let count = known.flatMap({ open[$0].fragment.count }), part.index >= count {
            // A part that the message cannot have.
            var other = new
            other.bodies[part.index] = body
            givenUp.append(other)
            return .part
        }
        var fragment = known.map { open.remove(at: $0).fragment } ?? new
        if let count = part.count {
            // The same identifier again: either the same part, or the old message was never finished.
            if let old = fragment.count, old != count || fragment.bodies[0] != body {
                givenUp.append(fragment)
                fragment = new
            }
            fragment.first = fragment.first ?? frame
            fragment.count = count
            let beyond = fragment.bodies.filter { $0.key >= count }
            if !beyond.isEmpty {
                var other = fragment
                (other.first, other.count, other.bodies) = (nil, nil, beyond)
                givenUp.append(other)
                fragment.bodies = fragment.bodies.filter { $0.key < count }
            }
        }
        if fragment.bodies[part.index] == nil {
            fragment.bodies[part.index] = body
            fragment.size += body.count
        }
        if fragment.isWhole, let whole = fragment.whole {
            done.append(key)
            if done.count > Self.mostOpen { done.removeFirst() }
            return .whole(whole, fragment)
        }
        guard fragment.size <= Self.mostBytes else {
            fragment.isGivenUp = true
            givenUp.append(fragment)
            return .part
        }
        // What is longest without news is given up first.
        open.append((key, fragment))
        while open.count > Self.mostOpen || open.reduce(0, { $0 + $1.fragment.size }) > Self.mostBytesInAll {
            var oldest = open.removeFirst().fragment
            oldest.isGivenUp = true
            givenUp.append(oldest)
        }
        return .part
    }

    /// Gives up what was begun on a connection; on all of them where none is named.
    package mutating func close(_ connection: Int? = nil) -> [Fragment] {
        done.removeAll { connection == nil || $0.connection == connection }
        let ended = open.filter { connection == nil || $0.key.connection == connection }
        open.removeAll { connection == nil || $0.key.connection == connection }
        return ended.map(\.fragment)
    }
}
