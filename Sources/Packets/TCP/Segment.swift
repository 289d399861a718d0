// What one captured packet contributes to a TCP connection.

/// The TCP header fields of one packet, and where its payload lies.
///
/// It owns no bytes: `payloadOffset` counts from the start of the packet that was dissected, or, for a datagram that
/// was put together from fragments (`isReassembled`), from the start of `Dissector.datagram`.
package struct Segment: Sendable {
    /// Who sent it.
    package var source: Endpoint
    /// To whom.
    package var destination: Endpoint
    /// Sequence number of the first payload byte (of the SYN, if there is one), RFC 9293 section 3.1.
    package var sequence: UInt32
    /// Acknowledgement number; means something only with `Flags.ack`.
    package var acknowledgement: UInt32
    /// The control bits.
    package var flags: Flags
    /// Where the payload starts.
    package var payloadOffset: Int
    /// How many payload bytes were captured.
    package var captured: Int
    /// How many payload bytes the headers promise; what goes beyond `captured` was cut off by the snap length.
    package var length: Int
    /// Captured bytes of the frame behind the end of the IP packet: Ethernet padding, never payload.
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
        /// Flags from the bits as on the wire.
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        /// No more data from the sender.
        package static let fin = Flags(rawValue: 1)
        /// Synchronise sequence numbers.
        package static let syn = Flags(rawValue: 2)
        /// Reset the connection.
        package static let rst = Flags(rawValue: 4)
        /// Push.
        package static let psh = Flags(rawValue: 8)
        /// The acknowledgement number counts.
        package static let ack = Flags(rawValue: 16)
    }
}
