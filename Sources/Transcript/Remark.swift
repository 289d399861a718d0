// What is known of a frame beyond its bytes.

public import MSNP
internal import Messages

/// What a frame means, told by what was said before it on the same connection.
public struct Remark: Sendable, Hashable {
    /// Which argument is what; nil where no form of the command fits the line.
    public var reading: CommandReading?
    /// The request that this frame answers.
    public var request: Verb?
    /// How long the answer took, in nanoseconds; nil where the times are not known.
    public var delay: Int64?
    /// The headers of a `MSG` that decide how it is read.
    package var headers: Headers.Kind?
    /// The message that this frame completes, where it came in several parts: as if it had come in one command.
    public var whole: Frame?
    /// What an MSNSLP message says that this frame's packet completes, where it came in several.
    public var joined: Joined?
    /// Whether something may have been agreed on that another connection carries: see `Agreements`.
    package var mayAgree = false
    /// Whether an answer to a challenge was right.
    public var verdict: Verdict?

    /// An MSNSLP message by field.
    public struct Joined: Sendable, Hashable {
        let fields: [Field]
    }

    /// What the answer to a challenge is worth.
    public enum Verdict: String, Sendable, Hashable {
        /// It is what the challenge and the known key give.
        case right
        /// It is not.
        case wrong
        /// The product's key, the password or the challenge is not known.
        case unknown
    }

    /// Nothing known yet.
    public init() {}
}
