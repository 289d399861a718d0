// What is known of a frame beyond its bytes.

package import MSNP
package import Payloads

/// What a frame means, told by what was said before it on the same connection.
package struct Annotation: Sendable, Hashable {
    /// Which argument is what; nil where no form of the command fits the line.
    package var reading: CommandReading?
    /// The request that this frame answers.
    package var request: Verb?
    /// How long the answer took, in nanoseconds; nil where the times are not known.
    package var delay: Int64?
    /// The headers of a `MSG` that decide how it is read.
    package var headers: Headers.Kind?
    /// The message that this frame completes, where it came in several parts: as if it had come in one command.
    package var whole: Frame?
    /// What an MSNSLP message says that this frame's packet completes, where it came in several.
    package var joined: Joined?
    /// Whether something may have been agreed on that another connection carries: see `CrossConnectionTransfers`.
    package var mayAgree = false
    /// Whether an answer to a challenge was right.
    package var verdict: Verdict?

    /// An MSNSLP message by field.
    package struct Joined: Sendable, Hashable {
        package let fields: [Field]

        /// A message with these fields.
        package init(fields: [Field]) { self.fields = fields }
    }

    /// What the answer to a challenge is worth.
    package enum Verdict: String, Sendable, Hashable {
        /// It is what the challenge and the known key give.
        case right
        /// It is not.
        case wrong
        /// The product's key, the password or the challenge is not known.
        case unknown
    }

    /// Nothing known yet.
    package init() {}
}
