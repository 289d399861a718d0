// Who is in the conversation of a switchboard connection.

/// The participants of one connection, in the order in which they came.
///
/// From MSNP16 on a server names each place of an account (`JOI account;{guid}`) and the account itself. A person has left
/// when the last of these places has, or when the server says so of the account.
public struct Participants: Sendable {
    /// The account of the client; empty until a command names it.
    public private(set) var own = ""
    /// The number of the switchboard session.
    public private(set) var session: String?
    /// The accounts of all others.
    public private(set) var others: [String] = []
    /// The places of those who have any.
    private var places: [String: Set<[UInt8]>] = [:]

    /// Servers allowed 20 people.
    private static let mostPeople = 1_000
    private static let mostPlaces = 100
    /// A GUID in braces has 38 bytes.
    private static let longestPlace = 64

    /// What a command changes.
    public enum Change: Sendable, Hashable {
        /// The account was there before the client.
        case present(String)
        /// The account came.
        case joined(String)
        /// The account left; a server closes a switchboard for idleness while the people are still there.
        case left(String, isIdle: Bool)
    }

    /// Nobody.
    public init() {}

    /// Whether nobody but the client is here.
    public var isEmpty: Bool { others.isEmpty }

    /// Whether somebody other than the client is here.
    public func contains(_ account: String) -> Bool { others.contains(account) }

    /// All who get what an account says.
    public func everybody(but sender: String) -> [String] {
        (others + (own.isEmpty ? [] : [own])).filter { $0 != sender }
    }

    /// Takes a command of the connection.
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

    /// - Returns: whether the account was not here before.
    private mutating func add(_ endpoint: AccountEndpoint) -> Bool {
        let account = endpoint.account
        // The client's other places are called as well.
        guard account != own else { return false }
        let isNew = !others.contains(account)
        if isNew {
            guard others.count < Self.mostPeople else { return false }
            others.append(account)
        }
        if let place = endpoint.identifier, places[account, default: []].count < Self.mostPlaces {
            places[account, default: []].insert(Array(place.prefix(Self.longestPlace)))
        }
        return isNew
    }

    /// - Returns: whether the account is gone.
    private mutating func remove(_ endpoint: AccountEndpoint) -> Bool {
        let account = endpoint.account
        guard let index = others.firstIndex(of: account) else { return false }
        if let place = endpoint.identifier, var left = places[account] {
            left.remove(Array(place.prefix(Self.longestPlace)))
            places[account] = left
            guard left.isEmpty else { return false }
        }
        others.remove(at: index)
        places[account] = nil
        return true
    }
}
