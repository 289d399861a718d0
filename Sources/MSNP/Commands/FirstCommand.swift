// Detects the role of a connection from the first bytes of the client (payload-rules.md section 6).

/// The first command of a client, which determines the role of the connection.
public enum FirstCommand: Sendable, Hashable {
    /// `VER …`: a dispatch or notification server. Most clients continue counting `transaction` after a redirect.
    case notification(transaction: UInt32?)
    /// `XFR t NS` of the Beta 2 client: a dispatch server.
    case dispatch
    /// `USR t account cookie`: a switchboard that this client requested.
    case switchboardCaller(account: [UInt8], cookie: [UInt8])
    /// `ANS t account cookie session`: a switchboard to which this client was invited.
    case switchboardCallee(account: [UInt8], cookie: [UInt8], session: [UInt8])
    /// `VER MSNFTP`: a file transfer.
    case fileTransfer
    /// Another MSNP command, which opens no known kind of connection.
    case otherCommand
    /// The handshake of a direct connection between clients.
    case peerToPeer
    /// An HTTP request.
    case http
    /// Another protocol.
    case foreign

    /// Parses the first bytes of a connection.
    ///
    /// - Parameters:
    ///   - bytes: all bytes received from the client so far.
    ///   - limit: the maximum length of the first line in bytes.
    /// - Returns: nil if more bytes are needed.
    public static func read(_ bytes: [UInt8], limit: Int = DecoderLimits().line) -> FirstCommand? {
        guard let first = bytes.first else { return nil }
        if first == 0x04 {
            let handshake: [UInt8] = [4, 0, 0, 0, 0x66, 0x6F, 0x6F, 0]
            guard handshake.starts(with: bytes.prefix(8)) else { return .foreign }
            return bytes.count >= 8 ? .peerToPeer : nil
        }
        for method in ["POST ", "GET "] where method.utf8.starts(with: bytes.prefix(method.utf8.count)) {
            if bytes.count >= method.utf8.count { return .http }
            return nil
        }
        switch CommandHead.scan(bytes.span, from: 0, limit: limit) {
        case .incomplete: return nil
        case .invalid: return .foreign
        case .line(let head):
            let line = Array(bytes.prefix(head.payloadStart))
            return Frame(line).map(FirstCommand.init) ?? .foreign
        }
    }

    /// Classifies the first command of a client.
    public init(_ frame: Frame) {
        self =
            switch Command(frame, from: .client) {
            case .version: .notification(transaction: frame.transaction(from: .client, in: nil))
            case .fileTransferVersion: .fileTransfer
            case .enterSwitchboard(let endpoint, let cookie, let session?):
                .switchboardCallee(
                    account: Array(endpoint.account.utf8), cookie: Array(cookie), session: Array(session))
            case .enterSwitchboard(let endpoint, let cookie, nil) where frame.verb == "USR":
                .switchboardCaller(account: Array(endpoint.account.utf8), cookie: Array(cookie))
            case .requestNotificationServer: .dispatch
            default: .otherCommand
            }
    }

    /// The role of the connection. After `VER`, only the reply of the server shows whether it is a dispatch server.
    public var role: Role {
        switch self {
        case .notification: .notification
        case .dispatch: .dispatch
        case .switchboardCaller, .switchboardCallee: .switchboard
        case .fileTransfer: .fileTransfer
        case .peerToPeer: .peerToPeer
        case .http: .http
        case .otherCommand, .foreign: .unknown
        }
    }
}

/// Normalizes accounts in commands.
public enum Account {
    /// The e-mail address in a token, in lower case and without the endpoint (`;{guid}`) of MSNP16 and later.
    public static func of(_ token: ByteSlice) -> [UInt8] {
        let span = token.span
        var account = [UInt8](copying: span, count: span.first(0x3B, from: 0, to: span.count))
        for index in account.indices where account[index] &- 0x41 < 26 { account[index] |= 0x20 }
        return account
    }
}
