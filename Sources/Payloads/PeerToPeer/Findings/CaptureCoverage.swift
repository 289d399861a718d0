// Which connections were captured completely, and so which agreements the capture would show.

internal import MSNP

/// Whose connections were captured, which of them completely, and who took part in them.
///
/// Data without an agreement is a finding only where the agreement cannot have been made before the capture began, or in
/// one of its holes.
struct CaptureCoverage: Sendable {
    private var participants: BoundedDictionary<Int, Participants>
    private var gaps: BoundedDictionary<Int, Bool>
    private var signedIn: BoundedDictionary<String, Bool>
    /// Every connection so far was captured from its beginning, and none with a server has holes.
    private var isWhole = true

    init(_ limits: TransferLimits) {
        participants = BoundedDictionary(most: limits.remembered)
        gaps = BoundedDictionary(most: limits.remembered)
        signedIn = BoundedDictionary(most: limits.remembered)
    }

    /// Whose connection it is, where its beginning was captured.
    func account(of connection: Int) -> String? {
        participants[connection].flatMap { $0.own.isEmpty ? nil : $0.own }
    }

    /// Whether bytes of a connection are missing.
    func hasGaps(_ connection: Int) -> Bool { gaps[connection] != nil }

    /// Everybody in a conversation but one.
    func everybody(on connection: Int, but sender: String) -> [String] {
        participants[connection]?.everybody(but: sender) ?? []
    }

    /// Notes a connection.
    mutating func open(isFromStart: Bool) { if !isFromStart { isWhole = false } }

    /// Notes that bytes are missing.
    mutating func lose(on connection: Int, _ role: Role) {
        if role != .peerToPeer, role != .fileTransfer { isWhole = false }
        gaps.set(true, for: connection)
    }

    /// Reads a command that tells whose connection it is, or who joins and leaves.
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
        gaps.remove(connection)
    }

    /// Whether the capture would show the invitation to what a server carries on this connection. Clients of the second
    /// version also invite over their notification servers.
    func hasInvitations(on connection: Int, _ version: PeerPacket.Version) -> Bool {
        guard let own = account(of: connection), gaps[connection] == nil else { return false }
        return version == .one || isWhole && signedIn[own] != nil
    }

    /// Whether the capture would show the invitation to what goes directly between two clients.
    ///
    /// - Parameter account: one of them, where that is known.
    func hasInvitations(to account: String?) -> Bool {
        guard isWhole else { return false }
        guard let account else { return !signedIn.isEmpty || participants.all.contains { !$0.own.isEmpty } }
        return signedIn[account] != nil || participants.all.contains { $0.own == account || $0.contains(account) }
    }
}
