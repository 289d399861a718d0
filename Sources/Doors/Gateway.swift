// Extracts MSNP connections from HTTP requests to a gateway (addresses.md section 5). Pure.

package import MSNP

/// Follows the TCP connections to gateways and assembles the HTTP bodies into the MSNP connections that they carry.
///
/// - A session starts with `Action=open`. If that was not captured, it starts with the first request or answer with an
///   unknown SessionID, as a connection captured from the middle. Every answer may assign a new SessionID; the newest
///   counts, and the one before remains valid, because captures do not keep the order between connections.
/// - Bodies of requests are the client's bytes. Bodies of answers with status 2xx and `X-MSN-Messenger` or the content
///   type of a gateway are the server's bytes. Other answers, and requests for other resources, are ignored.
/// - Requests and answers are paired in order on each TCP connection; an answer with a known SessionID takes precedence
///   over that.
/// - An unknown SessionID `a.b` belongs to the session whose SessionID starts with the same `a`, if there is only one:
///   the answer that assigned the new one is missing from the capture.
/// - Bytes missing from a body are missing from the session. If a gap contains whole heads, its content is unknown: all
///   its bytes count as missing from the session that the connection last served, which is the upper limit.
/// - `Session=close` ends a session when its answer is complete. Nothing else indicates the end.
package struct Gateway: Sendable {
    /// Results for a session. Sessions are numbered from 0.
    package enum Outcome: Equatable, Sendable {
        /// A session begins. `server` is the one that the client asked for; `isStart` says whether its first bytes were
        /// captured.
        case opened(session: Int, carrier: Int, server: HostPort?, isStart: Bool)
        /// Bytes from one side.
        case bytes(session: Int, Side, [UInt8])
        /// Missing bytes of one side.
        case gap(session: Int, Side, UInt64)
        /// The gateway answered with an error.
        case refused(session: Int, status: Int)
        /// A session ends.
        case closed(session: Int, End)
    }

    /// Why a session ends.
    package enum End: Equatable, Sendable { case closed, refused, tooMany, endOfCapture }

    /// The maximum number of sessions; beyond it the quarter that was idle for longest is closed.
    package static let mostSessions = 4_096
    /// The maximum number of unanswered requests on one connection; clients send one at a time.
    private static let mostPending = 64
    /// The maximum length of a SessionID in bytes.
    private static let mostNameBytes = 256

    private struct Session: Sendable {
        /// Its valid SessionIDs, the newest last; two at most.
        var names: [String] = []
        var lastUse = 0
        var missing = PerSide<UInt64>(both: 0)
    }

    private struct Carrier: Sendable {
        var requests: HTTPStream
        var answers: HTTPStream
        /// The sessions of unanswered requests; nil for requests for other resources.
        var pending: [Int?] = []
        var requestSession: Int?
        var answerSession: Int?
        var lastSession: Int?
        /// Whether the body of the current answer belongs to the session.
        var answerCounts = false
        /// How the session ends after the current answer; nil if it continues.
        var endsWith: End?
        /// Whether answers may be missing: the next request then discards the earlier pending ones.
        var hasLostAnswers = false
    }

    private var carriers: [Int: Carrier] = [:]
    private var sessions: [Int: Session] = [:]
    private var byName: [String: Int] = [:]
    /// The session whose SessionIDs have this prefix; -1 if there are several.
    private var byPrefix: [Substring: Int] = [:]
    private var closedNames: [String] = []
    private var lastSession = -1
    private var uses = 0

    package init() {}

    /// Adds a TCP connection that carries requests.
    package mutating func open(carrier: Int, isStart: PerSide<Bool>) {
        carriers[carrier] = Carrier(
            requests: HTTPStream(isRequest: true, isStart: isStart.client),
            answers: HTTPStream(isRequest: false, isStart: isStart.server))
    }

    /// Handles bytes of a carrying connection.
    package mutating func take(_ bytes: Span<UInt8>, from side: Side, carrier number: Int) -> [Outcome] {
        guard var carrier = carriers[number] else { return [] }
        var outcomes: [Outcome] = []
        var position = 0
        if side == .client {
            while let piece = carrier.requests.next(bytes, from: &position) {
                request(piece, &carrier, number, &outcomes)
            }
        } else {
            while let piece = carrier.answers.next(bytes, from: &position) {
                answer(piece, &carrier, number, &outcomes)
            }
        }
        carriers[number] = carrier
        return outcomes
    }

    /// Handles missing bytes of a carrying connection.
    package mutating func lose(_ count: Int, from side: Side, carrier number: Int) -> [Outcome] {
        guard var carrier = carriers[number] else { return [] }
        var outcomes: [Outcome] = []
        if side == .client {
            for piece in carrier.requests.receiveGap(count) { request(piece, &carrier, number, &outcomes) }
        } else {
            for piece in carrier.answers.receiveGap(count) { answer(piece, &carrier, number, &outcomes) }
        }
        carriers[number] = carrier
        return outcomes
    }

    /// Handles the end of a carrying connection; its sessions continue on others.
    package mutating func end(carrier number: Int) -> [Outcome] {
        guard var carrier = carriers.removeValue(forKey: number) else { return [] }
        var outcomes: [Outcome] = []
        for piece in carrier.requests.finish() { request(piece, &carrier, number, &outcomes) }
        for piece in carrier.answers.finish() { answer(piece, &carrier, number, &outcomes) }
        return outcomes
    }

    /// Ends the open sessions at the end of the capture.
    package mutating func finish() -> [Outcome] {
        var outcomes: [Outcome] = []
        for session in sessions.keys.sorted() { close(session, .endOfCapture, &outcomes) }
        return outcomes
    }
}

