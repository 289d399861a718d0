// Why a connection ended.

package import MSNP

/// Why a connection ended, as a relay saw it, or as a capture or a log tells.
package enum CloseReason: Sendable, Hashable {
    /// Both sides said that they say no more.
    case closed
    /// A side said so first.
    case closedBy(Side)
    /// It was reset; nothing tells by whom.
    case reset
    /// A side reset it.
    case resetBy(Side)
    /// The relay did not reach the server.
    case noConnection(to: HostPort, why: String)
    /// The relay gave its place to other clients, before the server was reached.
    case gaveWay
    /// The relay ended.
    case relayStopped
    /// Another connection between the same ports began.
    case portsReused
    /// Nothing came for as long as connections are waited for.
    case idle
    /// There were more connections than a reader follows.
    case tooManyConnections
    /// The capture ends before the connection does.
    case captureEnds
    /// The log ends before the connection does.
    case logEnds
    /// The HTTP gateway said that there is no such session.
    case gatewayRefused
    /// The words of a pasted log, or of a recording by another version of the program.
    case other(String)

    /// All but those that hold words of their own.
    private static let fixed: [CloseReason] = [
        .closed, .closedBy(.client), .closedBy(.server), .reset, .resetBy(.client), .resetBy(.server), .gaveWay,
        .relayStopped, .portsReused, .idle, .tooManyConnections, .captureEnds, .logEnds, .gatewayRefused,
    ]
    private static let byText = Dictionary(uniqueKeysWithValues: fixed.map { ($0.text, $0) })

    /// What stands in logs and archives.
    package var text: String {
        switch self {
        case .closed: "closed"
        case .closedBy(let side): "closed by the \(side.name)"
        case .reset: "reset"
        case .resetBy(let side): "reset by the \(side.name)"
        case .noConnection(let target, let why): "\(Self.noConnection)\(target): \(why)"
        case .gaveWay: "gave way to other clients before the server was there"
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

    /// Reads what stands in an archive.
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
        // An IPv6 address has colons of its own, but no blank behind them.
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
