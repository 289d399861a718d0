// Which of several sessions of one number something belongs to.

internal import MSNP

/// Chooses among sessions. Clients that never seed their random numbers give one number, and one call, to what each of them
/// begins; the data of both goes one way where one asks for an object and the other offers a file.
enum SessionChoice {
    /// What data shows of its session.
    struct Signs {
        /// How long its message is; nil where the packet does not have it.
        var size: UInt64?
        /// How long it is at least.
        var least: UInt64
        /// Header and footer call it a file, or an object.
        var isFile: Bool?
    }

    /// The session that fits a new message best: what the packet says of it, then where both were seen, then whether the
    /// session waits for data.
    ///
    /// - Parameters:
    ///   - isOwn: whether a session was agreed on where the data is seen.
    ///   - isUnderWay: whether a message of this number is under way in a session.
    static func best(
        of all: [PeerSession], for signs: Signs, isOwn: (PeerSession) -> Bool, isUnderWay: (PeerSession) -> Bool
    ) -> PeerSession? {
        all.map { session in
            let data = isUnderWay(session) ? 0 : session.hasData ? 2 : 1
            let rank = (
                session.misfits(signs), isOwn(session) ? 0 : 1, data, session.isAccepted ? 0 : 1, -session.number
            )
            return (rank, session)
        }.min { $0.0 < $1.0 }?.1
    }

    /// The session that somebody closes. Both may close one, before or after the other; one that has its data is closed
    /// sooner than one that waits for it.
    static func closed(by account: String, among all: [PeerSession]) -> PeerSession? {
        // Of a call that began anew, the old session is done.
        let latest = all.filter { session in
            !all.contains { $0.number > session.number && $0.callKey == session.callKey && session.callKey != nil }
        }
        return latest.map { session in
            let rank = (
                session.closedBy.contains(account) ? 1 : 0, session.hasAll ? 0 : 1, session.isOver ? 1 : 0,
                PeerSession.may(account, session.inviter) ? 0 : 1, -session.number
            )
            return (rank, session)
        }.min { $0.0 < $1.0 }?.1
    }

    /// Sessions that may be meant on a connection, each once: several connections may show one.
    ///
    /// - Parameter areNamed: whether it is known between whom data goes. Where not, sessions of other connections must be
    ///   all between the same people.
    static func distinct(_ all: [PeerSession], on connection: Int, areNamed: Bool) -> [PeerSession] {
        let own = all.filter { $0.place.connection == connection }
        let others = all.filter { $0.place.connection != connection }
        guard areNamed || own.isEmpty else { return own }
        if areNamed { return others.reversed().onceEach(besides: own).reversed() + own }
        let once = others.onceEach(besides: [])
        guard let first = once.first else { return [] }
        return once.allSatisfy { $0.isBetween(first.inviter, first.invitee) } ? once : []
    }
}

extension [PeerSession] {
    /// The first session of each call that others do not show.
    fileprivate func onceEach(besides others: [PeerSession]) -> [PeerSession] {
        var seen = Set(others.map(\.callKey))
        return filter { seen.insert($0.callKey).inserted }
    }
}

extension PeerSession {
    /// Whether its data is a file, or an object.
    private var dataIsFile: Bool? {
        if isFile { return true }
        return application == .object || object != nil ? false : nil
    }

    /// How much speaks against a new message being of this session. A single lie does not decide.
    fileprivate func misfits(_ signs: SessionChoice.Signs) -> Int {
        var count = (hasAll ? 2 : 0) + (isOver ? 2 : 0)
        if let isFile = signs.isFile, isFile != dataIsFile { count += 2 }
        if let declared = declaredSize {
            let differs = signs.size.map { $0 != declared } ?? (signs.least > declared)
            count += differs ? 2 : 0
        } else {
            count += 1
        }
        return count
    }
}

/// A message as its packets show it.
struct MessageKey: Hashable, Sendable {
    private var connection: Int
    private var isFromClient: Bool
    private var people: [String]
    private var session: UInt32
    private var message: UInt32

    init(_ chunk: Chunk, at place: Place, _ people: People) {
        connection = place.connection
        isFromClient = place.side == .client
        self.people = [people.from, people.to]
        (session, message) = (chunk.session, chunk.message)
    }
}

extension Transfers {
    /// The session that a chunk belongs to.
    ///
    /// - Parameter link: the session of this number that a direct link was made for.
    func session(
        of chunk: Chunk, _ count: UInt64, at place: Place, _ people: People, link: PeerSession?
    ) -> PeerSession? {
        let isShared = sessions.isShared(chunk.session)
        if isShared, let number = begun[MessageKey(chunk, at: place, people)], let known = sessions[number],
            !known.isOver || !known.hasAll
        {
            return known
        }
        if let link, !isShared { return link }
        let all =
            link.map { sessions.candidates(on: $0) }
            ?? sessions.candidates(chunk.session, connection: place.connection, from: people.from, to: people.to)
        guard all.count > 1 else { return all.first }
        let (least, overflow) = chunk.remaining.addingReportingOverflow(count)
        let signs = SessionChoice.Signs(
            size: chunk.size, least: overflow ? .max : least, isFile: chunk.isFile)
        return SessionChoice.best(of: all, for: signs) { session in
            link.map { $0.number == session.number } ?? (session.place.connection == place.connection)
        } isUnderWay: { session in
            let key = TransferTable.Key(
                connection: session.place.connection, agreement: session.number, session: chunk.session,
                message: chunk.message)
            return table.size(key) != nil
        }
    }
}
