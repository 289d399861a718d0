// Tracks the sessions that clients set up with MSNSLP (p2p.md section 4).

internal import MSNP

/// A session that an INVITE on one connection started. Its facts are behind one reference, because sessions are copied
/// for every packet and changed rarely.
@dynamicMemberLookup
struct PeerSession: Sendable {
    private final class Storage: Sendable {
        let facts: PeerSessionFacts

        init(_ facts: PeerSessionFacts) { self.facts = facts }
    }

    private var storage: Storage

    init(_ facts: PeerSessionFacts) { storage = Storage(facts) }

    subscript<Value>(dynamicMember path: KeyPath<PeerSessionFacts, Value>) -> Value { storage.facts[keyPath: path] }

    /// Changes the facts of this copy.
    mutating func change(_ change: (inout PeerSessionFacts) -> Void) {
        var facts = storage.facts
        change(&facts)
        storage = Storage(facts)
    }
}

/// What is known about a session.
struct PeerSessionFacts: Sendable {
    /// The reader's own number of the session, counted from 1.
    var number: Int
    var id: UInt32
    var call: String?
    /// Where the INVITE was seen.
    var place: Place
    var inviter: String
    var invitee: String
    var application: PeerApplication?
    var object: MSNObject?
    var offer: FileOffer?
    /// Whether the response was 200 OK.
    var isAccepted = false
    /// Whether there was another response, or the invitee closed the session.
    var isDeclined = false
    /// The reason why no data was transferred, as a sentence.
    var reason: String?
    /// Whether it was closed or declined. A later INVITE in the same call starts a new session.
    var isOver = false
    /// The end that closed it, if that cancelled the transfers under way.
    var closer: Transfer.End?
    /// Whether any of its data was received.
    var hasData = false
    /// Whether all offered data was received.
    var hasAllData = false
    /// The accounts that sent BYE; both may.
    var closedBy: Set<String> = []
    /// The nonces announced for its direct link.
    var nonces = PeerNonces()
    /// Whether a side listens for a direct link.
    var hasDirectLink = false
}

extension PeerSession {
    // Members of the facts need `self.`.

    /// Files go from inviter to invitee, objects from invitee to inviter.
    var isFile: Bool { self.application == .file || self.offer != nil }
    var sender: String { isFile ? self.inviter : self.invitee }
    var recipient: String { isFile ? self.invitee : self.inviter }
    func end(of account: String) -> Transfer.End? {
        account == sender ? .sender : account == recipient ? .recipient : nil
    }
    var declaredSize: UInt64? { self.offer?.size ?? self.object?.size }

    /// Identifies the call on all connections that show it. It includes the accounts: clients that never seed their
    /// random numbers use one Call-ID for two calls, one in each direction.
    var callKey: [String]? { self.call.map { [$0, self.inviter, self.invitee] } }

    /// Whether the session may be between these two accounts; an empty name matches any account.
    func isBetween(_ one: String, _ other: String) -> Bool {
        Self.mayBeSame(one, self.inviter) && Self.mayBeSame(other, self.invitee)
            || Self.mayBeSame(one, self.invitee) && Self.mayBeSame(other, self.inviter)
    }

    /// Whether the session's data may go from one account to the other; an empty name matches any account.
    func mayCarryData(from: String, to: String) -> Bool {
        Self.mayBeSame(from, sender) && Self.mayBeSame(to, recipient)
    }

    /// Whether two names may be the same account; an empty name matches any account.
    static func mayBeSame(_ one: String, _ other: String) -> Bool { one.isEmpty || other.isEmpty || one == other }

    var kind: String {
        if isFile { return "file" }
        if let kind = self.object?.kind { return kind.name }
        return self.application == nil || self.application == .object ? "unknown" : self.application?.name ?? "unknown"
    }
}

/// All sessions, up to a limit.
struct PeerSessions: Sendable {
    private struct Call: Hashable, Sendable {
        var connection: Int
        var name: String
    }

    private var sessions: BoundedDictionary<Int, PeerSession>
    private var byID: [UInt32: [Int]] = [:]
    /// Several calls of one connection may have the same Call-ID.
    private var byCall: [Call: [Int]] = [:]
    private var nonces: BoundedDictionary<GUID, Int>
    private var last = 0
    private let mostPerID: Int
    /// The maximum length of a Call-ID in bytes; a GUID in braces has 38.
    private static let longestCall = 128

