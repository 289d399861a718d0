// What a connection is for, told by the first bytes of the client (payload-rules.md section 6).

/// The first thing that a client says.
public enum FirstCommand: Sendable, Hashable {
    /// `VER …`: a dispatch or notification server. `transaction` goes on counting over redirects with most clients.
    case notification(transaction: UInt32?)
    /// `XFR t NS` of the Beta 2 client: a dispatch server.
    case dispatch
    /// `USR t account cookie`: a switchboard that this client asked for.
    case switchboardCaller(account: [UInt8], cookie: [UInt8])
    /// `ANS t account cookie session`: a switchboard that this client was called to.
    case switchboardCallee(account: [UInt8], cookie: [UInt8], session: [UInt8])
    /// `VER MSNFTP`: a file transfer.
    case fileTransfer
    /// A command that opens nothing known.
    case otherCommand
    /// The handshake of a direct link between clients.
    case peerToPeer
    /// An HTTP request.
    case http
    /// Nothing of MSN's.
    case foreign

    /// What the first bytes say.
    ///
    /// - Parameters:
    ///   - bytes: what the client has said so far.
    ///   - limit: how long the first line may be.
    /// - Returns: nil while that cannot be told.
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
        case .noLine: return .foreign
        case .line(let head):
            let line = Array(bytes.prefix(head.payloadStart))
            return Frame(line).map(FirstCommand.init) ?? .foreign
        }
    }

    /// What a client's first command says.
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

    /// The role that a connection opened like this has; a dispatch server only shows itself by its answer.
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

/// Accounts as lines name them.
public enum Account {
    /// The e-mail address in a token, in lower case, without the endpoint (`;{guid}`) of MSNP16 and later.
    public static func of(_ token: ArraySlice<UInt8>) -> [UInt8] {
        token.prefix { $0 != 0x3B }.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
    }
}
