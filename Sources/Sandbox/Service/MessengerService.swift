// The sandbox's dispatch, notification and switchboard server as one value, without sockets and clocks.

import MSNP

/// A small MSN service that accepts any account. The caller identifies connections by numbers.
struct MessengerService {
    /// An action for a connection.
    enum Output: Hashable {
        case send([UInt8], to: Int)
        /// Close after all pending data was sent.
        case close(Int)
    }

    /// One connection.
    struct Peer {
        /// The progress of the sign-in; a switchboard uses only the first and last stage.
        enum Stage { case unidentified, challenged, admitted }

        let role: Role
        /// The server address that the client connected to.
        let address: HostPort
        var dialect: Dialect?
        var account = ""
        var stage = Stage.unidentified
        var isLeaving = false
        /// Presence, on a notification server.
        var presence = Presence()
        var contacts: Set<String> = []
        var statusText: [UInt8] = []
        var question: String?
        /// The session number, on a switchboard.
        var session = 0

        var responses: ResponseBuilder { ResponseBuilder(dialect: dialect ?? Dialect(0)) }
    }

    /// The right to join a switchboard session once; its cookie is the key in `tickets`.
    struct Ticket {
        let account: String
        let session: Int
        let isInvitation: Bool
    }

    /// The address to which the dispatch server redirects clients.
    var notificationServer: HostPort
    /// The address of the switchboard in redirects and invitations.
    var switchboard: HostPort

    var peers: [Int: Peer] = [:]
    /// The accounts on every client's contact list, in the order of their first sign-in.
    var accounts: [String] = []
    var names: [String: String] = [:]
    /// The notification connection of each signed-in account.
    var online: [String: Int] = [:]
    var tickets: [String: Ticket] = [:]
    /// The connections of each switchboard session.
    var sessions: [Int: [Int]] = [:]
    /// The echo contact's part in the sessions that it was called to.
    var echoes: [Int: EchoConversation] = [:]
    /// Whether every account has the echo contact on its list.
    let hasEcho: Bool
    var listVersion: Int
    private var issued = 0
    private var outputs: [Output] = []

    /// The largest number of contacts on a list, as on Microsoft's servers.
    static let listLimit = 150
    /// The largest number of unused tickets of one account.
    static let ticketLimit = 100
    /// The largest message payload between clients, in bytes (payload-rules.md, P6).
    static let messageLimit = 1_664

    init(notificationServer: HostPort, switchboard: HostPort, hasEcho: Bool = false) {
        self.notificationServer = notificationServer
        self.switchboard = switchboard
        self.hasEcho = hasEcho
        // Another version than without the contact, because clients keep lists.
        listVersion = hasEcho ? 6 : 5
        if hasEcho { names[EchoContact.account] = EchoContact.name }
    }

    /// Adds a connection.
    mutating func opened(_ id: Int, as role: Role, at address: HostPort) {
        peers[id] = Peer(role: role, address: address)
    }

    /// Processes a command and returns the resulting actions.
    mutating func receive(_ frame: Frame, from id: Int) -> [Output] {
        guard let peer = peers[id], !peer.isLeaving else { return [] }
        perform(Request(frame), for: peer, id)
        defer { outputs = [] }
        return outputs
    }

    /// Removes a closed connection and returns the resulting actions.
    mutating func closed(_ id: Int) -> [Output] {
        signOut(id)
        peers[id] = nil
        defer { outputs = [] }
        return outputs
    }

    private mutating func perform(_ request: Request, for peer: Peer, _ id: Int) {
        switch request.verb {
        case .empty: return
        case "PNG": send(peer.responses.pong, to: id)
        case "OUT":
            if peer.role != .switchboard { send("OUT", to: id) }
            disconnect(id)
        default:
            guard let trID = request.transaction else {
                send("200", to: id)
                return disconnect(id)
            }
            switch (peer.role, peer.stage) {
            case (.switchboard, _): handleSwitchboard(request, trID, peer, id)
            case (.notification, .admitted): handleNotification(request, trID, peer, id)
            default: handleSignIn(request, trID, peer, id)
            }
        }
    }
}

// MARK: - Operations of all three servers

extension MessengerService {
    /// Sends a command line and its payload.
    mutating func send(_ line: String, payload: some Collection<UInt8> = [UInt8](), to id: Int) {
        guard let peer = peers[id], !peer.isLeaving else { return }
        outputs.append(.send(Array(line.utf8) + [0x0D, 0x0A] + payload, to: id))
    }

    /// Answers with an error and closes the connection.
    mutating func refuse(_ error: String, _ trID: String, _ id: Int) {
        send("\(error) \(trID)", to: id)
        disconnect(id)
    }

    /// Closes a connection.
    mutating func disconnect(_ id: Int) {
        guard let peer = peers[id], !peer.isLeaving else { return }
        signOut(id)
        outputs.append(.close(id))
    }

    /// Removes a connection from its session or from the online accounts, and informs the clients that see it.
    private mutating func signOut(_ id: Int) {
        guard let peer = peers[id], !peer.isLeaving else { return }
        peers[id]?.isLeaving = true
        guard peer.stage == .admitted else { return }
        if peer.role == .switchboard {
            leaveSession(peer, id)
        } else if online[peer.account] == id {
            online[peer.account] = nil
            tickets = tickets.filter { $0.value.account != peer.account }
            announce(peer.account, was: peer.presence, is: Presence())
        }
    }

    /// A new number for sessions, cookies and challenges.
    mutating func nextNumber() -> Int {
        issued += 1
        return issued
    }

    /// Whether this is the account of the echo contact, and the contact exists.
    func isEcho(_ account: String) -> Bool { hasEcho && account == EchoContact.account }

    /// The presence and personal message of an account; nil if it is offline or hidden.
    func visiblePresence(of account: String) -> (presence: Presence, statusText: [UInt8])? {
        if isEcho(account) { return (EchoContact.presence, EchoContact.statusText) }
        guard let peer = online[account].flatMap({ peers[$0] }), peer.presence.isVisible else { return nil }
        return (peer.presence, peer.statusText)
    }

    /// The display name of an account, percent-encoded as on the wire.
    func name(of account: String) -> String {
        names[account] ?? String(account.prefix { $0 != "@" }).replacing("%", with: "%25")
    }
}
