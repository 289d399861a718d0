// What was heard, and so what can be said of that which was not.

internal import MSNP

/// Whose connections were heard, from where on, and who else was there.
///
/// Nobody is accused of sending what was not agreed on where the agreement may have been said before the capture began,
/// or in one of its holes.
struct Hearing: Sendable {
    private var accounts: Recent<Int, String>
    private var others: Recent<Int, [String]>
    private var broken: Recent<Int, Bool>
    private var signedIn: Recent<String, Bool>
    /// Every connection so far was heard from its beginning, and none with a server has holes.
    private var isWhole = true
    /// How many people of one conversation are remembered; switchboards took some twenty.
    private static let mostOthers = 64

    init(_ limits: TransferLimits) {
        accounts = Recent(most: limits.remembered)
        others = Recent(most: limits.remembered)
        broken = Recent(most: limits.remembered)
        signedIn = Recent(most: limits.remembered)
    }

    /// Whose connection it is, where its beginning was heard.
    func account(of connection: Int) -> String? { accounts[connection] }

    /// Whether bytes of a connection are missing.
    func isBroken(_ connection: Int) -> Bool { broken[connection] != nil }

    /// Everybody else in a conversation.
    func others(on connection: Int) -> [String] { others[connection] ?? [] }

    /// Notes a connection.
    mutating func open(isFromStart: Bool) { if !isFromStart { isWhole = false } }

    /// Notes that bytes are missing.
    mutating func lose(on connection: Int, _ role: Role) {
        if role != .peerToPeer, role != .fileTransfer { isWhole = false }
        broken.set(true, for: connection)
    }

    /// Takes a line that says who somebody is, or who comes and goes.
    mutating func take(_ frame: Frame, at place: Place) {
        let arguments = frame.arguments
        func account(_ index: Int) -> String? {
            guard arguments.indices.contains(index), arguments[index].contains(0x40) else { return nil }
            return String(decoding: Account.of(arguments[index]), as: UTF8.self)
        }
        switch (frame.verb, place.side, place.role) {
        case ("USR", .client, .notification):
            // USR transaction SSO I account.
            guard arguments.count > 3, arguments[2].elementsEqual("I".utf8), let own = account(3) else { return }
            accounts.set(own, for: place.connection)
            signedIn.set(true, for: own)
        case ("USR", .client, _), ("ANS", .client, _):
            // On a switchboard: USR transaction account cookie, ANS transaction account cookie session.
            guard arguments.count > 2, let own = account(1) else { return }
            accounts.set(own, for: place.connection)
        case ("JOI", .server, _): join(account(0), place.connection)
        case ("IRO", .server, _): join(account(3), place.connection)
        case ("BYE", .server, _):
            guard let left = account(0) else { return }
            others.change(place.connection) { $0.removeAll { $0 == left } }
        default: break
        }
    }

    private mutating func join(_ account: String?, _ connection: Int) {
        guard let account, account != accounts[connection] else { return }
        var all = others[connection] ?? []
        guard all.count < Self.mostOthers, !all.contains(account) else { return }
        all.append(account)
        others.set(all, for: connection)
    }

    /// Forgets a connection that has ended.
    mutating func close(_ connection: Int) {
        accounts.remove(connection)
        others.remove(connection)
        broken.remove(connection)
    }

    /// Whether an invitation would have been heard to what a server carries here. Clients of the second version also invite
    /// over their notification servers.
    func wouldKnow(on connection: Int, _ version: PeerPacket.Version) -> Bool {
        guard let own = accounts[connection], broken[connection] == nil else { return false }
        return version == .one || isWhole && signedIn[own] != nil
    }

    /// Whether an invitation would have been heard to what two clients carry between each other.
    ///
    /// - Parameter account: one of them, where that is known.
    func wouldKnow(_ account: String?) -> Bool {
        guard isWhole else { return false }
        guard let account else { return !accounts.isEmpty || !signedIn.isEmpty }
        return signedIn[account] != nil || accounts.all.contains(account)
            || others.all.contains { $0.contains(account) }
    }
}
