// The protocol of a captured connection, as detected by its first bytes.

internal import MSNP

/// The detected protocol of a connection.
enum DetectedProtocol: Equatable {
    /// Too few bytes to decide.
    case undecided
    /// MSNP or MSNFTP; `clientIsA` corrects the presumption of which endpoint connected.
    case msnp(clientIsA: Bool)
    /// MSNP in HTTP requests to a gateway; `clientIsA` as above.
    case gateway(clientIsA: Bool)
    /// Requests of a client's sign-in over plain HTTP.
    case signIn
    /// A direct link between two clients; `isStart` says whether its greeting was captured; `clientIsA` as above.
    case peer(clientIsA: Bool, isStart: Bool = true)
    /// MSNP after a proxy handshake of this many bytes from each side.
    case proxied(PerSide<Int>)
    /// Another protocol.
    case foreign
}
