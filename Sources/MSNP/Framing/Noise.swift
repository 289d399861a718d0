// Bytes that are no MSNP, or no longer: kept as they are, with the reason.

/// A run of bytes that belongs to no frame.
public struct Noise: Sendable, Hashable {
    /// Why bytes belong to no frame. The raw values are stable names that scripts read.
    public enum Reason: String, Sendable, CaseIterable {
        /// What stands where a command should start is none.
        case notMSNP = "not_msnp"
        /// No line end within `DecoderLimits.line` bytes.
        case lineTooLong = "line_too_long"
        /// The line promises a payload of more than `DecoderLimits.payload` bytes.
        case payloadTooLong = "payload_too_long"
        /// Bytes passed over while looking for the next command after a fault or a gap.
        case unsynchronised = "unsynchronised"
        /// The rest of a frame of which a part is missing from the capture.
        case damagedFrame = "damaged_frame"
        /// What a client and a proxy said to each other before the connection was made.
        case proxyHandshake = "proxy_handshake"
        /// The blocks of a file transfer.
        case fileData = "file_data"
        /// A line that the end of the stream cut off.
        case unfinishedLine = "unfinished_line"
        /// A payload that the end of the stream cut off, with its line.
        case unfinishedPayload = "unfinished_payload"
        /// The packets of a direct link between two clients.
        case peerData = "peer_data"
    }

    /// The bytes, untouched.
    public let bytes: [UInt8]
    /// Why they are no frame.
    public let reason: Reason
    /// How many bytes of this direction came before, holes included.
    public let offset: UInt64

    /// Noise found by somebody else than the decoder, such as bytes in front of a proxied connection.
    public init(bytes: [UInt8], reason: Reason, offset: UInt64) {
        self.bytes = bytes
        self.reason = reason
        self.offset = offset
    }
}

/// How much of one thing the decoder takes before it stops to believe it.
public struct DecoderLimits: Sendable, Hashable {
    /// Bytes of one line, its end included. The longest real ones (tickets, picture descriptions) stay below 3 KiB.
    public var line = 8_192
    /// Bytes of one payload (payload-rules.md, P6: 1 MiB).
    public var payload = 1 << 20

    /// The limits that the program uses.
    public init() {}
}
