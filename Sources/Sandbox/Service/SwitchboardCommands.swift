// The switchboard commands of the sandbox: joining a session with a single-use cookie, calls and messages.

import MSNP

extension MessengerService {
    mutating func handleSwitchboard(_ request: Request, _ trID: String, _ peer: Peer, _ id: Int) {
        guard peer.stage == .admitted else { return joinSession(request, trID, id) }
        switch request.verb {
        case "CAL": call(request, trID, peer, id)
        case "MSG": forwardMessage(request, trID, peer, id)
        case "USR", "ANS": send("207 \(trID)", to: id)
        default: send("200 \(trID)", to: id)
        }
    }

    private mutating func joinSession(_ request: Request, _ trID: String, _ id: Int) {
        let isInvited = request.verb == "ANS"
        guard isInvited || request.verb == "USR", let account = request.account(at: 1),
            let ticket = tickets[request[2]], ticket.account == account, ticket.isInvitation == isInvited,
            !isInvited || request[3] == "\(ticket.session)", let owner = online[account].flatMap({ peers[$0] })
        else { return refuse("911", trID, id) }
        tickets[request[2]] = nil
        let others = sessions[ticket.session, default: []]
        sessions[ticket.session] = others + [id]
        peers[id]?.dialect = owner.dialect
        peers[id]?.account = account
        peers[id]?.presence = owner.presence
        peers[id]?.session = ticket.session
        peers[id]?.stage = .admitted
        guard isInvited else { return send("USR \(trID) OK \(account) \(name(of: account))", to: id) }
        var present = others.compactMap { peers[$0] }.map { participant($0, in: owner.responses) }
        if echoes[ticket.session] != nil { present.append(echoParticipant(in: owner.responses)) }
        for (index, participant) in present.enumerated() {
            send("IRO \(trID) \(index + 1) \(present.count) \(participant)", to: id)
        }
        send("ANS \(trID) OK", to: id)
        guard let joined = peers[id] else { return }
        for other in others {
            guard let member = peers[other] else { continue }
            send("JOI \(participant(joined, in: member.responses))", to: other)
        }
    }

    private func participant(_ peer: Peer, in responses: ResponseBuilder) -> String {
        responses.participant(peer.account, name(of: peer.account), capabilities: peer.presence.capabilities)
    }

    private mutating func call(_ request: Request, _ trID: String, _ peer: Peer, _ id: Int) {
        guard let account = request.account(at: 1) else { return send("208 \(trID)", to: id) }
        let isPresent =
            sessions[peer.session, default: []].contains { peers[$0]?.account == account }
            || isEcho(account) && echoes[peer.session] != nil
        guard !isPresent else { return send("215 \(trID)", to: id) }
        guard !isEcho(account) else { return callEcho(trID, peer, id) }
        guard let callee = online[account], peers[callee]?.presence.isVisible == true else {
            return send("217 \(trID)", to: id)
        }
        guard let cookie = issueTicket(for: account, session: peer.session, isInvitation: true) else {
            return send("713 \(trID)", to: id)
        }
        send("CAL \(trID) RINGING \(peer.session)", to: id)
        let tail = peers[callee]?.responses.switchboardTail("messenger.hotmail.com") ?? ""
        let caller = "\(peer.account) \(name(of: peer.account))\(tail)"
        send("RNG \(peer.session) \(switchboard) CKI \(cookie) \(caller)", to: callee)
    }

    /// The echo contact accepts the invitation at once, and says what it understands.
    private mutating func callEcho(_ trID: String, _ peer: Peer, _ id: Int) {
        send("CAL \(trID) RINGING \(peer.session)", to: id)
        echoes[peer.session] = EchoConversation()
        for member in sessions[peer.session, default: []] {
            guard let responses = peers[member]?.responses else { continue }
            send("JOI \(echoParticipant(in: responses))", to: member)
        }
        sendEcho(EchoConversation.greeting(in: peer.responses.dialect), in: peer.session)
    }

    private func echoParticipant(in responses: ResponseBuilder) -> String {
        let account = EchoContact.account
        return responses.participant(account, name(of: account), capabilities: EchoContact.presence.capabilities)
    }

    /// Sends messages of the echo contact to all clients in a session that know their kind.
    private mutating func sendEcho(_ replies: [EchoConversation.Reply], in session: Int) {
        let start = "MSG \(EchoContact.account) \(name(of: EchoContact.account))"
        for reply in replies {
            for member in sessions[session, default: []] {
                guard let dialect = peers[member]?.dialect, dialect >= reply.since else { continue }
                send("\(start) \(reply.payload.count)", payload: reply.payload, to: member)
            }
        }
    }

    private mutating func forwardMessage(_ request: Request, _ trID: String, _ peer: Peer, _ id: Int) {
        let payload = request.frame.payload
        guard payload.count <= Self.messageLimit else { return disconnect(id) }
        let others = sessions[peer.session, default: []].filter { $0 != id }
        let isAlone = others.isEmpty && echoes[peer.session] == nil
        for other in others {
            send("MSG \(peer.account) \(name(of: peer.account)) \(payload.count)", payload: payload, to: other)
        }
        switch (request[1], isAlone) {
        case ("A", false), ("D", false), ("S", false): send("ACK \(trID)", to: id)
        case ("A", true), ("D", true), ("N", true): send("NAK \(trID)", to: id)
        default: break
        }
        let dialect = peer.responses.dialect
        let replies = echoes[peer.session]?.receive(request.frame, from: peer.account, in: dialect)
        sendEcho(replies ?? [], in: peer.session)
    }

    /// Removes a connection from its session. The last one also invalidates the session's tickets.
    mutating func leaveSession(_ peer: Peer, _ id: Int) {
        let others = sessions[peer.session, default: []].filter { $0 != id }
        others.forEach { send("BYE \(peer.account)", to: $0) }
        sessions[peer.session] = others.isEmpty ? nil : others
        if others.isEmpty {
            tickets = tickets.filter { $0.value.session != peer.session }
            echoes[peer.session] = nil
        }
    }
}
