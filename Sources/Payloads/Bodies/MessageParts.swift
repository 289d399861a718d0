// Reassembles messages that are split over several commands, in any order of arrival (p2p.md section 1).

package import MSNP

/// The incomplete messages of all connections.
package struct MessageParts: Sendable {
    private struct Key: Hashable, Sendable {
        var connection: Int
        var side: Side
        var sender: String
        var id: [UInt8]
    }

    private var open: [(key: Key, fragment: Fragment)] = []
    /// The messages completed most recently: a repeated part of one does not start a new message.
    private var done: [Key] = []

    /// Limits: incomplete messages, bytes of one message (ten times what clients send), bytes of all messages.
    private static let mostOpen = 256
    private static let mostBytes = 256 * 1_024
    private static let mostBytesInAll = 1_024 * 1_024

    /// The received parts of an incomplete message.
    package struct Fragment: Sendable {
        /// The sender's account.
        package var sender: String
        /// Where the earliest of the received parts was seen.
        package var place: Place
        /// The recipients of that part.
        package var recipients: [String]
        /// The first part, which has the content type; nil if it was not received.
        package var first: Frame?
        /// The number of parts; nil if the first part was not received.
        package var count: Int?
        /// The bodies of the received parts by index.
        package var bodies: [Int: [UInt8]] = [:]
        /// Whether the message was discarded because a limit was exceeded.
        package var isGivenUp = false

        fileprivate var size: Int
        fileprivate var isWhole: Bool { count.map { bodies.count == $0 } ?? false }

        /// The runs of consecutive parts, and whether parts are missing before and after each run.
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

        /// The complete message as one frame; nil if the command line of the first part has no payload length.
        fileprivate var whole: Frame? {
            guard let first, let count else { return nil }
            let kind = Headers.kind(of: first.payload)
            guard let length = Command.payloadLength(of: first), let chunks = kind.chunks else { return nil }
            let rest = (1..<count).flatMap { bodies[$0] ?? [] }
            let size = first.payload.count - chunks.count + 1 + rest.count
            return Frame(first.replacing([(length, Array("\(size)".utf8)), (chunks, [0x31])]) + rest)
        }
    }

    /// The result of adding a message.
    package enum Outcome: Sendable {
        /// The message is not split.
        case alone
        /// A part of a message that is still incomplete.
        case part
        /// The last missing part: the complete message as one frame, and its parts.
        case whole(Frame, Fragment)
    }

    package init() {}

    /// Adds a message.
    ///
    /// - Parameters:
    ///   - kind: the ranges of the message's headers.
    ///   - sender: the sender's account.
    ///   - recipients: the recipients' accounts.
    ///   - givenUp: receives the messages that can no longer become complete.
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
            // The index is beyond the number of parts of this message.
            var other = new
            other.bodies[part.index] = body
            givenUp.append(other)
            return .part
        }
        var fragment = known.map { open.remove(at: $0).fragment } ?? new
        if let count = part.count {
            // The identifier is reused: this is the same part again, or a new message after one that was never
            // completed.
            if let old = fragment.count, old != count || fragment.bodies[0] != body {
                givenUp.append(fragment)
                fragment = new
            }
            // Kept until the last part comes, which may be long after the batch of this one.
            fragment.first = fragment.first ?? frame.detached()
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
        // The message whose last part is oldest is discarded first.
        open.append((key, fragment))
        while open.count > Self.mostOpen || open.reduce(0, { $0 + $1.fragment.size }) > Self.mostBytesInAll {
            var oldest = open.removeFirst().fragment
            oldest.isGivenUp = true
            givenUp.append(oldest)
        }
        return .part
    }

    /// Discards and returns the incomplete messages of a connection; those of all connections if it is nil.
    package mutating func close(_ connection: Int? = nil) -> [Fragment] {
        done.removeAll { connection == nil || $0.connection == connection }
        let ended = open.filter { connection == nil || $0.key.connection == connection }
        open.removeAll { connection == nil || $0.key.connection == connection }
        return ended.map(\.fragment)
    }
}
