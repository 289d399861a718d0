// Transferred files and pictures as rows.

package import Events

/// One file or object that was transferred.
package struct MediaRow: Sendable {
    /// Its row.
    package internal(set) var id: Int64
    /// The event that it came with: of a transfer in several packets, the last one that this program needed.
    package internal(set) var address: EventAddress?
    /// The row of the connection that carried it.
    package internal(set) var connection: Int64
    /// When it was offered, or its first bytes were sent.
    package internal(set) var time: Timestamp
    /// `file`, `picture`, `emoticon` and so on.
    package internal(set) var kind: String
    /// The name that the sender gave it.
    package internal(set) var name: String?
    /// The accounts; empty if unknown.
    package internal(set) var sender: String
    package internal(set) var recipient: String
    /// The size in bytes, if known.
    package internal(set) var size: Int64?
    /// Whether all bytes were recorded.
    package internal(set) var isComplete: Bool
    /// The media type by the first bytes; nil if nothing was recorded.
    package internal(set) var type: String?
    /// The digests; nil if it is not complete. `sha1d` is the digest that its description tells, in base64.
    package internal(set) var sha256: [UInt8]?
    package internal(set) var sha1d: String?
    /// Whether the archive has its bytes as a picture that can be shown.
    package internal(set) var isPicture: Bool
}
