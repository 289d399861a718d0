// What a client may say to the switchboard: one conversation, entered with a cookie that is good for one use.

import MSNP

extension MessengerService {
    mutating func converse(_ request: Request, _ t: String, _ peer: Peer, _ id: Int) {
        guard peer.stage == .member else { return enter(request, t, id) }
        switch request.verb {
        case "CAL": call(request, t, peer, id)
        case "MSG": relay(request, t, peer, id)
        case "USR", "ANS": send("207 \(t)", to: id)
        default: send("200 \(t)", to: id)
        }
    }

    private mutating func enter(_ request: Request, _ t: String, _ id: Int) {
        let isInvited = request.verb == "ANS"
        guard isInvited || request.verb == "USR", let account = request.account(at: 1),
            let ticket = tickets[request[2]], ticket.account == account, ticket.isInvitation == isInvited,
            !isInvited || request[3] == "\(ticket.session)", let owner = online[account].flatMap({ peers[$0] })
        else { return refuse("911", t, id) }
        tickets[request[2]] = nil
        let others = rooms[ticket.session, default: []]
        rooms[ticket.session] = others + [id]
        peers[id]?.dialect = owner.dialect
        peers[id]?.account = account
        peers[id]?.presence = owner.presence
        peers[id]?.session = ticket.session
        peers[id]?.stage = .member
        guard isInvited else { return send("USR \(t) OK \(account) \(name(of: account))", to: id) }
        for (index, other) in others.enumerated() {
            guard let member = peers[other] else { continue }
            let participant = participant(member, in: owner.phrases)
            send("IRO \(t) \(index + 1) \(others.count) \(participant)", to: id)
        }
        send("ANS \(t) OK", to: id)
        guard let entered = peers[id] else { return }
        for other in others {
            guard let member = peers[other] else { continue }
            send("JOI \(participant(entered, in: member.phrases))", to: other)
        }
    }

    private func participant(_ peer: Peer, in phrases: ResponseBuilder) -> String {
        phrases.participant(peer.account, name(of: peer.account), capabilities: peer.presence.capabilities)
    }

    private mutating func call(_ request: Request, _ t: String, _ peer: Peer, _ id: Int) {
        guard let account = request.account(at: 1) else { return send("208 \(t)", to: id) }
        let isThere = rooms[peer.session, default: []].contains { peers[$0]?.account == account }
        guard !isThere else { return send("215 \(t)", to: id) }
        guard let callee = online[account], peers[callee]?.presence.isVisible == true else {
            return send("217 \(t)", to: id)
        }
        guard let cookie = issueTicket(for: account, session: peer.session, isInvitation: true) else {
            return send("713 \(t)", to: id)
        }
        send("CAL \(t) RINGING \(peer.session)", to: id)
        let caller = "\(peer.account) \(name(of: peer.account))"
        send("RNG \(peer.session) \(switchboard) CKI \(cookie) \(caller)", to: callee)
    }

    private mutating func relay(_ request: Request, _ t: String, _ peer: Peer, _ id: Int) {
        let payload = request.frame.payload
        guard payload.count <= Self.messageLimit else { return leave(id) }
        let others = rooms[peer.session, default: []].filter { $0 != id }
        for other in others {
            send("MSG \(peer.account) \(name(of: peer.account)) \(payload.count)", payload: payload, to: other)
        }
        switch (request[1], others.isEmpty) {
        case ("A", false), ("D", false), ("S", false): send("ACK \(t)", to: id)
        case ("A", true), ("D", true), ("N", true): send("NAK \(t)", to: id)
        default: break
        }
    }

    /// Takes somebody out of a conversation.
    mutating func exit(_ peer: Peer, _ id: Int) {
        let others = rooms[peer.session, default: []].filter { $0 != id }
        others.forEach { send("BYE \(peer.account)", to: $0) }
        rooms[peer.session] = others.isEmpty ? nil : others
        if others.isEmpty { tickets = tickets.filter { $0.value.session != peer.session } }
    }
}
