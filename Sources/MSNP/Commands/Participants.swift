// Tracks the participants of a switchboard conversation from its commands.

/// The participants of one switchboard connection, in the order of joining.
///
/// Since MSNP16 a server announces each endpoint of an account (`JOI account;{guid}`) and the account itself. An
/// account has left when its last endpoint has left, or when the server announces that the account left.
public struct Participants: Sendable {
    /// The account of the client; empty until a command contains it.
    public private(set) var own = ""
    /// The identifier of the switchboard session; nil until a command contains it.
    public private(set) var session: String?
    /// The accounts of all other participants.
    public private(set) var others: [String] = []
    /// The endpoints of each account that has any.
    private var endpoints: [String: Set<[UInt8]>] = [:]

    /// A limit on memory; servers allowed 20 participants.
    private static let maximumParticipants = 1_000
    private static let maximumEndpoints = 100
    /// A GUID in braces has 38 bytes.
    private static let maximumIdentifierLength = 64

    /// A change of the participants.
    public enum Change: Sendable, Hashable {
        /// The account joined before the client.
        case present(String)
        /// The account joined.
        case joined(String)
        /// The account left; with `isIdle`, because the server closed an idle switchboard.
        case left(String, isIdle: Bool)
    }

    /// A conversation without participants.
    public init() {}

    /// Whether there is no participant other than the client.
    public var isEmpty: Bool { others.isEmpty }

    /// Whether the account is a participant other than the client.
    public func contains(_ account: String) -> Bool { others.contains(account) }

    /// The recipients of a message from `sender`: all other participants, including the client.
    public func everybody(but sender: String) -> [String] {
        (others + (own.isEmpty ? [] : [own])).filter { $0 != sender }
    }

    /// Whether a command with this name may change the participants or name the client. The test is cheap; `take` decides.
    public static func mayChange(with verb: Verb) -> Bool {
        switch verb {
        case "USR", "ANS", "CAL", "IRO", "JOI", "BYE": true
        default: false
        }
    }

    /// Updates the participants from a command of the connection.
    ///
    /// - Returns: nil if the command adds or removes no participant.
    public mutating func take(_ command: Command) -> Change? {
        switch command {
        case .signIn(_, let account): own = AccountEndpoint(account).account
        case .enterSwitchboard(let endpoint, _, let number):
            own = endpoint.account
            if let number { session = String(decoding: number, as: UTF8.self) }
        case .signedIn(let account, _): if own.isEmpty { own = AccountEndpoint(account).account }
        case .ringing(let number): session = String(decoding: number, as: UTF8.self)
        case .present(let endpoint, _): return add(endpoint) ? .present(endpoint.account) : nil
        case .joined(let endpoint, _): return add(endpoint) ? .joined(endpoint.account) : nil
        case .left(let endpoint, let isIdle):
            return remove(endpoint) ? .left(endpoint.account, isIdle: isIdle) : nil
        default: break
        }
        return nil
    }

    /// - Returns: whether the account is a new participant.
    private mutating func add(_ endpoint: AccountEndpoint) -> Bool {
        let account = endpoint.account
        // The other endpoints of the client's own account join as well.
        guard account != own else { return false }
        let isNew = !others.contains(account)
        if isNew {
            guard others.count < Self.maximumParticipants else { return false }
            others.append(account)
        }
        if let identifier = endpoint.identifier, endpoints[account, default: []].count < Self.maximumEndpoints {
            endpoints[account, default: []].insert(Array(identifier.prefix(Self.maximumIdentifierLength)))
        }
        return isNew
    }

    /// - Returns: whether the account has left with its last endpoint.
    private mutating func remove(_ endpoint: AccountEndpoint) -> Bool {
        let account = endpoint.account
        guard let index = others.firstIndex(of: account) else { return false }
        if let identifier = endpoint.identifier, var remaining = endpoints[account] {
            remaining.remove(Array(identifier.prefix(Self.maximumIdentifierLength)))
            endpoints[account] = remaining
            guard remaining.isEmpty else { return false }
        }
        others.remove(at: index)
        endpoints[account] = nil
        return true
    }
}
