// The events that the reassembler reports for a connection, and the summary of each direction.

/// The two sides of a connection: `a` is the presumed client.
///
/// A SYN or SYN-ACK in the capture proves it; otherwise it is a guess that the content may correct.
package enum StreamSide: UInt8, Hashable, Sendable {
    /// The presumed client.
    case a
    /// The presumed server.
    case b

    /// The opposite side.
    package var other: StreamSide { self == .a ? .b : .a }
}

/// Identifies one connection.
package struct ConnectionID: Hashable, Sendable {
    /// Counts from 0 in the order of first appearance; never reused.
    package let number: Int
    /// A small number, unique among open connections and reused later: an index for the consumer's own array.
    package let slot: Int
}

/// An event of a connection. It holds no bytes; the bytes of `.data` are a separate argument of the receiver.
package struct StreamEvent: Sendable {
    package let connection: ConnectionID
    /// Nanoseconds since 1970: time of the packet that carried the bytes or caused the event.
    package let time: Int64
    package let kind: Kind

    /// The kinds of events. Offsets count bytes of that side's stream from 0, gaps included.
    package enum Kind: Sendable {
        /// The first event. Without a SYN it is delayed until the starts of the streams are known or assumed.
        case opened(client: Endpoint, server: Endpoint, by: ClientEvidence)
        /// The next bytes of a side's stream.
        case data(StreamSide, offset: Int64)
        /// `count` bytes are missing at `offset`.
        case gap(StreamSide, offset: Int64, count: Int64)
        /// An anomaly.
        case finding(StreamFinding)
        /// The last event.
        case closed(StreamEnd, a: DirectionSummary, b: DirectionSummary)
    }
}

/// The evidence for which side is the client.
package enum ClientEvidence: String, Hashable, Sendable {
    /// A SYN or SYN-ACK.
    case syn
    /// The ports: the server's is 1863, else the lower one. The content may correct this.
    case guessed
}

/// Why a connection ended.
package enum StreamEnd: Hashable, Sendable {
    /// Both sides sent FIN.
    case fin
    /// One side reset it.
    case reset
    /// Another connection started between the same endpoints.
    case reused
    /// No packet came for `ReassemblyLimits.idleTime`.
    case idle
    /// Dropped for a newer connection: `ReassemblyLimits.connections`.
    case limit
    /// The capture ended.
    case endOfCapture
}

/// An anomaly of a stream, with a stable name.
package struct StreamFinding: Hashable, Sendable {
    package let name: Name
    /// The side whose stream is affected.
    package let side: StreamSide
    /// Offset in that stream.
    package let offset: Int64
    /// Number of bytes affected.
    package let count: Int64

    /// The kinds of anomalies.
    package enum Name: Hashable, Sendable {
        /// Retransmitted bytes differ; the first captured ones are delivered. `count` is the number of differing bytes.
        case overlapDiffers
        /// Bytes came after they had been declared missing; dropped.
        case lateAfterGap
        /// Bytes before the presumed start of the stream; dropped.
        case beforeStart
        /// Bytes behind the FIN; dropped.
        case dataAfterFin
        /// A FIN before the end of bytes already sent; ignored.
        case finMisplaced
        /// The side that reset the connection sends more; the bytes are delivered.
        case dataAfterReset
        /// A reset whose numbers do not match the streams; ignored.
        case implausibleReset
        /// Bytes with a sequence number far from the stream, not continued by a second segment; dropped.
        case implausibleSequence
        /// A gap was declared early to meet `ReassemblyLimits.directionBytes`.
        case directionLimit
        /// A gap was declared early to meet `ReassemblyLimits.totalBytes`.
        case totalLimit
    }
}

/// Totals of one direction of a connection.
package struct DirectionSummary: Hashable, Sendable {
    /// Number of packets.
    package var packets = 0
    /// Number of packets with payload, retransmissions included.
    package var dataSegments = 0
    /// Bytes delivered.
    package var bytes: Int64 = 0
    /// Gaps before, between and behind the captured bytes, ascending and apart; see `unlistedGaps`.
    package var gaps: [Gap] = []
    /// Number of gaps beyond `ReassemblyLimits.listedGaps`.
    package var unlistedGaps = 0
    /// Number of bytes missing in all gaps.
    package var missing: Int64 = 0
    /// Number of bytes behind all others that the other side acknowledged but no packet has.
    package var ackedUnseen: Int64 = 0
    /// Number of bytes captured more than once, without keep-alive bytes.
    package var repeatedBytes: Int64 = 0
    /// Number of repeated bytes that were compared and differ.
    package var differingBytes: Int64 = 0
    /// Number of segments captured after later bytes.
    package var outOfOrder = 0
    /// Keep-alive segments with one byte.
    package var keepAlives = 0
    /// Segments cut off by the snap length.
    package var cutSegments = 0
    /// Frames with Ethernet padding.
    package var paddedFrames = 0
    /// Whether a FIN was seen.
    package var sawFin = false

    /// Creates the summary of a direction without packets.
    package init() {}

    /// A gap of `count` bytes at `offset`.
    package struct Gap: Hashable, Sendable {
        /// Offset of its first byte; earlier gaps count.
        package var offset: Int64
        /// Length in bytes.
        package var count: Int64

        package init(offset: Int64, count: Int64) {
            self.offset = offset
            self.count = count
        }
    }
}
