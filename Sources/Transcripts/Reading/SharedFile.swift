// A file or display picture that was offered, and how much of it the recording has.

/// A file offered over the peer-to-peer layer or MSNFTP, or a display picture that was shown.
package struct SharedFile: Sendable, Hashable {
    /// The file's name.
    package var name: String
    /// The announced length in bytes; nil if unknown.
    package var size: UInt64?
    /// The number of bytes of it that were recorded.
    package var received: UInt64 = 0
    /// Whether all of it was recorded.
    package var isComplete: Bool
    /// Whether everything up to some byte was recorded, and nothing after it.
    package var brokeOff = false
    /// Whether the offer was a message with an entry of its own: MSNFTP.
    package var wasOffered = false
    /// The reason that the transfer is incomplete, if one side sent it.
    package var reason: String?
    /// The `SHA1D` of the display picture; nil for files.
    package var picture: String?
}
