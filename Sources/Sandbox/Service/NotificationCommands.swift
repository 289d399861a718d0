// The notification server commands of the sandbox after sign-in: lists, presence, requests for a switchboard.

import MSNP

extension MessengerService {
    mutating func handleNotification(_ request: Request, _ trID: String, _ peer: Peer, _ id: Int) {
        let responses = peer.responses
        switch request.verb {
        case "ADL" where responses.sendsContactList, "RML" where responses.sendsContactList,
            "FQY" where responses.sendsContactList:
            changeContactList(request, trID, peer, id)
        case "SYN" where !responses.sendsContactList:
            let contacts = peer.contacts.sorted().map { (account: $0, name: name(of: $0)) }
            let owner = name(of: peer.account)
            responses.lists(trID, version: listVersion, clientHas: request[1], owner: owner, contacts: contacts)
                .forEach { send($0, to: id) }
        case "CHG": changeState(request, trID, peer, id)
        case "ADD", "ADC": add(request, trID, peer, id)
        case "REM": remove(request, trID, peer, id)
        case "REA": rename(request, trID, to: request[2], if: request.account(at: 1) == peer.account, peer, id)
        case "PRP": rename(request, trID, to: request[2], if: request[1] == "MFN", peer, id)
        case "GTC", "BLP": send(changed(request, trID, at: 0, responses), to: id)
        case "SBP": send("SBP \(trID) \(request.rest)", to: id)
        case "XFR" where request[1] == "SB": openSwitchboard(trID, peer, id)
        case "QRY": checkAnswer(request, trID, peer, id)
        case "CVR": answerVersion(request, trID, id)
        case "UUX": changeStatusText(request, trID, peer, id)
        case "SND", "SDC": send("\(request.verb) \(trID) OK", to: id)
        case "IMS": send("IMS \(trID) 0 \(request[1])", to: id)
        case "URL": send("URL \(trID) / http://info.example.net/ 2", to: id)
        case "GCF":
            let policy = Array("<?xml version=\"1.0\" encoding=\"utf-8\"?><config></config>".utf8)
            send("GCF \(trID) \(request[1]) \(policy.count)", payload: policy, to: id)
        case "USR": send("207 \(trID)", to: id)
        case "MSG": disconnect(id)
        default: send("\(CommandForm.forms(of: request.verb, from: .client).isEmpty ? "200" : "502") \(trID)", to: id)
        }
    }

    // MARK: - Presence

    private mutating func changeState(_ request: Request, _ trID: String, _ peer: Peer, _ id: Int) {
        guard Presence.states.contains(request[1]) else { return send("201 \(trID)", to: id) }
        var presence = Presence(state: request[1])
        if Decimal.value(of: request[2].utf8) != nil { presence.capabilities = request[2] }
        if request[3] != "0" { presence.picture = request[3] }
        peers[id]?.presence = presence
        send("CHG \(trID) \(request.rest)", to: id)
        if peer.presence.state == "FLN" { peer.contacts.sorted().forEach { sendInitialPresence($0, trID, to: id) } }
        announce(peer.account, was: peer.presence, is: presence)
        if peer.responses.hasChallenges, peer.question == nil {
            peers[id]?.question = Challenge.question
            send("CHL 0 \(Challenge.question)", to: id)
        }
    }

    /// Sends the presence of a contact to a client, if the contact is visible.
    mutating func sendInitialPresence(_ contact: String, _ trID: String, to id: Int) {
        guard let other = visiblePresence(of: contact), let peer = peers[id] else { return }
        send("ILN \(trID) \(peer.responses.presence(other.presence, of: contact, name(of: contact)))", to: id)
        guard peer.responses.hasStatusTexts, !other.statusText.isEmpty else { return }
        send("UBX \(peer.responses.contact(contact)) \(other.statusText.count)", payload: other.statusText, to: id)
    }