// MARK: - Requests and answers

extension Gateway {
    private mutating func request(
        _ piece: HTTPStream.Piece, _ carrier: inout Carrier, _ number: Int, _ outcomes: inout [Outcome]
    ) {
        switch piece {
        case .head(let head):
            carrier.requestSession = session(of: head, number, &outcomes)
            if carrier.hasLostAnswers { carrier.pending = [] }
            carrier.hasLostAnswers = false
            if carrier.pending.count >= Self.mostPending { carrier.pending.removeFirst() }
            carrier.pending.append(carrier.requestSession)
            carrier.lastSession = carrier.requestSession ?? carrier.lastSession
        case .body(let bytes):
            if let session = carrier.requestSession { deliver(bytes, session, .client, &outcomes) }
        case .bodyGap(let count):
            if let session = carrier.requestSession { addMissing(count, session, .client) }
        case .end: carrier.requestSession = nil
        case .lost(let count):
            if let session = carrier.requestSession ?? carrier.lastSession { addMissing(count, session, .client) }
            carrier.requestSession = nil
        }
    }

    private mutating func answer(
        _ piece: HTTPStream.Piece, _ carrier: inout Carrier, _ number: Int, _ outcomes: inout [Outcome]
    ) {
        switch piece {
        case .head(let head):
            carrier.answerSession = nil
            carrier.answerCounts = false
            carrier.endsWith = nil
            // An interim answer like `100 Continue` does not answer the request.
            guard head.status >= 200 else { return }
            begin(head, &carrier, number, &outcomes)
        case .body(let bytes):
            if carrier.answerCounts, let session = carrier.answerSession { deliver(bytes, session, .server, &outcomes) }
        case .bodyGap(let count):
            if carrier.answerCounts, let session = carrier.answerSession { addMissing(count, session, .server) }
        case .end:
            if let session = carrier.answerSession, let end = carrier.endsWith { close(session, end, &outcomes) }
            carrier.answerSession = nil
            carrier.endsWith = nil
        case .lost(let count):
            carrier.hasLostAnswers = true
            if let session = carrier.answerSession ?? carrier.lastSession { addMissing(count, session, .server) }
            carrier.answerSession = nil
        }
    }

