// The reasons why a connection ended, and their text in logs and archives.

package import MSNP

/// Why a connection ended, as observed by the relay or read from a capture or a log.
package enum CloseReason: Sendable, Hashable {
    /// Both sides closed their direction.
    case closed
    /// This side closed its direction first.
    case closedBy(Side)
    /// A reset of unknown origin.
    case reset
    /// This side reset the connection.
    case resetBy(Side)
    /// The relay could not connect to the server.
    case noConnection(to: HostPort, why: String)
    /// The relay dropped the client in favour of others before it had connected to the server.
    case gaveWay
    /// The handshake of a proxy's client failed.
    case handshakeFailed
    /// The client of the relay's HTTP gateway has not asked for a minute.
    case gatewayIdle
    /// The relay ended.
    case relayStopped
    /// A new connection started between the same ports.
    case portsReused
    /// No packet arrived within the time limit for idle connections.
    case idle
    /// The limit on simultaneous connections of a capture reader was exceeded.
    case tooManyConnections
    /// The capture ends before the connection does.
    case captureEnds
    /// The log ends before the connection does.
    case logEnds
    /// The HTTP gateway answered that the session does not exist.
    case gatewayRefused
    /// Text from a pasted log, or from a recording by another version of the program.
    case other(String)

    /// The reasons without associated text.
    private static let fixed: [CloseReason] = [
        .closed, .closedBy(.client), .closedBy(.server), .reset, .resetBy(.client), .resetBy(.server), .gaveWay,
        .handshakeFailed, .gatewayIdle, .relayStopped, .portsReused, .idle, .tooManyConnections, .captureEnds, .logEnds,
        .gatewayRefused,
    ]
    private static let byText = Dictionary(uniqueKeysWithValues: fixed.map { ($0.text, $0) })

    /// The reason as written to logs and archives.
    package var text: String {
        switch self {
        case .closed: "closed"
        case .closedBy(let side): "closed by the \(side.name)"
        case .reset: "reset"
        case .resetBy(let side): "reset by the \(side.name)"
        case .noConnection(let target, let why): "\(Self.noConnection)\(target): \(why)"
        case .gaveWay: "gave way to other clients before the server was there"
        case .handshakeFailed: "the proxy handshake failed"
        case .gatewayIdle: "gateway session idle"
        case .relayStopped: "relay stopped"
        case .portsReused: "its ports were used again"
        case .idle: "nothing came for two hours"
        case .tooManyConnections: "given up: too many connections at once"
        case .captureEnds: "the capture ends"
        case .logEnds: "the log ends"
        case .gatewayRefused: "the gateway refused"
        case .other(let words): words
        }
    }

    /// Parses a reason as written to an archive.
    package init(_ text: String) {
        if let reason = Self.byText[text] {
            self = reason
        } else if text.hasPrefix(Self.noConnection),
            let (target, why) = Self.target(text.dropFirst(Self.noConnection.count))
        {
            self = .noConnection(to: target, why: why)
        } else {
            self = .other(text)
        }
    }

    private static let noConnection = "no connection to "

    private static func target(_ text: Substring) -> (HostPort, String)? {
        // The separator is a colon and a space. An IPv6 address has colons, but no space after them.
        var start = text.startIndex
        while let colon = text[start...].firstIndex(of: ":") {
            start = text.index(after: colon)
            guard text[start...].first == " " else { continue }
            return HostPort(String(text[..<colon])).map { ($0, String(text[start...].dropFirst())) }
        }
        return nil
    }
}

extension Side {
    fileprivate var name: String { self == .client ? "client" : "server" }
}