    init(_ limits: TransferLimits) {
        sessions = BoundedDictionary(most: limits.sessions)
        nonces = BoundedDictionary(most: limits.remembered)
        mostPerID = limits.sessionsOfOneNumber
    }

    subscript(number: Int) -> PeerSession? { sessions[number] }

    mutating func recordData(_ number: Int) {
        if sessions[number]?.hasData == false { change(number) { $0.hasData = true } }
    }

    mutating func recordAllData(_ number: Int) { change(number) { $0.hasAllData = true } }

    private mutating func change(_ number: Int, _ body: (inout PeerSessionFacts) -> Void) {
        sessions.change(number) { $0.change(body) }
    }

    /// Updates the sessions with an MSNSLP message.
    ///
    /// - Parameter isWhole: whether the connection has no gaps so far.
    /// - Returns: the session that the message starts, the one that it closes, and those discarded to make room.
    mutating func update(
        with message: SLPMessage, at place: Place, from: String, to: String, isWhole: Bool = false
    ) -> (added: PeerSession?, closed: PeerSession?, discarded: [PeerSession]) {
        let call = message.call.flatMap { $0.utf8.count <= Self.longestCall ? $0 : nil }
        let key = call.map { Call(connection: place.connection, name: $0) }
        let (one, other) = (from.isEmpty ? message.from : from, to.isEmpty ? message.to : to)
        let known = find(message, key, on: place.connection, from: one, to: other)
        if let known { recordDirectLink(message, of: known, at: place, from: from) }
        switch message.start {
        case .request("INVITE", _):
            // An INVITE within a call sets up its direct link and starts no session.
            guard message.value("EUF-GUID") != nil, let id = message.sessionID,
                known.flatMap({ sessions[$0] })?.isOver ?? true
            else { break }
            let discarded = add(message, id, call, place, from: from, to: to)
            return (sessions[last], nil, discarded)
        case .request("BYE", _):
            guard let known, let before = sessions[known] else { break }
            let closer: Transfer.End? = isWhole && !before.hasDirectLink ? before.end(of: one) : nil
            change(known) { session in
                session.isOver = true
                session.closedBy.insert(one)
                session.isDeclined = session.isDeclined || one != session.inviter
                var text = "the session was closed"
                if session.isAccepted { text = closer?.sentence ?? text + " before all of it was seen" }
                session.reason = session.reason ?? text
                session.closer = session.closer ?? closer
            }
            return (nil, before.isOver ? nil : sessions[known], [])
        case .response(200, _):
            guard let number = known else { break }
            change(number) { $0.isAccepted = true }
        case .response(let code, let phrase):
            guard let number = known else { break }
            change(number) { session in
                // In an accepted session, only the direct link is refused.
                if !session.isAccepted {
                    session.isOver = true
                    session.isDeclined = true
                }
                session.reason = "answered \(code) \(phrase)"
            }
        default: break
        }
        return (nil, nil, [])
    }

    /// The session of a message, by Call-ID and inviter: two calls, one started by each side, may share a Call-ID.
    private func find(
        _ message: SLPMessage, _ key: Call?, on connection: Int, from: String, to: String
    ) -> Int? {
        var all = (key.flatMap { byCall[$0] } ?? []).filter { sessions[$0]?.isBetween(from, to) == true }
        let isEnd = message.method == "BYE"
        if all.isEmpty, isEnd, let id = message.sessionID {
            all = (byID[id] ?? []).filter { number in
                sessions[number].map { $0.place.connection == connection && $0.isBetween(from, to) } ?? false
            }
        }
        let own = all.filter { number in
            guard let session = sessions[number] else { return false }
            return PeerSession.mayBeSame(from, message.code == nil ? session.inviter : session.invitee)
        }
        // An INVITE from the other side with the same Call-ID starts another call.
        if message.method == "INVITE", message.value("EUF-GUID") != nil { return own.last }
        guard isEnd else { return own.last ?? all.last }
        return SessionChoice.closed(by: from, among: all.compactMap { sessions[$0] })?.number
    }

    /// Records the direct link that a message of a call announces.
    private mutating func recordDirectLink(_ message: SLPMessage, of number: Int, at place: Place, from: String) {
        let announced = message.nonces
        for nonce in announced { nonces.set(number, for: nonce.guid) }
        let isListening = message.value("Listening")?.lowercased() == "true"
        guard isListening || !announced.isEmpty else { return }
        change(number) { session in
            let isByInviter = (from.isEmpty ? message.from : from) == session.inviter
            for nonce in announced {
                session.nonces.add(nonce.guid, isHashed: nonce.isHashed, isByInviter: isByInviter, at: place.time)
            }
            if isListening { session.hasDirectLink = true }
        }
    }

