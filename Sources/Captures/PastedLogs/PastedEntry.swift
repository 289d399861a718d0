// The entries that a pasted log is read into.

internal import Events
internal import MSNP

/// One entry of a pasted log.
struct PastedEntry: Sendable {
    enum Kind: Sendable {
        /// A connection begins, with the facts that the log states about it.
        case opened(number: Int?, role: Role?, client: String?, server: HostPort?)
        case frame(Frame, Side)
        /// Bytes of a connection with the role HTTP, which carries requests to a gateway.
        case carried([UInt8], Side)
        /// Bytes that are missing from the body of such a request or answer.
        case carriedGap(Int, Side)
        /// An MSNSLP message without the packets that carried it.
        case slp([UInt8], Side)
        case finding(Finding)
        /// A connection ends, with the reason if the log states one.
        case closed(reason: String?)
    }

    /// The index of the connection in the log, from 0.
    var connection: Int
    /// Nanoseconds since 1970.
    var time: Int64
    var kind: Kind
    /// The log; set where a connection begins.
    var file: String?
}
