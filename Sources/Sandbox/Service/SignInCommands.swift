// The commands of the sandbox before sign-in, on the dispatch and the notification server.

import MSNP

extension MessengerService {
    mutating func handleSignIn(_ request: Request, _ trID: String, _ peer: Peer, _ id: Int) {
        switch request.verb {
        case "VER": negotiate(request, trID, id)
        case "CVQ": offerUpdate(request, trID, id)
        case "CVR": answerVersion(request, trID, id)
        case "INF" where peer.responses.canSignIn && !peer.responses.usesTickets: send("INF \(trID) MD5", to: id)
        case "INF": disconnect(id)
        case "USR" where peer.responses.canSignIn: identify(request, trID, peer, id)
        default: send("302 \(trID)", to: id)
        }
    }

    private mutating func negotiate(_ request: Request, _ trID: String, _ id: Int) {
        guard let dialect = ResponseBuilder.choose(among: request.arguments.dropFirst()) else {
            send("VER \(trID) 0", to: id)
            return disconnect(id)
        }
        peers[id]?.dialect = dialect
        send("VER \(trID) \(dialect)", to: id)
    }

    private mutating func identify(_ request: Request, _ trID: String, _ peer: Peer, _ id: Int) {
        guard request[1] == peer.responses.package else { return refuse("911", trID, id) }
        switch (request[2], peer.stage) {
        case ("I", .unidentified):
            guard let account = request.account(at: 3), !isEcho(account) else { return refuse("911", trID, id) }
            guard peer.role == .notification else {
                send(peer.responses.transfer(trID, to: notificationServer, from: peer.address), to: id)
                return disconnect(id)
            }
            peers[id]?.account = account
            peers[id]?.stage = .challenged
            send(peer.responses.challenge(trID, number: nextNumber()), to: id)
        case ("S", .challenged) where !request[3].isEmpty: admit(peer, trID, id)
        default: refuse("911", trID, id)
        }
    }

    /// Signs a client in; any password or ticket is accepted.
    private mutating func admit(_ peer: Peer, _ trID: String, _ id: Int) {
        let account = peer.account
        if let other = online[account] {
            send("OUT OTH", to: other)
            disconnect(other)
        }
        if !accounts.contains(account), accounts.count < Self.listLimit {
            accounts.append(account)
            if accounts.count > 1 { listVersion += 1 }
        }
        online[account] = id
        peers[id]?.stage = .admitted
        if !peer.responses.sendsContactList {
            peers[id]?.contacts = Set(accounts).subtracting([account])
            if hasEcho { peers[id]?.contacts.insert(EchoContact.account) }
        }
        send(peer.responses.signedIn(trID, account, name(of: account)), to: id)
        if peer.responses.hasStatusTexts { send("SBS 0 null", to: id) }
        let profile = peer.responses.profile(of: account)
        send("MSG Hotmail Hotmail \(profile.count)", payload: profile, to: id)
        guard accounts.contains(account) else { return }
        for other in online.values.sorted() where other != id {
            guard let watcher = peers[other], !watcher.contacts.contains(account) else { continue }
            sendAddition(of: account, to: other, watcher.responses)
        }
    }

    /// Answers `CVR`: every client has the newest version.
    mutating func answerVersion(_ request: Request, _ trID: String, _ id: Int) {
        let version = request[6].isEmpty ? "1.0.0000" : request[6]
        send(
            "CVR \(trID) \(version) \(version) 1.0.0000 http://download.example.net/setup.exe http://info.example.net/",
            to: id)
    }

    private mutating func offerUpdate(_ request: Request, _ trID: String, _ id: Int) {
        switch UpdateQuestion(request).answer {
        case .offer(let offer):
            send("CVQ \(trID) \(offer)", to: id)
            disconnect(id)
        case .notInvited: send("420 \(trID)", to: id)
        case .badParameters: send("710 \(trID)", to: id)
        case .nonsense: refuse("731", trID, id)
        }
    }
}
