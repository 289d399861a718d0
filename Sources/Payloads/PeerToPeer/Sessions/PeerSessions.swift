// Which sessions clients agreed on, by MSNSLP (p2p.md section 4).

internal import MSNP

/// A session that an INVITE named, on one connection.
struct PeerSession: Sendable {
    /// Counted from 1.
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
    /// The other side said 200 OK.
    var isAccepted = false
    /// It said something else, or closed the session at once.
    var isDeclined = false
    /// Why it ended without, as a sentence.
    var reason: String?
    /// It was closed or declined: what is agreed on then in its call is another one.
    var isOver = false
    /// Who closed it, where that means that what was under way was cancelled.
    var closer: Transfer.End?
    /// Some of its data was seen.
    var hasData = false
    /// All that was offered came.
    var hasAll = false
    /// Who said BYE; both may.
    var closedBy: Set<String> = []
    /// What was told of its direct link.
    var nonces = PeerNonces()
    /// One side listens for a direct link.
    var isWayAgreed = false

    /// Files go from who invites, objects from who is invited.
    var isFile: Bool { application == .file || offer != nil }
    var sender: String { isFile ? inviter : invitee }
    var recipient: String { isFile ? invitee : inviter }
    func end(of account: String) -> Transfer.End? {
        account == sender ? .sender : account == recipient ? .recipient : nil
    }
    var declaredSize: UInt64? { offer?.size ?? object?.size }

    /// Names the call on every connection that shows it. Clients that never seed their random numbers give one name to two
    /// calls, one each way.
    var callKey: [String]? { call.map { [$0, inviter, invitee] } }

    /// Whether these may be the two; who is not named may be anybody.
    func isBetween(_ one: String, _ other: String) -> Bool {
        Self.may(one, inviter) && Self.may(other, invitee) || Self.may(one, invitee) && Self.may(other, inviter)
    }

    /// Whether data of this session may go from one to the other.
    func mayGo(from: String, to: String) -> Bool { Self.may(from, sender) && Self.may(to, recipient) }

    /// Whether two names may be those of one person.
    static func may(_ one: String, _ other: String) -> Bool { one.isEmpty || other.isEmpty || one == other }

    var kind: String {
        if isFile { return "file" }
        if let kind = object?.kind { return kind.name }
        return application == nil || application == .object ? "unknown" : application?.name ?? "unknown"
    }
}

/// All sessions that are remembered.
struct PeerSessions: Sendable {
    private struct Call: Hashable, Sendable {
        var connection: Int
        var name: String
    }

    private var sessions: BoundedDictionary<Int, PeerSession>
    private var byID: [UInt32: [Int]] = [:]
    /// Different people may give their calls the same name.
    private var byCall: [Call: [Int]] = [:]
    private var nonces: BoundedDictionary<GUID, Int>
    private var last = 0
    private let mostOfOneNumber: Int
    /// How long a call's name may be: a GUID in braces has 38 bytes.
    private static let longestCall = 128

    init(_ limits: TransferLimits) {
        sessions = BoundedDictionary(most: limits.sessions)
        nonces = BoundedDictionary(most: limits.remembered)
        mostOfOneNumber = limits.sessionsOfOneNumber
    }

    subscript(number: Int) -> PeerSession? { sessions[number] }

    mutating func noteData(_ number: Int) { sessions.change(number) { $0.hasData = true } }

    mutating func noteAll(_ number: Int) { sessions.change(number) { $0.hasAll = true } }

