// Parses the commands that the program acts on into typed values, for all dialects (commands.tsv).

/// A parsed command. Values are slices of the frame's bytes, exactly as on the wire. Only commands that the program
/// acts on have a case.
public enum Command: Sendable, Hashable {
    /// An argument exactly as on the wire.
    public typealias Token = ArraySlice<UInt8>

    /// `VER t dialect…`: the dialects that a client offers or a server selects; empty if the server refuses (`VER t
    /// 0`).
    case version([Dialect])
    /// `VER MSNFTP`, `VER t MSNFTP`: the start of a file transfer.
    case fileTransferVersion
    /// `CVR t locale system version processor name version…` of the client: its name and version.
    case program(name: Token, version: Token)
    /// `USR t policy I account`: the client starts the sign-in.
    case signIn(policy: Token, account: Token)
    /// `USR t policy S value…`: the server's challenge, or the client's response.
    case authentication(policy: Token, value: Token)
    /// `USR t OK account name…`; since MSNP10, `USR t OK account verified…` of a notification server.
    case signedIn(account: Token, name: Token?)
    /// `USR t account cookie`, `ANS t account cookie session`: the client enters a switchboard, by its own request
    /// (`USR`) or by invitation (`ANS`, with a session).
    case enterSwitchboard(AccountEndpoint, cookie: Token, session: Token?)
    /// `CAL t RINGING session`: the server invites an account to the session.
    case ringing(session: Token)
    /// `IRO t index total account name…`: a participant who joined the switchboard before the client.
    case present(AccountEndpoint, name: Token?)
    /// `JOI account name…`: a participant joins.
    case joined(AccountEndpoint, name: Token?)
    /// `BYE account [1]`: a participant leaves; `1` if the server closed an idle switchboard.
    case left(AccountEndpoint, isIdle: Bool)
    /// `MSG t acknowledgement length` of the client.
    case sentMessage(acknowledgement: Token)
    /// `MSG account name length` of a server.
    case message(from: Token, name: Token?)
    /// `XFR t NS` of the client: requests a notification server from a dispatch server.
    case requestNotificationServer
    /// `XFR t NS address…`, `XFR t SB address…`, `RNG…` of a server.
    case redirect(Redirect)
    /// `XFR t NS 0`: the client must sign in again on this connection.
    case restart
    /// `XFR` or `RNG` of a server in an undocumented form.
    case unknownRedirect
    /// `CHL t challenge` of a server.
    case challenge(Token)
    /// `QRY t product length` of the client; the payload holds the response to the challenge.
    case challengeAnswer(product: Token)
    /// `NLN`, `ILN`, `FLN` of a server.
    case presence(Presence)
    /// `LST`, `ADC` of a server.
    case contact(Contact)
}

/// An account and, since MSNP16, one of the endpoints at which it is signed in.
public struct AccountEndpoint: Sendable, Hashable {
    /// The account, in lower case.
    public let account: String
    /// The GUID of the endpoint; nil before MSNP16, and if the command refers to all endpoints of the account.
    public let identifier: ArraySlice<UInt8>?

    /// Parses `account` or `account;{guid}`.
    public init(_ token: ArraySlice<UInt8>) {
        account = String(decoding: Account.of(token), as: UTF8.self)
        identifier = token.firstIndex(of: 0x3B).map { token[($0 + 1)...] }
    }
}

extension Command {
    /// The presence of an account.
    public struct Presence: Sendable, Hashable {
        /// The account, in lower case.
        public let account: String
        /// `NLN`, `BSY`, …; `FLN` if the account is offline.
        public let status: Token
        /// The display name, percent-encoded; nil if the account is offline.
        public let name: Token?
    }

    /// An entry of the contact list.
    public struct Contact: Sendable, Hashable {
        /// The account, in lower case.
        public let account: String
        /// The display name, percent-encoded.
        public let name: Token?
        /// The code of one list, or the bit set of all lists with the account.
        public let lists: Token?
    }

