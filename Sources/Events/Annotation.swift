// Results of the analysis of one frame: named arguments, the request it answers, a reassembled message, a verdict.

package import MSNP
package import Payloads

/// The meaning of a frame, given the earlier frames of the same connection.
package struct Annotation: Sendable, Hashable {
    /// The arguments by name; nil if no form of the command in `commands.tsv` fits the line.
    package var reading: CommandReading?
    /// The request that this frame answers.
    package var request: Verb?
    /// The time from the request to this answer, in nanoseconds; nil if the times are unknown.
    package var delay: Int64?
    /// The headers of a `MSG` that decide how its body is parsed.
    package var headers: Headers.Kind?
    /// Whether the frame may negotiate a transfer that another connection carries: see `CrossConnectionTransfers`.
    package var mayAgree = false
    /// Whether the answer to a challenge is correct; nil if the frame is not such an answer.
    package var verdict: Verdict?
    /// What few frames have; at most one element. An array, so that the common annotation is small and copied cheaply.
    private var rare: [Rare] = []

    /// The message that this frame completes if it was sent in several parts, as one frame.
    package var whole: Frame? {
        get { rare.first?.whole }
        set { setRare { $0.whole = newValue } }
    }

    /// The MSNSLP message that this frame's packet completes if it was sent in several packets.
    package var joined: Joined? {
        get { rare.first?.joined }
        set { setRare { $0.joined = newValue } }
    }

    /// The peer-to-peer content of the frame; nil also if its message was sent in parts, or if transfers were not
    /// analysed.
    package var envelope: PeerEnvelope? {
        get { rare.first?.envelope }
        set { setRare { $0.envelope = newValue } }
    }

    /// Files and objects that were offered in this frame, or whose transfer ended with it. On the last event of a
    /// connection, those whose transfer never ended.
    package var transfers: [SentObject] {
        get { rare.first?.transfers ?? [] }
        set { setRare { $0.transfers = newValue } }
    }

    private mutating func setRare(_ change: (inout Rare) -> Void) {
        if rare.isEmpty { rare.append(Rare()) }
        change(&rare[0])
        if rare[0].isEmpty { rare = [] }
    }

    private struct Rare: Sendable, Hashable {
        var whole: Frame?
        var joined: Joined?
        var envelope: PeerEnvelope?
        var transfers: [SentObject] = []

        var isEmpty: Bool { whole == nil && joined == nil && envelope == nil && transfers.isEmpty }
    }

    /// An MSNSLP message by field.
    package struct Joined: Sendable, Hashable {
        package let fields: [Field]

        package init(fields: [Field]) { self.fields = fields }
    }

    /// The result of checking the answer to a challenge.
    package enum Verdict: String, Sendable, Hashable, CaseIterable {
        /// The answer equals the digest of the challenge and the known key.
        case right
        /// The answer differs from that digest.
        case wrong
        /// The product key, the password or the challenge is unknown, so the answer cannot be checked.
        case unknown
    }

    package init() {}
}

/// A file or object that one side sent or offered, as far as one connection shows it.
package struct SentObject: Sendable, Hashable {
    /// `file`, the kind of its object, or `unknown`.
    package var kind: String
    /// The name that the sender gave it.
    package var name: String?
    /// The sender's account; empty if unknown.
    package var sender: String
    /// Its size in bytes, if known.
    package var size: UInt64?
    /// Whether all of its bytes came over this connection; nil if none did: another connection may have carried them.
    package var isComplete: Bool?
    /// When it was offered, or its first bytes were sent.
    package var time: Timestamp

    package init(
        kind: String, name: String?, sender: String, size: UInt64?, isComplete: Bool?, time: Timestamp
    ) {
        self.kind = kind
        self.name = name
        self.sender = sender
        self.size = size
        self.isComplete = isComplete
        self.time = time
    }
}
