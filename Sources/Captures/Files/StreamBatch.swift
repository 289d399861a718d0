// A batch of stream events from the reader thread for the decoder thread, with their bytes in one array.

internal import MSNP
internal import Packets

/// A sequence of stream events of connections to decode, with their bytes in one array.
struct StreamBatch: Sendable {
    /// One event of one connection.
    enum Entry: Sendable {
        /// A connection that carries MSNP; with `--all`, any connection.
        case opened(Opened)
        /// Bytes from one side, as a range of `bytes`.
        case data(slot: Int, side: Side, time: Int64, range: Range<Int>)
        /// Missing bytes.
        case gap(slot: Int, side: Side, time: Int64, count: Int64)
        /// A finding about the TCP stream.
        case finding(slot: Int, side: Side, time: Int64, StreamFinding)
        /// The end of a connection.
        indirect case closed(slot: Int, time: Int64, StreamEnd, PerSide<DirectionSummary>)
        /// An entry of a pasted log.
        indirect case pasted(PastedEntry)
    }

    /// A connection to decode or count.
    struct Opened: Sendable {
        var slot: Int
        var time: Int64
        var ends: PerSide<Endpoint>
        /// Whether the first bytes of each side were captured.
        var isStart: PerSide<Bool>
        var kind: Kind
        /// The capture file of its first packet.
        var file: String?
    }

    /// How to decode the bytes of a connection.
    enum Kind: Sendable {
        case msnp
        /// Packets of a direct link between two clients; `isStart` says whether its greeting was captured.
        case peer(isStart: Bool)
        /// HTTP requests to a gateway that carry MSNP.
        case gateway
        /// Requests of a client's sign-in over plain HTTP.
        case signIn
        /// MSNP after a proxy handshake of this many bytes from each side.
        case proxied(PerSide<Int>)
        /// Not decoded, only counted.
        case foreign
    }

    var entries: [Entry] = []
    var bytes: [UInt8] = []

    /// The bytes of a full batch: large enough to make the transfer cheap, small enough to stay in a cache with all that
    /// is made of it.
    static let full = 64 << 10
}
