// A TCP segment: the header fields of one captured packet and the place of its payload.

/// The TCP header fields of one packet, and the place of its payload.
///
/// It owns no bytes: `payloadOffset` counts from the start of the dissected packet or, for a datagram reassembled from
/// fragments (`isReassembled`), from the start of `Dissector.datagram`.
package struct Segment: Sendable {
    /// The sender's endpoint.
    package var source: Endpoint
    /// The receiver's endpoint.
    package var destination: Endpoint
    /// Sequence number of the first payload byte (of the SYN, if there is one), RFC 9293 section 3.1.
    package var sequence: UInt32
    /// Acknowledgement number; valid only with `Flags.ack`.
    package var acknowledgement: UInt32
    /// The control bits.
    package var flags: Flags
    /// Index of the first payload byte.
    package var payloadOffset: Int
    /// Number of captured payload bytes.
    package var captured: Int
    /// Number of payload bytes that the headers declare; the snap length cut off those beyond `captured`.
    package var length: Int
    /// Captured bytes behind the end of the IP packet: Ethernet padding, never payload.
    package var padding: Int
    /// Whether the bytes are in `Dissector.datagram` instead of the packet.
    package var isReassembled: Bool

    /// A segment from its fields.
    package init(
        source: Endpoint, destination: Endpoint, sequence: UInt32, acknowledgement: UInt32, flags: Flags,
        payloadOffset: Int, captured: Int, length: Int, padding: Int = 0, isReassembled: Bool = false
    ) {
        self.source = source
        self.destination = destination
        self.sequence = sequence
        self.acknowledgement = acknowledgement
        self.flags = flags
        self.payloadOffset = payloadOffset
        self.captured = captured
        self.length = length
        self.padding = padding
        self.isReassembled = isReassembled
    }

    /// The control bits of a TCP header (RFC 9293 section 3.1), lowest eight.
    package struct Flags: OptionSet, Sendable {
        /// The bits as on the wire.
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        /// No more data from the sender.
        package static let fin = Flags(rawValue: 1)
        /// Synchronise sequence numbers.
        package static let syn = Flags(rawValue: 2)
        /// Reset the connection.
        package static let rst = Flags(rawValue: 4)
        /// Push.
        package static let psh = Flags(rawValue: 8)
        /// The acknowledgement number is valid.
        package static let ack = Flags(rawValue: 16)
    }
}
