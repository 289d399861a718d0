// What a signed-in client may say to the notification server: lists, presence, calls for a switchboard.

import MSNP

extension MessengerService {
    mutating func serve(_ request: Request, _ t: String, _ peer: Peer, _ id: Int) {
        let phrases = peer.phrases
        switch request.verb {
        case "SYN":
            let contacts = peer.contacts.sorted().map { (account: $0, name: name(of: $0)) }
            let owner = name(of: peer.account)
            phrases.lists(t, version: listVersion, clientHas: request[1], owner: owner, contacts: contacts)
                .forEach { send($0, to: id) }
        case "CHG": changeState(request, t, peer, id)
        case "ADD", "ADC": add(request, t, peer, id)
        case "REM": remove(request, t, peer, id)
        case "REA": rename(request, t, to: request[2], if: request.account(at: 1) == peer.account, peer, id)
        case "PRP": rename(request, t, to: request[2], if: request[1] == "MFN", peer, id)
        case "GTC", "BLP": send(changed(request, t, at: 0, phrases), to: id)
        case "SBP": send("SBP \(t) \(request.rest)", to: id)
        case "XFR" where request[1] == "SB": openSwitchboard(t, peer, id)
        case "QRY": checkAnswer(request, t, peer, id)
        case "CVR": answerVersion(request, t, id)
        case "UUX": changeStatusText(request, t, peer, id)
        case "SND", "SDC": send("\(request.verb) \(t) OK", to: id)
        case "IMS": send("IMS \(t) 0 \(request[1])", to: id)
        case "URL": send("URL \(t) / http://info.example.net/ 2", to: id)
        case "GCF":
            let policy = Array("<?xml version=\"1.0\" encoding=\"utf-8\"?><config></config>".utf8)
            send("GCF \(t) \(request[1]) \(policy.count)", payload: policy, to: id)
        case "USR": send("207 \(t)", to: id)
        case "MSG": leave(id)
        default: send("\(CommandForm.forms(of: request.verb, from: .client).isEmpty ? "200" : "502") \(t)", to: id)
        }
    }

    // MARK: - Presence

    private mutating func changeState(_ request: Request, _ t: String, _ peer: Peer, _ id: Int) {
        guard Presence.states.contains(request[1]) else { return send("201 \(t)", to: id) }
        var presence = Presence(state: request[1])
        if Decimal.value(of: request[2].utf8) != nil { presence.capabilities = request[2] }
        if request[3] != "0" { presence.picture = request[3] }
        peers[id]?.presence = presence
        send("CHG \(t) \(request.rest)", to: id)
        if peer.presence.state == "FLN" { peer.contacts.sorted().forEach { introduce($0, t, to: id) } }
        announce(peer.account, was: peer.presence, is: presence)
        if peer.phrases.hasChallenges, peer.question == nil {
            peers[id]?.question = Challenge.question
            send("CHL 0 \(Challenge.question)", to: id)
        }
    }

    /// Tells a client that one of its contacts is here, if so.
    private mutating func introduce(_ contact: String, _ t: String, to id: Int) {
        guard let other = online[contact].flatMap({ peers[$0] }), other.presence.isVisible, let peer = peers[id] else {
            return
        }
        send("ILN \(t) \(peer.phrases.presence(other.presence, of: contact, name(of: contact)))", to: id)
        guard peer.phrases.hasStatusTexts, !other.statusText.isEmpty else { return }
        send("UBX \(contact) \(other.statusText.count)", payload: other.statusText, to: id)
    }

    /// Tells everybody who has this account on the list what became of it.
    mutating func announce(_ account: String, was before: Presence, is now: Presence) {
        guard before.isVisible || now.isVisible else { return }
        for (id, watcher) in watchers(of: account) {
            let phrase = watcher.phrases.presence(now, of: account, name(of: account))
            send(now.isVisible ? "NLN \(phrase)" : "FLN \(account)", to: id)
        }
    }

    private func watchers(of account: String) -> [(Int, Peer)] {
        online.values.sorted().compactMap { id in
            guard let peer = peers[id], peer.presence.state != "FLN", peer.contacts.contains(account) else {
                return nil
            }
            return (id, peer)
        }
    }

    private mutating func changeStatusText(_ request: Request, _ t: String, _ peer: Peer, _ id: Int) {
        send("UUX \(t) 0", to: id)
        guard request.frame.payload.count <= Self.messageLimit else { return }
        peers[id]?.statusText = Array(request.frame.payload)
        guard peer.presence.isVisible else { return }
        for (other, watcher) in watchers(of: peer.account) where watcher.phrases.hasStatusTexts {
            send("UBX \(peer.account) \(request.frame.payload.count)", payload: request.frame.payload, to: other)
        }
    }

