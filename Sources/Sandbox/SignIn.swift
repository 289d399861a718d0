// What a client may say before it is signed in, to the dispatch or the notification server.

import MSNP

extension MessengerService {
    mutating func signIn(_ request: Request, _ t: String, _ peer: Peer, _ id: Int) {
        switch request.verb {
        case "VER": negotiate(request, t, id)
        case "CVQ": offerUpdate(request, t, id)
        case "CVR": answerVersion(request, t, id)
        case "INF" where peer.phrases.canSignIn && !peer.phrases.usesTickets: send("INF \(t) MD5", to: id)
        case "INF": leave(id)
        case "USR" where peer.phrases.canSignIn: identify(request, t, peer, id)
        default: send("302 \(t)", to: id)
        }
    }

    private mutating func negotiate(_ request: Request, _ t: String, _ id: Int) {
        guard let dialect = ResponseBuilder.choose(among: request.words.dropFirst()) else {
            send("VER \(t) 0", to: id)
            return leave(id)
        }
        peers[id]?.dialect = dialect
        send("VER \(t) \(dialect)", to: id)
    }

    private mutating func identify(_ request: Request, _ t: String, _ peer: Peer, _ id: Int) {
        guard request[1] == peer.phrases.package else { return refuse("911", t, id) }
        switch (request[2], peer.stage) {
        case ("I", .stranger):
            guard let account = request.account(at: 3) else { return refuse("911", t, id) }
            guard peer.role == .notification else {
                send(peer.phrases.transfer(t, to: notificationServer, from: peer.address), to: id)
                return leave(id)
            }
            peers[id]?.account = account
            peers[id]?.stage = .challenged
            send(peer.phrases.challenge(t, number: next()), to: id)
        case ("S", .challenged) where !request[3].isEmpty: admit(peer, t, id)
        default: refuse("911", t, id)
        }
    }

    /// Any answer will do.
    private mutating func admit(_ peer: Peer, _ t: String, _ id: Int) {
        let account = peer.account
        if let other = online[account] {
            send("OUT OTH", to: other)
            leave(other)
        }
        if !accounts.contains(account), accounts.count < Self.listLimit {
            accounts.append(account)
            if accounts.count > 1 { listVersion += 1 }
        }
        online[account] = id
        peers[id]?.stage = .member
        peers[id]?.contacts = Set(accounts).subtracting([account])
        send(peer.phrases.signedIn(t, account, name(of: account)), to: id)
        if peer.phrases.hasStatusTexts { send("SBS 0 null", to: id) }
        let profile = peer.phrases.profile(of: account)
        send("MSG Hotmail Hotmail \(profile.count)", payload: profile, to: id)
        guard accounts.contains(account) else { return }
        for other in online.values.sorted() where other != id {
            guard let watcher = peers[other], !watcher.contacts.contains(account) else { continue }
            send(watcher.phrases.addedBy(account, name(of: account), version: listVersion), to: other)
        }
    }

    /// Every client is told that it is the newest.
    mutating func answerVersion(_ request: Request, _ t: String, _ id: Int) {
        let version = request[6].isEmpty ? "1.0.0000" : request[6]
        send(
            "CVR \(t) \(version) \(version) 1.0.0000 http://download.example.net/setup.exe http://info.example.net/",
            to: id)
    }

    private mutating func offerUpdate(_ request: Request, _ t: String, _ id: Int) {
        switch UpdateQuestion(request).answer {
        case .offer(let offer):
            send("CVQ \(t) \(offer)", to: id)
            leave(id)
        case .notInvited: send("420 \(t)", to: id)
        case .badParameters: send("710 \(t)", to: id)
        case .nonsense: refuse("731", t, id)
        }
    }
}

/// `CVQ`: which version of the client is the newest?
struct UpdateQuestion {
    enum Answer: Equatable {
        case offer(String)
        case notInvited
        case badParameters
        case nonsense
    }

    let answer: Answer

    init(_ request: Request) {
        let count = request.words.count - 1
        let handle = request.words.firstIndex { $0.contains("@") }
        if !request[1].hasPrefix("0x") {
            answer = .nonsense
        } else if !Self.isLocale(request[1]) || count < 6 || count > 8 || (handle ?? 8) != 8 {
            answer = .badParameters
        } else if !Self.libraries.contains(request[5]) || !Self.isVersion(request[6])
            || !(Self.libraries + [""]).contains(request[7])
        {
            answer = .notInvited
        } else {
            answer = .offer(handle == nil ? Self.old : Self.new)
        }
    }

    private static let libraries = ["MSMSGS", "MSNMSGR"]
    private static let old = """
        5.0.0537 5.0.0537 1.0.0863 \
        http://download.microsoft.com/download/msnmessenger/install/5.0/w98nt42kmexp/en-us/setupdl.exe \
        http://messenger.microsoft.com
        """
    private static let new = """
        7.0.0813 7.0.0813 6.2.0205 \
        http://msgr.dlservice.microsoft.com/download/5/d/9/5d9bb5b2-49c7-4890-94ab-d1d5e44a0e6d/\
        Install_MSN_Messenger.exe http://messenger.msn.com
        """

    /// A language and a country that exist: `0x0409` does, `0x1111` does not.
    private static func isLocale(_ word: String) -> Bool {
        guard word.utf8.count == 6, let number = UInt16(word.dropFirst(2), radix: 16) else { return false }
        return (1...0x92).contains(number & 0x3FF) && (1...0x14).contains(number >> 10)
    }

    /// Major, minor and patch of a client that was ever made, such as `6.2.0205`.
    private static func isVersion(_ word: String) -> Bool {
        let parts = word.split(separator: ".", omittingEmptySubsequences: false).map { Decimal.value(of: $0.utf8) }
        guard parts.count >= 3, parts.count <= 4, let major = parts.first ?? nil else { return false }
        return (1...15).contains(major) && !parts.contains(nil)
    }
}
