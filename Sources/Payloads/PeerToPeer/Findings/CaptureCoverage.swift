// Tracks which connections were captured completely, and so which invitations the capture must contain.

internal import MSNP

/// The accounts whose connections were captured, the gaps in those connections, and their participants.
///
/// Data without an invitation is a finding only if the invitation cannot have been sent before the capture began or in
/// a gap.
struct CaptureCoverage: Sendable {
    private var participants: BoundedDictionary<Int, Participants>
    private var gaps: BoundedDictionary<Int, Bool>
    private var signedIn: BoundedDictionary<String, Bool>
    /// Whether every connection so far was captured from its beginning, and none to a server has gaps.
    private var isWhole = true

    init(_ limits: TransferLimits) {
        participants = BoundedDictionary(most: limits.remembered)
        gaps = BoundedDictionary(most: limits.remembered)
        signedIn = BoundedDictionary(most: limits.remembered)
    }

    /// The account of a connection's client; nil if the beginning of the connection was not captured.
    func account(of connection: Int) -> String? {
        participants[connection].flatMap { $0.own.isEmpty ? nil : $0.own }
    }

    /// Whether a connection has gaps.
    func hasGaps(_ connection: Int) -> Bool { gaps[connection] != nil }

    /// All participants of a conversation except one.
    func otherParticipants(on connection: Int, than sender: String) -> [String] {
        participants[connection]?.everybody(but: sender) ?? []
    }

    /// Records a new connection.
    mutating func open(isFromStart: Bool) { if !isFromStart { isWhole = false } }

    /// Records a gap.
    mutating func recordGap(on connection: Int, _ role: Role) {
        if role != .peerToPeer, role != .fileTransfer { isWhole = false }
        gaps.set(true, for: connection)
    }

    /// Updates the participants from a command that signs in, joins or leaves.
    mutating func observe(_ command: Command, at place: Place) {
        switch command {
        // The server's response does not show that the client's side was captured.
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

    /// Removes a closed connection.
    mutating func close(_ connection: Int) {
        participants.remove(connection)
        gaps.remove(connection)
    }

    /// Whether the capture would contain the invitation to data that a server carries on this connection. Clients of
    /// version 2 also send invitations through their notification servers.
    func hasInvitations(on connection: Int, _ version: PeerPacket.Version) -> Bool {
        guard let own = account(of: connection), gaps[connection] == nil else { return false }
        return version == .one || isWhole && signedIn[own] != nil
    }

    /// Whether the capture would contain the invitation to data on a direct connection between two clients.
    ///
    /// - Parameter account: the account of one client; nil if unknown.
    func hasInvitations(to account: String?) -> Bool {
        guard isWhole else { return false }
        guard let account else { return !signedIn.isEmpty || participants.all.contains { !$0.own.isEmpty } }
        return signedIn[account] != nil || participants.all.contains { $0.own == account || $0.contains(account) }
    }
}
