// Recognizes SOCKS and HTTP CONNECT handshakes before MSNP, so that they are skipped. Pure.

internal import Doors
internal import MSNP

extension ProtocolDetector {
    /// The protocol of a connection that begins with a proxy handshake.
    ///
    /// If the proxy refuses, there is nothing to decode, and the connection is foreign.
    static func proxied(client: [UInt8], server: [UInt8], ended: Bool) -> DetectedProtocol {
        let isFull = ended || client.count + server.count >= mostBytes
        switch ProxyHandshake.reading(client, server) {
        case .incomplete: return isFull ? .foreign : .undecided
        case .refused: return .foreign
        case .granted(let lengths):
            guard lengths.client <= client.count, lengths.server <= server.count else {
                return isFull ? .foreign : .undecided
            }
            let rest = Array(client[lengths.client...])
            switch FirstCommand.read(rest) {
            case nil: return isFull ? .foreign : .undecided
            case .notification: return namesDialects(rest) ? .proxied(lengths) : .foreign
            case .dispatch, .switchboardCaller, .switchboardCallee, .fileTransfer:
                return .proxied(lengths)
            case .otherCommand, .peerToPeer, .http, .foreign: return .foreign
            }
        }
    }
}