    private mutating func add(
        _ message: SLPMessage, _ id: UInt32, _ call: String?, _ place: Place, from: String, to: String
    ) -> [PeerSession] {
        last += 1
        var facts = PeerSessionFacts(
            number: last, id: id, call: call, place: place, inviter: from.isEmpty ? message.from : from,
            invitee: to.isEmpty ? message.to : to, application: message.application)
        if let context = message.context {
            facts.object = MSNObject(plain: ByteSlice(context))
            let mayBeFile = facts.application == .file || message.value("AppID") == "2"
            if facts.object == nil, mayBeFile, var offer = FileOffer(ByteSlice(context)) {
                // Previews are used when the message itself is read; thousands of them would take too much memory.
                offer.preview = []
                facts.offer = offer
            }
        }
        var discarded: [PeerSession] = []
        if let sameID = byID[id], sameID.count >= mostPerID {
            discarded += sessions.remove(sameID[0]).map { [$0] } ?? []
        }
        discarded += sessions.set(PeerSession(facts), for: last).map { [$0] } ?? []
        byID[id, default: []].append(last)
        if let call {
            let key = Call(connection: place.connection, name: call)
            byCall[key] = Array((byCall[key] ?? []).suffix(mostPerID - 1)) + [last]
        }
        for session in discarded { removeFromIndexes(session) }
        return discarded
    }

    private mutating func removeFromIndexes(_ session: PeerSession) {
        byID[session.id]?.removeAll { $0 == session.number }
        if byID[session.id]?.isEmpty == true { byID[session.id] = nil }
        guard let call = session.call else { return }
        let key = Call(connection: session.place.connection, name: call)
        byCall[key]?.removeAll { $0 == session.number }
        if byCall[key]?.isEmpty == true { byCall[key] = nil }
    }

    /// Whether several sessions have the same identifier.
    func isShared(_ id: UInt32) -> Bool { (byID[id]?.count ?? 0) > 1 }

    /// The sessions that data between two accounts may belong to. Sessions whose data goes in this direction are
    /// preferred, because two may have the same identifier, one in each direction.
    func candidates(_ id: UInt32, connection: Int, from: String, to: String) -> [PeerSession] {
        guard id != 0, let numbers = byID[id] else { return [] }
        if numbers.count == 1 {
            guard let only = sessions[numbers[0]], only.isBetween(from, to) else { return [] }
            return [only]
        }
        let fitting = numbers.compactMap { sessions[$0] }.filter { $0.isBetween(from, to) }
        guard fitting.count > 1 else { return fitting }
        let sameDirection = fitting.filter { $0.mayCarryData(from: from, to: to) }
        return SessionChoice.distinct(
            sameDirection.isEmpty ? fitting : sameDirection, on: connection, areNamed: !from.isEmpty && !to.isEmpty)
    }

    /// The session with this identifier, if a direct link without a known nonce can belong to no other.
    func onlyCandidate(_ id: UInt32, on connection: Int) -> PeerSession? {
        let all = candidates(id, connection: connection, from: "", to: "")
        return all.count == 1 ? all.first : nil
    }

    /// The sessions that data on a session's direct link may belong to: all with its identifier between its two
    /// accounts.
    func candidates(on link: PeerSession) -> [PeerSession] {
        (byID[link.id] ?? []).compactMap { sessions[$0] }.filter {
            $0.place.connection == link.place.connection && $0.isBetween(link.inviter, link.invitee)
        }
    }

    /// Whether both accounts of a session send data under its identifier.
    func hasDataBothWays(_ session: PeerSession) -> Bool {
        isShared(session.id) && candidates(on: session).contains { $0.sender != session.sender }
    }

    /// The session with this nonce, which may be announced as it is or hashed.
    func find(nonce: GUID, _ digest: Transfers.Digest?) -> PeerSession? {
        if let number = nonces[nonce] { return sessions[number] }
        let number = PeerNonces.digests(of: nonce, digest).lazy.compactMap { nonces[$0] }.first
        return number.flatMap { sessions[$0] }
    }

    /// Removes and returns all sessions.
    mutating func removeAll() -> [PeerSession] {
        defer {
            byID = [:]
            byCall = [:]
            nonces = BoundedDictionary(most: 1)
        }
        return sessions.removeAll()
    }
}
