// What the decoder finds out about one connection: the input of the analysis, in the order of the capture.

internal import Analysis
internal import Events
internal import MSNP

/// One step of one connection. Decoding couples connections (sign-ins, cookies, requests to gateways), so it makes the
/// steps of all connections in order. What follows from them needs the steps of their own connection only.
///
/// The number of the connection is passed beside the step, so that a step can be moved instead of copied.
enum DecodedStep: Sendable {
    /// The step was moved elsewhere.
    case nothing
    /// The connection begins.
    case opened(Beginning)
    /// Bytes of one side, for the digest of its stream.
    case bytes(ByteSlice, from: Side)
    /// Something to analyse.
    case observed(Event)
    /// Something that needs no analysis.
    case reported(Event)
    /// The connection ends.
    indirect case ended(Ending)

    /// The beginning of a connection.
    struct Beginning: Sendable {
        /// Whether frames may be missing without a gap, as in a pasted log.
        let isExcerpt: Bool
        /// For a connection that may take part in transfers between connections: the server, and whether the
        /// connection was captured from its first byte.
        let transfers: (server: HostPort, isFromStart: Bool)?
    }

    /// The end of a connection.
    struct Ending: Sendable {
        let closed: Event
        /// Whether it takes part in transfers between connections.
        let hasTransfers: Bool
        /// A finding that was pending until the end.
        let finding: Finding?
    }
}
