// Chooses among several sessions with the same identifier.

internal import MSNP

/// Clients that never seed their random numbers use the same session identifier and Call-ID for the sessions that each
/// of them starts. The data of both goes in one direction if one requests an object and the other offers a file.
enum SessionChoice {
    /// The properties of data that are compared with sessions.
    struct Evidence {
        /// The length of the message; nil if the packet does not contain it.
        var size: UInt64?
        /// The minimum length of the message.
        var least: UInt64
        /// Whether header and footer mark it as a file (true) or an object (false).
        var isFile: Bool?
    }

    /// The session that matches a new message best: by the packet's values, then by connection, then by whether the
    /// session still expects data.
    ///
    /// - Parameters:
    ///   - isOwn: whether a session was set up on the connection of the data.
    ///   - isUnderWay: whether a message with this number is under way in a session.
    static func best(
        of all: [PeerSession], for evidence: Evidence, isOwn: (PeerSession) -> Bool, isUnderWay: (PeerSession) -> Bool
    ) -> PeerSession? {
        all.map { session in
            let data = isUnderWay(session) ? 0 : session.hasData ? 2 : 1
            let rank = (
                session.mismatch(evidence), isOwn(session) ? 0 : 1, data, session.isAccepted ? 0 : 1, -session.number
            )
            return (rank, session)
        }.min { $0.0 < $1.0 }?.1
    }

    /// The session that an account closes. Both accounts may send BYE for one session, in any order. A session whose
    /// data is complete is closed before one that still expects data.
    static func closed(by account: String, among all: [PeerSession]) -> PeerSession? {
        // An INVITE that restarts a call replaces its earlier session.
        let latest = all.filter { session in
            !all.contains { $0.number > session.number && $0.callKey == session.callKey && session.callKey != nil }
        }
        return latest.map { session in
            let rank = (
                session.closedBy.contains(account) ? 1 : 0, session.hasAllData ? 0 : 1, session.isOver ? 1 : 0,
                PeerSession.mayBeSame(account, session.inviter) ? 0 : 1, -session.number
            )
            return (rank, session)
        }.min { $0.0 < $1.0 }?.1
    }

    /// The sessions that may be meant on a connection, each once: several connections may show the same session.
    ///
    /// - Parameter areNamed: whether sender and recipient of the data are known. If not, sessions of other connections
    ///   must all be between the same accounts.
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
    /// The first session of each call, without the calls that `others` contains.
    fileprivate func onceEach(besides others: [PeerSession]) -> [PeerSession] {
        var seen = Set(others.map(\.callKey))
        return filter { seen.insert($0.callKey).inserted }
    }
}

extension PeerSession {
    /// Whether its data is a file (true) or an object (false); nil if unknown.
    private var dataIsFile: Bool? {
        if isFile { return true }
        return self.application == .object || self.object != nil ? false : nil
    }

    /// How badly a new message matches this session. A single wrong value does not decide.
    fileprivate func mismatch(_ evidence: SessionChoice.Evidence) -> Int {
        var count = (self.hasAllData ? 2 : 0) + (self.isOver ? 2 : 0)
        if let isFile = evidence.isFile, isFile != dataIsFile { count += 2 }
        if let declared = declaredSize {
            let differs = evidence.size.map { $0 != declared } ?? (evidence.least > declared)
            count += differs ? 2 : 0
        } else {
            count += 1
        }
        return count
    }
}

/// Identifies a message by the values in its packets.
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
    /// - Parameter link: the session with this identifier whose direct link carries the chunk.
    func session(
        of chunk: Chunk, _ count: UInt64, at place: Place, _ people: People, link: PeerSession?
    ) -> PeerSession? {
        let isShared = sessions.isShared(chunk.session)
        if isShared, let number = begun[MessageKey(chunk, at: place, people)], let known = sessions[number],
            !known.isOver || !known.hasAllData
        {
            return known
        }
        if let link, !isShared { return link }
        let all =
            link.map { sessions.candidates(on: $0) }
            ?? sessions.candidates(chunk.session, connection: place.connection, from: people.from, to: people.to)
        guard all.count > 1 else { return all.first }
        let (least, overflow) = chunk.remaining.addingReportingOverflow(count)
        let evidence = SessionChoice.Evidence(
            size: chunk.size, least: overflow ? .max : least, isFile: chunk.isFile)
        return SessionChoice.best(of: all, for: evidence) { session in
            link.map { $0.number == session.number } ?? (session.place.connection == place.connection)
        } isUnderWay: { session in
            let key = TransferTable.Key(
                connection: session.place.connection, agreement: session.number, session: chunk.session,
                message: chunk.message)
            return table.size(key) != nil
        }
    }
}
