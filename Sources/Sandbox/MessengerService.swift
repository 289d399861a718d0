// The three servers as one value: commands in, bytes and hang-ups out; no sockets, no clocks.

import MSNP

/// A small MSN service that lets any account in. Connections are numbers that the caller chooses.
struct MessengerService {
    /// What is to be done with a connection.
    enum Output: Hashable {
        case send([UInt8], to: Int)
        /// Hang up once everything is sent.
        case close(Int)
    }

    /// One connection.
    struct Peer {
        enum Stage { case stranger, challenged, member }

        let role: Role
        /// The address that the client came to.
        let address: HostPort
        var dialect: Dialect?
        var account = ""
        var stage = Stage.stranger
        var isLeaving = false
        /// Presence, on a notification server.
        var presence = Presence()
        var contacts: Set<String> = []
        var statusText: [UInt8] = []
        var question: String?
        /// The conversation, on a switchboard.
        var session = 0

        var phrases: ResponseBuilder { ResponseBuilder(dialect: dialect ?? Dialect(0)) }
    }

    /// The right to enter a conversation, once.
    struct Ticket {
        let account: String
        let session: Int
        let isInvitation: Bool
    }

    /// Where dispatch servers send their clients.
    var notificationServer: HostPort
    /// Where conversations are held.
    var switchboard: HostPort

    var peers: [Int: Peer] = [:]
    /// The accounts that stand on everybody's list, in the order in which they were first seen.
    var accounts: [String] = []
    var names: [String: String] = [:]
    /// Who is signed in, and on which connection.
    var online: [String: Int] = [:]
    var tickets: [String: Ticket] = [:]
    /// The connections in each conversation.
    var rooms: [Int: [Int]] = [:]
    var listVersion = 5
    private var issued = 0
    private var outputs: [Output] = []

    /// How many contacts a list holds, as in the days of Messenger.
    static let listLimit = 150
    /// How many unused tickets one account may have.
    static let ticketLimit = 100
    /// The longest message between clients (payload-rules.md, P6).
    static let messageLimit = 1_664

    init(notificationServer: HostPort, switchboard: HostPort) {
        self.notificationServer = notificationServer
        self.switchboard = switchboard
    }

    /// A client has connected.
    mutating func opened(_ id: Int, as role: Role, at address: HostPort) {
        peers[id] = Peer(role: role, address: address)
    }

    /// A client has said something.
    mutating func receive(_ frame: Frame, from id: Int) -> [Output] {
        guard let peer = peers[id], !peer.isLeaving else { return [] }
        perform(Request(frame), for: peer, id)
        defer { outputs = [] }
        return outputs
    }

    /// A connection is gone.
    mutating func closed(_ id: Int) -> [Output] {
        depart(id)
        peers[id] = nil
        defer { outputs = [] }
        return outputs
    }

    private mutating func perform(_ request: Request, for peer: Peer, _ id: Int) {
        switch request.verb {
        case .empty: return
        case "PNG": send(peer.phrases.pong, to: id)
        case "OUT":
            if peer.role != .switchboard { send("OUT", to: id) }
            leave(id)
        default:
            guard let t = request.transaction else {
                send("200", to: id)
                return leave(id)
            }
            switch (peer.role, peer.stage) {
            case (.switchboard, _): converse(request, t, peer, id)
            case (.notification, .member): serve(request, t, peer, id)
            default: signIn(request, t, peer, id)
            }
        }
    }
}

// MARK: - What all servers share

extension MessengerService {
    /// Sends a line, and the payload behind it.
    mutating func send(_ line: String, payload: some Collection<UInt8> = [UInt8](), to id: Int) {
        guard let peer = peers[id], !peer.isLeaving else { return }
        outputs.append(.send(Array(line.utf8) + [0x0D, 0x0A] + payload, to: id))
    }

    /// Answers with an error and hangs up.
    mutating func refuse(_ error: String, _ t: String, _ id: Int) {
        send("\(error) \(t)", to: id)
        leave(id)
    }

    /// Hangs up.
    mutating func leave(_ id: Int) {
        guard let peer = peers[id], !peer.isLeaving else { return }
        depart(id)
        outputs.append(.close(id))
    }

    /// Takes a connection out of everything, and tells those who see it.
    private mutating func depart(_ id: Int) {
        guard let peer = peers[id], !peer.isLeaving else { return }
        peers[id]?.isLeaving = true
        guard peer.stage == .member else { return }
        if peer.role == .switchboard {
            exit(peer, id)
        } else if online[peer.account] == id {
            online[peer.account] = nil
            tickets = tickets.filter { $0.value.account != peer.account }
            announce(peer.account, was: peer.presence, is: Presence())
        }
    }

    /// A number that was not given out before.
    mutating func next() -> Int {
        issued += 1
        return issued
    }

    /// The name that an account goes by, as it stands on the wire.
    func name(of account: String) -> String {
        names[account] ?? String(account.prefix { $0 != "@" }).replacing("%", with: "%25")
    }
}

/// A client's command, with words that are always there: missing ones are empty.
struct Request {
    let frame: Frame
    let words: [String]

    init(_ frame: Frame) {
        self.frame = frame
        words = frame.arguments.map { String(decoding: $0, as: UTF8.self) }
    }

    var verb: Verb { frame.verb }

    /// The transaction identifier as the client wrote it.
    var transaction: String? {
        frame.arguments.first.flatMap { Decimal.value(of: $0) }.flatMap { _ in words.first }
    }

    /// The words behind the transaction identifier.
    var rest: String { words.dropFirst().joined(separator: " ") }

    /// The word at this place, in which the transaction identifier is number 0.
    subscript(index: Int) -> String { words.indices.contains(index) ? words[index] : "" }

    /// The account at this place; nil where it is none.
    func account(at index: Int) -> String? {
        let word = self[index].lowercased()
        let isPlain = word.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        return word.contains("@") && isPlain && word.utf8.count <= 129 ? word : nil
    }
}

/// What others see of an account.
struct Presence {
    var state = "FLN"
    var capabilities = "0"
    var picture = ""

    static let states: Set = ["NLN", "BSY", "IDL", "BRB", "AWY", "PHN", "LUN", "HDN", "FLN"]

    var isVisible: Bool { state != "FLN" && state != "HDN" }
}
