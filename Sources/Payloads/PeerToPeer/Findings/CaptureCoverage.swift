// Tracks which connections were captured completely, and so which invitations the capture must contain.

internal import MSNP

/// The accounts whose connections were captured, the gaps in those connections, and their participants.
///
/// Data without an invitation is a finding only if the invitation cannot have been sent before the capture began or in
/// a gap.
struct CaptureCoverage: Sendable {
    private struct Conversation {
        var participants = Participants()
        /// All accounts that ever were participants: their invitations were captured, even if they have left.
        var seen: Set<String> = []
    }

    /// A limit on memory per conversation.
    private static let mostSeen = 1_000

    private var conversations: BoundedDictionary<Int, Conversation>
    private var gaps: BoundedDictionary<Int, Bool>
    private var signedIn: BoundedDictionary<String, Bool>
    /// Whether every connection so far was captured from its beginning, and none to a server has gaps.
    private var isWhole = true

    init(_ limits: TransferLimits) {
        conversations = BoundedDictionary(most: limits.remembered)
        gaps = BoundedDictionary(most: limits.remembered)
        signedIn = BoundedDictionary(most: limits.remembered)
    }

    /// The account of a connection's client; nil if the beginning of the connection was not captured.
    func account(of connection: Int) -> String? {
        conversations[connection].flatMap { $0.participants.own.isEmpty ? nil : $0.participants.own }
    }

    /// Whether a connection has gaps.
    func hasGaps(_ connection: Int) -> Bool { gaps[connection] != nil }

    /// All participants of a conversation except one.
    func otherParticipants(on connection: Int, than sender: String) -> [String] {
        conversations[connection]?.participants.everybody(but: sender) ?? []
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
        var conversation = conversations[place.connection] ?? Conversation()
        let own = conversation.participants.own
        let change = conversation.participants.take(command)
        guard change != nil || conversation.participants.own != own else { return }
        switch change {
        case .present(let account), .joined(let account):
            if conversation.seen.count < Self.mostSeen { conversation.seen.insert(account) }
        case .left, nil: break
        }
        conversations.set(conversation, for: place.connection)
    }

    /// Removes a closed connection.
    mutating func close(_ connection: Int) {
        conversations.remove(connection)
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
        guard let account else {
            return !signedIn.isEmpty || conversations.all.contains { !$0.participants.own.isEmpty }
        }
        return signedIn[account] != nil
            || conversations.all.contains { $0.participants.own == account || $0.seen.contains(account) }
    }
}