    /// Sends an account's new presence to all clients that have it on their list.
    mutating func announce(_ account: String, was before: Presence, is now: Presence) {
        guard before.isVisible || now.isVisible else { return }
        for (id, watcher) in watchers(of: account) {
            let line = watcher.responses.presence(now, of: account, name(of: account))
            send(now.isVisible ? "NLN \(line)" : "FLN \(watcher.responses.contact(account))", to: id)
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

    private mutating func changeStatusText(_ request: Request, _ trID: String, _ peer: Peer, _ id: Int) {
        send("UUX \(trID) 0", to: id)
        guard request.frame.payload.count <= Self.messageLimit else { return }
        peers[id]?.statusText = Array(request.frame.payload)
        guard peer.presence.isVisible else { return }
        for (other, watcher) in watchers(of: peer.account) where watcher.responses.hasStatusTexts {
            let contact = watcher.responses.contact(peer.account)
            send("UBX \(contact) \(request.frame.payload.count)", payload: request.frame.payload, to: other)
        }
    }

    private mutating func checkAnswer(_ request: Request, _ trID: String, _ peer: Peer, _ id: Int) {
        let answer = String(decoding: request.frame.payload, as: UTF8.self)
        let expected = peer.question.flatMap {
            Challenge.answer(to: $0, product: request[1], in: peer.responses.dialect)
        }
        guard answer == expected ?? answer else { return refuse("540", trID, id) }
        send("QRY \(trID)", to: id)
    }

    // MARK: - Lists

    /// Increments the list version and returns the acknowledgement of a change.
    private mutating func changed(
        _ request: Request, _ trID: String, at place: Int, _ responses: ResponseBuilder, extra: [String] = []
    ) -> String {
        listVersion += 1
        return responses.changed(request.verb, trID, version: listVersion, at: place, request.arguments[1...] + extra)
    }

    private mutating func add(_ request: Request, _ trID: String, _ peer: Peer, _ id: Int) {
        guard ["FL", "AL", "BL", "RL", "PL"].contains(request[1]) else { return send("201 \(trID)", to: id) }
        let contact: String?
        var extra: [String] = []
        if !peer.responses.keysContactsByIdentifier {
            contact = request.account(at: 2)
        } else if request[2].hasPrefix("C=") {
            contact = peer.contacts.first { "C=\(ResponseBuilder.identifier(of: $0))" == request[2] }
        } else {
            contact = request.account(at: 2).flatMap { $0.hasPrefix("n=") ? String($0.dropFirst(2)) : nil }
            if request[1] == "FL", let contact { extra = ["C=\(ResponseBuilder.identifier(of: contact))"] }
        }
        guard let contact else { return send("208 \(trID)", to: id) }
        let isNew = request[1] == "FL" && contact != peer.account && !peer.contacts.contains(contact)
        if isNew {
            guard peer.contacts.count < Self.listLimit else { return send("210 \(trID)", to: id) }
            peers[id]?.contacts.insert(contact)
        }
        send(changed(request, trID, at: 1, peer.responses, extra: extra), to: id)
        guard isNew else { return }
        sendInitialPresence(contact, trID, to: id)
        announceAddition(of: contact, by: peer.account)
    }

    /// Informs an account that another one has added it.
    mutating func announceAddition(of contact: String, by account: String) {
        guard let other = online[contact], let added = peers[other], !added.contacts.contains(account) else { return }
        sendAddition(of: account, to: other, added.responses)
    }

    /// Sends the notice that an account has added this client.
    mutating func sendAddition(of account: String, to id: Int, _ responses: ResponseBuilder) {
        let notice = responses.addedBy(account, name(of: account), version: listVersion)
        send(notice.line, payload: notice.payload, to: id)
    }

    private mutating func remove(_ request: Request, _ trID: String, _ peer: Peer, _ id: Int) {
        guard request[1] != "RL" else { return disconnect(id) }
        if request[1] == "FL" {
            let contact = request[2].lowercased()
            peers[id]?.contacts = peer.contacts.filter {
                $0 != contact && ResponseBuilder.identifier(of: $0) != contact
            }
        }
        send(changed(request, trID, at: 1, peer.responses), to: id)
    }

    private mutating func rename(
        _ request: Request, _ trID: String, to name: String, if isOwn: Bool, _ peer: Peer, _ id: Int
    ) {
        guard name.utf8.count <= 387, !isOwn || !name.isEmpty else { return send("209 \(trID)", to: id) }
        send(changed(request, trID, at: 0, peer.responses), to: id)
        guard isOwn, accounts.contains(peer.account) else { return }
        names[peer.account] = name
        if peer.presence.isVisible { announce(peer.account, was: peer.presence, is: peer.presence) }
    }

    // MARK: - Switchboards

    private mutating func openSwitchboard(_ trID: String, _ peer: Peer, _ id: Int) {
        guard peer.presence.isVisible else { return send("913 \(trID)", to: id) }
        let tail = peer.responses.switchboardTail("messenger.msn.com")
        guard let cookie = issueTicket(for: peer.account, session: 11_752_013 + nextNumber(), isInvitation: false)
        else {
            return send("800 \(trID)", to: id)
        }
        send("XFR \(trID) SB \(switchboard) CKI \(cookie)\(tail)", to: id)
    }

    /// Issues a single-use cookie for a session; nil if the account has too many unused ones.
    mutating func issueTicket(for account: String, session: Int, isInvitation: Bool) -> String? {
        guard tickets.values.count(where: { $0.account == account }) < Self.ticketLimit else { return nil }
        let cookie = "17262740.\(1_050_826_919 + nextNumber()).\(session)"
        tickets[cookie] = Ticket(account: account, session: session, isInvitation: isInvitation)
        return cookie
    }
}
