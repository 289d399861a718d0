// Noise: bytes of a connection that belong to no frame, and the reason. Also the size limits of the decoder.

/// A run of bytes that belongs to no frame.
public struct Noise: Sendable, Hashable {
    /// Why bytes belong to no frame. The raw values are stable names that scripts read.
    public enum Reason: String, Sendable, CaseIterable {
        /// The bytes at the start of a command are not MSNP.
        case notMSNP = "not_msnp"
        /// No line end within `DecoderLimits.line` bytes.
        case lineTooLong = "line_too_long"
        /// The line announces a payload of more than `DecoderLimits.payload` bytes.
        case payloadTooLong = "payload_too_long"
        /// Bytes skipped while searching for the next command after a fault or a gap.
        case unsynchronised = "unsynchronised"
        /// The remaining bytes of a frame of which a part is missing from the capture.
        case damagedFrame = "damaged_frame"
        /// The handshake of a client with a proxy.
        case proxyHandshake = "proxy_handshake"
        /// Blocks of an MSNFTP file transfer.
        case fileData = "file_data"
        /// A line truncated by the end of the stream.
        case unfinishedLine = "unfinished_line"
        /// A line and its payload, truncated by the end of the stream.
        case unfinishedPayload = "unfinished_payload"
        /// A packet of a direct connection between two clients.
        case peerData = "peer_data"
        /// A part of an HTTP request or answer beside MSNP: its head, or up to 16 KiB of its body.
        case httpMessage = "http_message"
    }

    /// The bytes, unchanged. The first one has index 0. They may be part of a larger run, which the noise keeps in memory: see `detached`.
    public let bytes: ByteSlice
    /// The reason why the bytes are not a frame.
    public let reason: Reason
    /// The stream offset of the first byte in its direction, including gaps.
    public let offset: UInt64

    /// Makes noise from bytes that no decoder reads, such as the handshake with a proxy.
    public init(bytes: ByteSlice, reason: Reason, offset: UInt64) {
        self.bytes = bytes.part(bytes.startIndex..<bytes.endIndex)
        self.reason = reason
        self.offset = offset
    }

    /// Makes noise with bytes of its own.
    public init(bytes: [UInt8], reason: Reason, offset: UInt64) {
        self.init(bytes: ByteSlice(bytes), reason: reason, offset: offset)
    }

    /// The same noise with bytes of its own, to be kept longer than the batch of which it is a part.
    public func detached() -> Noise { Noise(bytes: bytes.detached(), reason: reason, offset: offset) }
}

/// Size limits above which the decoder treats bytes as noise.
public struct DecoderLimits: Sendable, Hashable {
    /// Maximum bytes of a line, including the line end. The longest real lines (tickets, picture descriptions) are
    /// shorter than 3 KiB.
    public var line = 8_192
    /// Maximum bytes of a payload (payload-rules.md, P6: 1 MiB).
    public var payload = 1 << 20

    /// The default limits.
    public init() {}
}