    private mutating func checkAnswer(_ request: Request, _ t: String, _ peer: Peer, _ id: Int) {
        let answer = String(decoding: request.frame.payload, as: UTF8.self)
        let right = peer.question.flatMap {
            Challenge.answer(to: $0, product: request[1], in: peer.phrases.dialect)
        }
        guard answer == right ?? answer else { return refuse("540", t, id) }
        send("QRY \(t)", to: id)
    }

    // MARK: - Lists

    /// The acknowledgement of a change, with the new version of the lists where the dialect counts them.
    private mutating func changed(
        _ request: Request, _ t: String, at place: Int, _ phrases: ResponseBuilder, extra: [String] = []
    ) -> String {
        listVersion += 1
        return phrases.changed(request.verb, t, version: listVersion, at: place, request.words[1...] + extra)
    }

    private mutating func add(_ request: Request, _ t: String, _ peer: Peer, _ id: Int) {
        guard ["FL", "AL", "BL", "RL", "PL"].contains(request[1]) else { return send("201 \(t)", to: id) }
        let contact: String?
        var extra: [String] = []
        if !peer.phrases.keysContactsByIdentifier {
            contact = request.account(at: 2)
        } else if request[2].hasPrefix("C=") {
            contact = peer.contacts.first { "C=\(ResponseBuilder.identifier(of: $0))" == request[2] }
        } else {
            contact = request.account(at: 2).flatMap { $0.hasPrefix("n=") ? String($0.dropFirst(2)) : nil }
            if request[1] == "FL", let contact { extra = ["C=\(ResponseBuilder.identifier(of: contact))"] }
        }
        guard let contact else { return send("208 \(t)", to: id) }
        let isNew = request[1] == "FL" && contact != peer.account && !peer.contacts.contains(contact)
        if isNew {
            guard peer.contacts.count < Self.listLimit else { return send("210 \(t)", to: id) }
            peers[id]?.contacts.insert(contact)
        }
        send(changed(request, t, at: 1, peer.phrases, extra: extra), to: id)
        guard isNew else { return }
        introduce(contact, t, to: id)
        guard let other = online[contact], let added = peers[other], !added.contacts.contains(peer.account) else {
            return
        }
        send(added.phrases.addedBy(peer.account, name(of: peer.account), version: listVersion), to: other)
    }

    private mutating func remove(_ request: Request, _ t: String, _ peer: Peer, _ id: Int) {
        guard request[1] != "RL" else { return leave(id) }
        if request[1] == "FL" {
            let contact = request[2].lowercased()
            peers[id]?.contacts = peer.contacts.filter {
                $0 != contact && ResponseBuilder.identifier(of: $0) != contact
            }
        }
        send(changed(request, t, at: 1, peer.phrases), to: id)
    }

    private mutating func rename(
        _ request: Request, _ t: String, to name: String, if isOwn: Bool, _ peer: Peer, _ id: Int
    ) {
        guard name.utf8.count <= 387, !isOwn || !name.isEmpty else { return send("209 \(t)", to: id) }
        send(changed(request, t, at: 0, peer.phrases), to: id)
        guard isOwn, accounts.contains(peer.account) else { return }
        names[peer.account] = name
        if peer.presence.isVisible { announce(peer.account, was: peer.presence, is: peer.presence) }
    }

    // MARK: - Switchboards

    private mutating func openSwitchboard(_ t: String, _ peer: Peer, _ id: Int) {
        guard peer.presence.isVisible else { return send("913 \(t)", to: id) }
        guard let cookie = issueTicket(for: peer.account, session: 11_752_013 + next(), isInvitation: false) else {
            return send("800 \(t)", to: id)
        }
        send("XFR \(t) SB \(switchboard) CKI \(cookie)", to: id)
    }

    /// A cookie for one entry; nil where the account has too many unused ones.
    mutating func issueTicket(for account: String, session: Int, isInvitation: Bool) -> String? {
        guard tickets.values.count(where: { $0.account == account }) < Self.ticketLimit else { return nil }
        let cookie = "17262740.\(1_050_826_919 + next()).\(session)"
        tickets[cookie] = Ticket(account: account, session: session, isInvitation: isInvitation)
        return cookie
    }
}
