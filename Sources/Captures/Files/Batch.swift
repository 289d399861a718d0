// What the reading core hands to the decoding core: many small things in one piece of memory.

internal import Packets

/// A run of stream events of connections that are worth decoding, with their bytes in one array.
struct Batch: Sendable {
    /// One event of one connection.
    enum Entry: Sendable {
        /// A connection that carries MSNP, or any with `--all`.
        case opened(Opened)
        /// Bytes of a side, as a range of `bytes`.
        case data(slot: Int, isClient: Bool, time: Int64, range: Range<Int>)
        /// Missing bytes.
        case gap(slot: Int, isClient: Bool, time: Int64, count: Int64)
        /// Something odd about a stream.
        case finding(slot: Int, isClient: Bool, time: Int64, StreamFinding)
        /// The end of a connection.
        indirect case closed(slot: Int, time: Int64, StreamEnd, client: DirectionSummary, server: DirectionSummary)
        /// Something that a pasted log says.
        indirect case pasted(PastedEntry)
    }

    /// A connection.
    struct Opened: Sendable {
        var slot: Int
        var time: Int64
        var client: Endpoint
        var server: Endpoint
        var clientIsStart: Bool
        var serverIsStart: Bool
        var kind: Kind
    }

    /// How a connection's bytes are to be taken.
    enum Kind: Sendable {
        case msnp
        /// Packets of a direct link between two clients, from its greeting on or from the middle.
        case peer(isStart: Bool)
        /// HTTP requests to a gateway, with MSNP in them.
        case gateway
        /// MSNP begins behind so many bytes of either side.
        case proxied(client: Int, server: Int)
        /// Counted only.
        case foreign
    }

    var entries: [Entry] = []
    var bytes: [UInt8] = []

    /// When a batch is handed over: large enough that handing over costs nothing, small enough to stay in a cache.
    static let full = 256 << 10
}
