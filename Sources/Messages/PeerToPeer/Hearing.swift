// What was heard, and so what can be said of that which was not.

internal import MSNP

/// Whose connections were heard, from where on, and who else was there.
///
/// Nobody is accused of sending what was not agreed on where the agreement may have been said before the capture began,
/// or in one of its holes.
struct Hearing: Sendable {
    private var participants: Recent<Int, Participants>
    private var broken: Recent<Int, Bool>
    private var signedIn: Recent<String, Bool>
    /// Every connection so far was heard from its beginning, and none with a server has holes.
    private var isWhole = true

    init(_ limits: TransferLimits) {
        participants = Recent(most: limits.remembered)
        broken = Recent(most: limits.remembered)
        signedIn = Recent(most: limits.remembered)
    }

    /// Whose connection it is, where its beginning was heard.
    func account(of connection: Int) -> String? {
        participants[connection].flatMap { $0.own.isEmpty ? nil : $0.own }
    }

    /// Whether bytes of a connection are missing.
    func isBroken(_ connection: Int) -> Bool { broken[connection] != nil }

    /// Everybody in a conversation but one.
    func everybody(on connection: Int, but sender: String) -> [String] {
        participants[connection]?.everybody(but: sender) ?? []
    }

    /// Notes a connection.
    mutating func open(isFromStart: Bool) { if !isFromStart { isWhole = false } }

    /// Notes that bytes are missing.
    mutating func lose(on connection: Int, _ role: Role) {
        if role != .peerToPeer, role != .fileTransfer { isWhole = false }
        broken.set(true, for: connection)
    }

    /// Takes a command that says who somebody is, or who comes and goes.
    mutating func take(_ command: Command, at place: Place) {
        switch command {
        // What the server answers does not show that the client's part was captured.
        case .signedIn: return
        case .signIn(_, let account) where place.role == .notification:
            signedIn.set(true, for: AccountEndpoint(account).account)
        default: break
        }
        var participants = participants[place.connection] ?? Participants()
        let own = participants.own
        guard participants.take(command) != nil || participants.own != own else { return }
        self.participants.set(participants, for: place.connection)
    }

    /// Forgets a connection that has ended.
    mutating func close(_ connection: Int) {
        participants.remove(connection)
        broken.remove(connection)
    }

    /// Whether an invitation would have been heard to what a server carries here. Clients of the second version also invite
    /// over their notification servers.
    func wouldKnow(on connection: Int, _ version: PeerPacket.Version) -> Bool {
        guard let own = account(of: connection), broken[connection] == nil else { return false }
        return version == .one || isWhole && signedIn[own] != nil
    }

    /// Whether an invitation would have been heard to what two clients carry between each other.
    ///
    /// - Parameter account: one of them, where that is known.
    func wouldKnow(_ account: String?) -> Bool {
        guard isWhole else { return false }
        guard let account else { return !signedIn.isEmpty || participants.all.contains { !$0.own.isEmpty } }
        return signedIn[account] != nil || participants.all.contains { $0.own == account || $0.contains(account) }
    }
}