    /// Parses a command.
    ///
    /// - Returns: nil for a command without a case, and for too few arguments.
    public init?(_ frame: Frame, from side: Side) {
        switch (frame.verb, side) {
        case ("USR", .client): self.init(userOfClient: frame)
        case ("USR", .server): self.init(userOfServer: frame)
        case ("ANS", .client):
            guard let account = frame.argument(1), account.contains(0x40), let cookie = frame.argument(2) else {
                return nil
            }
            self = .enterSwitchboard(AccountEndpoint(account), cookie: cookie, session: frame.argument(3))
        case ("MSG", .client):
            guard let acknowledgement = frame.argument(1) else { return nil }
            self = .sentMessage(acknowledgement: acknowledgement)
        case ("MSG", .server):
            guard let account = frame.argument(0) else { return nil }
            self = .message(from: account, name: frame.argument(2) == nil ? nil : frame.argument(1))
        case ("JOI", .server):
            guard let account = frame.argument(0) else { return nil }
            self = .joined(AccountEndpoint(account), name: frame.argument(1))
        case ("IRO", .server):
            guard let account = frame.argument(3) else { return nil }
            self = .present(AccountEndpoint(account), name: frame.argument(4))
        case ("BYE", .server):
            guard let account = frame.argument(0) else { return nil }
            self = .left(AccountEndpoint(account), isIdle: frame.argument(1)?.elementsEqual("1".utf8) == true)
        case ("CAL", .server):
            guard let session = frame.argument(2) else { return nil }
            self = .ringing(session: session)
        case ("VER", _):
            let arguments = frame.arguments
            if arguments.count <= 2, arguments.last?.elementsEqual("MSNFTP".utf8) == true {
                self = .fileTransferVersion
            } else {
                self = .version(Dialect.list(in: frame))
            }
        case ("CVR", .client):
            guard let name = frame.argument(5), let version = frame.argument(6) else { return nil }
            self = .program(name: name, version: version)
        case ("XFR", .client):
            guard frame.argumentCount == 2, frame.argument(1)?.elementsEqual("NS".utf8) == true else { return nil }
            self = .requestNotificationServer
        case ("XFR", .server), ("RNG", .server):
            switch Redirect.read(frame) {
            case .redirect(let redirect): self = .redirect(redirect)
            case .softReset: self = .restart
            case .notUnderstood: self = .unknownRedirect
            case .other: return nil
            }
        case ("CHL", .server):
            guard let challenge = frame.argument(1) else { return nil }
            self = .challenge(challenge)
        case ("QRY", .client):
            guard let product = frame.argument(1) else { return nil }
            self = .challengeAnswer(product: product)
        case ("NLN", .server), ("ILN", .server), ("FLN", .server):
            guard let presence = Presence(frame) else { return nil }
            self = .presence(presence)
        case ("LST", .server), ("ADC", .server):
            guard let contact = Contact(frame) else { return nil }
            self = .contact(contact)
        default: return nil
        }
    }

    private init?(userOfClient frame: Frame) {
        guard let first = frame.argument(1), let second = frame.argument(2) else { return nil }
        if second.elementsEqual("I".utf8), let account = frame.argument(3) {
            self = .signIn(policy: first, account: account)
        } else if first.contains(0x40), frame.argumentCount == 3 {
            self = .enterSwitchboard(AccountEndpoint(first), cookie: second, session: nil)
        } else if let value = frame.argument(3) {
            self = .authentication(policy: first, value: value)
        } else {
            return nil
        }
    }

    private init?(userOfServer frame: Frame) {
        guard let first = frame.argument(1), let second = frame.argument(2) else { return nil }
        if first.elementsEqual("OK".utf8) {
            self = .signedIn(account: second, name: frame.argument(3))
        } else if let value = frame.argument(3) {
            self = .authentication(policy: first, value: value)
        } else {
            return nil
        }
    }
}

extension Command.Presence {
    /// Parses `ILN t status account [network] name…`, `NLN status account [network] name…`, `FLN account…`.
    fileprivate init?(_ frame: Frame) {
        let arguments = frame.arguments
        guard let accountIndex = arguments.firstIndex(where: { $0.contains(0x40) }) else { return nil }
        // MSNP18 prefixes the account with the network: `1:alice@example.com`.
        let token = arguments[accountIndex]
        let bare = token.firstIndex(of: 0x3A).map { token[($0 + 1)...] } ?? token
        account = String(decoding: Account.of(bare), as: UTF8.self)
        guard frame.verb != "FLN" else {
            status = frame.bytes[..<3]
            name = nil
            return
        }
        status = accountIndex > 0 ? arguments[accountIndex - 1] : []
        let next = arguments.dropFirst(accountIndex + 1).first
        let isNetwork = next.map { $0.count < 3 && Decimal.value(of: $0) != nil } ?? false
        name = isNetwork && arguments.count > accountIndex + 3 ? arguments[accountIndex + 2] : next
    }
}

extension Command.Contact {
    /// Parses `LST t list version n total account name` (to MSNP7), `LST account name lists…` (to MSNP10), and
    /// `LST N=account F=name … lists…` (later).
    fileprivate init?(_ frame: Frame) {
        let arguments = frame.arguments
        guard let accountIndex = arguments.firstIndex(where: { $0.contains(0x40) }) else { return nil }
        account = String(decoding: Account.of(Self.value(arguments[accountIndex], "N=")), as: UTF8.self)
        name = arguments.dropFirst(accountIndex + 1).first.map { Self.value($0, "F=") }
        lists =
            accountIndex > 1
            ? arguments[1] : arguments.dropFirst(accountIndex + 2).first { Decimal.value(of: $0) != nil }
    }

    private static func value(_ token: ArraySlice<UInt8>, _ prefix: StaticString) -> ArraySlice<UInt8> {
        token.starts(with: prefix.description.utf8) ? token.dropFirst(prefix.utf8CodeUnitCount) : token
    }
}