    /// Learns from a message.
    ///
    /// - Parameter isWhole: whether all of the connection was heard so far.
    /// - Returns: the session that it begins, the one that it closes, and those that were forgotten to make room.
    mutating func take(
        _ message: SLPMessage, at place: Place, from: String, to: String, isWhole: Bool = false
    ) -> (added: PeerSession?, closed: PeerSession?, forgotten: [PeerSession]) {
        let call = message.call.flatMap { $0.utf8.count <= Self.longestCall ? $0 : nil }
        let key = call.map { Call(connection: place.connection, name: $0) }
        let (one, other) = (from.isEmpty ? message.from : from, to.isEmpty ? message.to : to)
        let known = find(message, key, on: place.connection, from: one, to: other)
        if let known { noteWay(message, of: known, at: place, from: from) }
        switch message.start {
        case .request("INVITE", _):
            // An INVITE within a call is about the way, and names no new session.
            guard message.value("EUF-GUID") != nil, let id = message.sessionID,
                known.flatMap({ sessions[$0] })?.isOver ?? true
            else { break }
            let forgotten = add(message, id, call, place, from: from, to: to)
            return (sessions[last], nil, forgotten)
        case .request("BYE", _):
            guard let known, let before = sessions[known] else { break }
            let closer: Transfer.End? = isWhole && !before.isWayAgreed ? before.end(of: one) : nil
            sessions.change(known) { session in
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
            sessions.change(number) { $0.isAccepted = true }
        case .response(let code, let phrase):
            guard let number = known else { break }
            sessions.change(number) { session in
                // A way that is refused is not the session.
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

    /// The session that a message belongs to, by its call and who invited; both sides may give their calls one name.
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
            return PeerSession.may(from, message.code == nil ? session.inviter : session.invitee)
        }
        // A call of the same name that the other one began is another.
        if message.method == "INVITE", message.value("EUF-GUID") != nil { return own.last }
        guard isEnd else { return own.last ?? all.last }
        return SessionChoice.closed(by: from, among: all.compactMap { sessions[$0] })?.number
    }

    /// Notes what a message of a call tells of a direct link.
    private mutating func noteWay(_ message: SLPMessage, of number: Int, at place: Place, from: String) {
        let told = message.nonces
        for nonce in told { nonces.set(number, for: nonce.guid) }
        let isListening = message.value("Listening")?.lowercased() == "true"
        guard isListening || !told.isEmpty else { return }
        sessions.change(number) { session in
            let isByInviter = (from.isEmpty ? message.from : from) == session.inviter
            for nonce in told {
                session.nonces.note(nonce.guid, isHashed: nonce.isHashed, isByInviter: isByInviter, at: place.time)
            }
            if isListening { session.isWayAgreed = true }
        }
    }

    private mutating func add(
        _ message: SLPMessage, _ id: UInt32, _ call: String?, _ place: Place, from: String, to: String
    ) -> [PeerSession] {
        last += 1
        var session = PeerSession(
            number: last, id: id, call: call, place: place, inviter: from.isEmpty ? message.from : from,
            invitee: to.isEmpty ? message.to : to, application: message.application)
        if let context = message.context {
            session.object = MSNObject(plain: context[...])
            let mayBeFile = session.application == .file || message.value("AppID") == "2"
            if session.object == nil, mayBeFile, var offer = FileOffer(context[...]) {
                // Previews are for those who look at the message; thousands of them are not kept.
                offer.preview = []
                session.offer = offer
            }
        }
        var dropped: [PeerSession] = []
        if let ofThisNumber = byID[id], ofThisNumber.count >= mostOfOneNumber {
            dropped += sessions.remove(ofThisNumber[0]).map { [$0] } ?? []
        }
        dropped += sessions.set(session, for: last).map { [$0] } ?? []
        byID[id, default: []].append(last)
        if let call {
            let key = Call(connection: place.connection, name: call)
            byCall[key] = Array((byCall[key] ?? []).suffix(mostOfOneNumber - 1)) + [last]
        }
        for session in dropped { forget(session) }
        return dropped
    }

    private mutating func forget(_ session: PeerSession) {
        byID[session.id]?.removeAll { $0 == session.number }
        if byID[session.id]?.isEmpty == true { byID[session.id] = nil }
        guard let call = session.call else { return }
        let key = Call(connection: session.place.connection, name: call)
        byCall[key]?.removeAll { $0 == session.number }
        if byCall[key]?.isEmpty == true { byCall[key] = nil }
    }

    /// Whether several sessions have a number.
    func isShared(_ id: UInt32) -> Bool { (byID[id]?.count ?? 0) > 1 }

    /// The sessions that data between two accounts may belong to: those in which it goes this way, where there are any, for
    /// two may have the same number, one each way.
    func candidates(_ id: UInt32, connection: Int, from: String, to: String) -> [PeerSession] {
        guard id != 0, let numbers = byID[id] else { return [] }
        let fitting = numbers.compactMap { sessions[$0] }.filter { $0.isBetween(from, to) }
        guard fitting.count > 1 else { return fitting }
        let right = fitting.filter { $0.mayGo(from: from, to: to) }
        return SessionChoice.distinct(
            right.isEmpty ? fitting : right, on: connection, areNamed: !from.isEmpty && !to.isEmpty)
    }

    /// The session of a number, where there is no other that a link without a known nonce may be for.
    func only(_ id: UInt32, beside connection: Int) -> PeerSession? {
        let all = candidates(id, connection: connection, from: "", to: "")
        return all.count == 1 ? all.first : nil
    }

    /// The sessions that data on the direct link of one may belong to: all of this number between its two people.
    func candidates(on link: PeerSession) -> [PeerSession] {
        (byID[link.id] ?? []).compactMap { sessions[$0] }.filter {
            $0.place.connection == link.place.connection && $0.isBetween(link.inviter, link.invitee)
        }
    }

    /// Whether each of the two people of a session sends the other something under its number.
    func goesEitherWay(_ session: PeerSession) -> Bool {
        isShared(session.id) && candidates(on: session).contains { $0.sender != session.sender }
    }

    /// The session whose clients agreed on a nonce, as it is or as a digest of it.
    func find(nonce: GUID, _ digest: Transfers.Digest?) -> PeerSession? {
        if let number = nonces[nonce] { return sessions[number] }
        let number = PeerNonces.digests(of: nonce, digest).lazy.compactMap { nonces[$0] }.first
        return number.flatMap { sessions[$0] }
    }

    /// Sessions that were accepted and of which no data was seen, each call once; nothing is left.
    mutating func removeAll() -> [PeerSession] {
        defer {
            byID = [:]
            byCall = [:]
            nonces = BoundedDictionary(most: 1)
        }
        return sessions.removeAll()
    }
}
