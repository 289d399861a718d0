// The commands that the program acts on, as typed values, for all dialects (commands.tsv).

/// A parsed command. Values are slices of the frame's bytes, exactly as on the wire. Only commands that the program
/// acts on have a case. Those of a file transfer's own connection are `FileTransferCommand`.
public enum Command: Sendable, Hashable {
    /// An argument exactly as on the wire.
    public typealias Token = ByteSlice

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
    /// `PRP … MFN name` of a server: the display name of the account that signed in.
    case ownName(Token)
    /// `REA t version account name` of a server: the new display name of an account.
    case renamed(AccountEndpoint, name: Token)
    /// `UUM t account network type length` of the client: a message to an account of another network, or to a phone
    /// (`tel:…`). The token may start with the network: `32:bob@example.com`.
    case networkMessage(to: Token)
    /// `UBM account [network] [account] [network] type length` of a server: such a message to the client.
    case receivedNetworkMessage(from: Token, to: Token?)
    /// `UUN t account type length` of the client, `UBN account type length` of a server: the other account.
    case userNotice(account: Token, type: Token)
}

/// An account and, since MSNP16, one of the endpoints at which it is signed in.
public struct AccountEndpoint: Sendable, Hashable {
    /// The account, in lower case.
    public let account: String
    /// The GUID of the endpoint; nil before MSNP16, and if the command refers to all endpoints of the account.
    public let identifier: ByteSlice?

    /// Parses `account` or `account;{guid}`.
    public init(_ token: ByteSlice) {
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

    /// `ACK t`, `NAK t` or an error: whether the server accepted a message.
    public struct MessageAnswer: Sendable, Hashable {
        /// The transaction identifier of the message.
        public let transaction: UInt32
        /// Whether the message was refused.
        public let isRefusal: Bool
    }
}
