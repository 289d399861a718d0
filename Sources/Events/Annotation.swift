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
    /// The message that this frame completes if it was sent in several parts, as one frame.
    package var whole: Frame?
    /// The MSNSLP message that this frame's packet completes if it was sent in several packets.
    package var joined: Joined?
    /// Whether the frame may negotiate a transfer that another connection carries: see `CrossConnectionTransfers`.
    package var mayAgree = false
    /// Whether the answer to a challenge is correct; nil if the frame is not such an answer.
    package var verdict: Verdict?

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