    /// Finds the session of an answer, and updates the session.
    private mutating func begin(
        _ head: HTTPHead, _ carrier: inout Carrier, _ number: Int, _ outcomes: inout [Outcome]
    ) {
        let name = head.messenger("SessionID").flatMap(Self.plausible)
        let isGood = head.status < 300 && head.isOfGateway
        var session: Int?
        if let known = name.flatMap({ byName[$0] }) {
            session = known
            if let place = carrier.pending.firstIndex(of: known) { carrier.pending.removeFirst(place + 1) }
        } else if !carrier.pending.isEmpty {
            session = carrier.pending.removeFirst()
        }
        if session == nil, isGood, let name, !closedNames.contains(name) {
            session = find(name) ?? start(server: nil, isStart: false, number, &outcomes)
        }
        // The session may have been closed because of the limit.
        guard let session, sessions[session] != nil else { return }
        carrier.answerSession = session
        carrier.lastSession = session
        carrier.answerCounts = isGood
        if let name, isGood { bind(name, to: session) }
        if head.messenger("Session")?.lowercased() == "close" { carrier.endsWith = .closed }
        if head.status >= 300 { outcomes.append(.refused(session: session, status: head.status)) }
        if !isGood, sessions[session]?.names.isEmpty == true { carrier.endsWith = .refused }
    }

    /// The session of a request; nil if it is for another resource.
    private mutating func session(of head: HTTPHead, _ carrier: Int, _ outcomes: inout [Outcome]) -> Int? {
        guard head.isToGateway else { return nil }
        if head.query("Action")?.lowercased() == "open" {
            return start(server: head.query("IP").flatMap { HostPort($0) }, isStart: true, carrier, &outcomes)
        }
        guard let name = head.query("SessionID").flatMap(Self.plausible), !closedNames.contains(name) else {
            return nil
        }
        let session = find(name) ?? start(server: nil, isStart: false, carrier, &outcomes)
        bind(name, to: session)
        return session
    }
}

// MARK: - Sessions

extension Gateway {
    private mutating func start(
        server: HostPort?, isStart: Bool, _ carrier: Int, _ outcomes: inout [Outcome]
    ) -> Int {
        if sessions.count >= Self.mostSessions {
            let quiet = sessions.sorted { $0.value.lastUse < $1.value.lastUse }.prefix(Self.mostSessions / 4)
            for (session, _) in quiet { close(session, .tooMany, &outcomes) }
        }
        lastSession += 1
        uses += 1
        sessions[lastSession] = Session(lastUse: uses)
        outcomes.append(.opened(session: lastSession, carrier: carrier, server: server, isStart: isStart))
        return lastSession
    }

    private func find(_ name: String) -> Int? {
        if let session = byName[name] { return session }
        guard name.contains("."), let session = byPrefix[Self.prefix(of: name)] else { return nil }
        return session >= 0 ? session : nil
    }

    /// Assigns a session its newest SessionID. An older one remains valid, because an old request may arrive late.
    private mutating func bind(_ name: String, to session: Int) {
        guard byName[name] == nil, var names = sessions[session]?.names else { return }
        if names.count > 1 { byName[names.removeFirst()] = nil }
        names.append(name)
        sessions[session]?.names = names
        byName[name] = session
        let prefix = Self.prefix(of: name)
        byPrefix[prefix] = byPrefix[prefix, default: session] == session ? session : -1
    }

    private mutating func deliver(_ bytes: [UInt8], _ session: Int, _ side: Side, _ outcomes: inout [Outcome]) {
        guard let state = sessions[session], !bytes.isEmpty else { return }
        if state.missing[side] > 0 { outcomes.append(.gap(session: session, side, state.missing[side])) }
        sessions[session]?.missing[side] = 0
        uses += 1
        sessions[session]?.lastUse = uses
        outcomes.append(.bytes(session: session, side, bytes))
    }

    /// Counts missing bytes; they are reported as a gap only when more bytes follow.
    private mutating func addMissing(_ count: Int, _ session: Int, _ side: Side) {
        sessions[session]?.missing[side] &+= UInt64(clamping: count)
    }

    private mutating func close(_ session: Int, _ end: End, _ outcomes: inout [Outcome]) {
        guard let state = sessions.removeValue(forKey: session) else { return }
        for name in state.names {
            byName[name] = nil
            byPrefix[Self.prefix(of: name)] = nil
            if closedNames.count >= 64 { closedNames.removeFirst() }
            closedNames.append(name)
        }
        outcomes.append(.closed(session: session, end))
    }

    private static func plausible(_ name: String) -> String? {
        !name.isEmpty && name.utf8.count <= mostNameBytes ? name : nil
    }

    private static func prefix(of name: String) -> Substring { name.prefix { $0 != "." } }
}
