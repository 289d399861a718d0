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
        for (index, other) in others.enumerated() {
            guard let member = peers[other] else { continue }
            let participant = participant(member, in: owner.responses)
            send("IRO \(trID) \(index + 1) \(others.count) \(participant)", to: id)
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
        let isPresent = sessions[peer.session, default: []].contains { peers[$0]?.account == account }
        guard !isPresent else { return send("215 \(trID)", to: id) }
        guard let callee = online[account], peers[callee]?.presence.isVisible == true else {
            return send("217 \(trID)", to: id)
        }
        guard let cookie = issueTicket(for: account, session: peer.session, isInvitation: true) else {
            return send("713 \(trID)", to: id)
        }
        send("CAL \(trID) RINGING \(peer.session)", to: id)
        let caller = "\(peer.account) \(name(of: peer.account))"
        send("RNG \(peer.session) \(switchboard) CKI \(cookie) \(caller)", to: callee)
    }

    private mutating func forwardMessage(_ request: Request, _ trID: String, _ peer: Peer, _ id: Int) {
        let payload = request.frame.payload
        guard payload.count <= Self.messageLimit else { return disconnect(id) }
        let others = sessions[peer.session, default: []].filter { $0 != id }
        for other in others {
            send("MSG \(peer.account) \(name(of: peer.account)) \(payload.count)", payload: payload, to: other)
        }
        switch (request[1], others.isEmpty) {
        case ("A", false), ("D", false), ("S", false): send("ACK \(trID)", to: id)
        case ("A", true), ("D", true), ("N", true): send("NAK \(trID)", to: id)
        default: break
        }
    }

    /// Removes a connection from its session. The last one also invalidates the session's tickets.
    mutating func leaveSession(_ peer: Peer, _ id: Int) {
        let others = sessions[peer.session, default: []].filter { $0 != id }
        others.forEach { send("BYE \(peer.account)", to: $0) }
        sessions[peer.session] = others.isEmpty ? nil : others
        if others.isEmpty { tickets = tickets.filter { $0.value.session != peer.session } }
    }
}
