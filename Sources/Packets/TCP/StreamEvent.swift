// What the reassembler says about a connection.

/// The two ends of a connection: `a` is taken to be the client.
///
/// With a SYN or SYN-ACK in the capture that is certain, otherwise a guess that the content may correct.
package enum StreamSide: UInt8, Hashable, Sendable {
    /// The presumed client.
    case a
    /// The presumed server.
    case b

    /// The opposite end.
    package var other: StreamSide { self == .a ? .b : .a }
}

/// Names one connection.
package struct ConnectionID: Hashable, Sendable {
    /// Counts from 0 in the order in which connections first appear; never used twice.
    package let number: Int
    /// A small number that no other open connection has: an index into the consumer's own array. Used again later.
    package let slot: Int
}

/// Something that happened on a connection. Bytes are not in it; they come beside it, only with `.data`.
package struct StreamEvent: Sendable {
    /// On which connection.
    package let connection: ConnectionID
    /// Nanoseconds since 1970: of the packet that carried the bytes, or that led to the event.
    package let time: Int64
    /// What.
    package let kind: Kind

    /// What can happen. Offsets count bytes of that side's stream from 0, holes included.
    package enum Kind: Sendable {
        /// Comes first. Without a SYN it is held back a little, until it is safe to say where the streams start.
        case opened(client: Endpoint, server: Endpoint, by: ClientEvidence)
        /// Bytes, in order.
        case data(StreamSide, offset: Int64)
        /// So many bytes are missing here.
        case gap(StreamSide, offset: Int64, count: Int64)
        /// Something a reader should know.
        case finding(StreamFinding)
        /// Comes last.
        case closed(StreamEnd, a: DirectionSummary, b: DirectionSummary)
    }
}

/// How it was decided which end is the client.
package enum ClientEvidence: String, Hashable, Sendable {
    /// By a SYN or SYN-ACK.
    case syn
    /// By port: 1863, else the lower one, is the server's. The consumer may know better.
    case guessed
}

/// Why a connection is over.
package enum StreamEnd: Hashable, Sendable {
    /// Both sides said FIN.
    case fin
    /// One side reset it.
    case reset
    /// The same addresses and ports began another connection.
    case reused
    /// Nothing came for `ReassemblyLimits.idleTime`.
    case idle
    /// Given up for a newer one: `ReassemblyLimits.connections`.
    case limit
    /// The capture ends.
    case endOfCapture
}

/// Something odd about a stream, with a stable name.
package struct StreamFinding: Hashable, Sendable {
    /// What it is.
    package let name: Name
    /// Whose stream.
    package let side: StreamSide
    /// Where in that stream.
    package let offset: Int64
    /// How many bytes are concerned.
    package let count: Int64

    /// What can be odd.
    package enum Name: Hashable, Sendable {
        /// Bytes sent twice differ; the first captured ones were taken. `count` is how many differ.
        case overlapDiffers
        /// Bytes came after they had been declared missing; dropped.
        case lateAfterGap
        /// Bytes before the place where the stream was taken to start; dropped.
        case beforeStart
        /// Bytes behind the FIN; dropped.
        case dataAfterFin
        /// A FIN before the end of the bytes already sent; ignored.
        case finMisplaced
        /// The side that reset the connection goes on sending; the bytes are delivered.
        case dataAfterReset
        /// A reset whose numbers do not fit; ignored.
        case implausibleReset
        /// Bytes whose sequence number is far off, never continued by a second segment; dropped.
        case implausibleSequence
        /// A hole was declared early to keep to `ReassemblyLimits.directionBytes`.
        case directionLimit
        /// A hole was declared early to keep to `ReassemblyLimits.totalBytes`.
        case totalLimit
    }
}

/// What became of one direction of a connection.
package struct DirectionSummary: Hashable, Sendable {
    /// Packets seen.
    package var packets = 0
    /// Packets with payload, repeated ones included.
    package var dataSegments = 0
    /// Bytes delivered.
    package var bytes: Int64 = 0
    /// Holes before, between and behind the captured bytes, ascending and apart; see `unlistedGaps`.
    package var gaps: [Gap] = []
    /// Holes beyond `ReassemblyLimits.listedGaps`.
    package var unlistedGaps = 0
    /// All bytes missing in holes.
    package var missing: Int64 = 0
    /// Bytes behind all others that the other side has acknowledged, but that are in no packet.
    package var ackedUnseen: Int64 = 0
    /// Bytes captured again after they had been captured (keep-alive bytes not counted).
    package var repeatedBytes: Int64 = 0
    /// Repeated bytes that were compared and differ.
    package var differingBytes: Int64 = 0
    /// Segments that came before earlier bytes.
    package var outOfOrder = 0
    /// Keep-alive segments with one byte.
    package var keepAlives = 0
    /// Segments cut off by the snap length.
    package var cutSegments = 0
    /// Frames with Ethernet padding.
    package var paddedFrames = 0
    /// Whether a FIN was seen.
    package var sawFin = false
    /// Whether a SYN was seen.
    package var sawSyn = false

    /// A direction of which nothing was seen.
    package init() {}

    /// A hole of `count` bytes at `offset`.
    package struct Gap: Hashable, Sendable {
        /// Where it starts; counts earlier holes.
        package var offset: Int64
        /// How long it is.
        package var count: Int64

        /// A hole.
        package init(offset: Int64, count: Int64) {
            self.offset = offset
            self.count = count
        }
    }
}
