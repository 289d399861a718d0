// Builds the sandbox's answers in each dialect; no other file compares dialects.

import Crypto
import MSNP

/// The server's answers in one dialect.
struct ResponseBuilder {
    let dialect: Dialect

    /// The newest of the offered dialects that the sandbox supports; nil if none.
    ///
    /// MSNP2 to MSNP12 come first, then MSNP13 to MSNP15, then CVR0: clients of MSNP13 and later keep their lists in an
    /// address book on the web, which the sandbox does not have.
    static func choose(among names: some Sequence<String>) -> Dialect? {
        let offered = names.compactMap { Dialect(token: Array($0.utf8)) }
        return [2...12, 13...15, 0...0].lazy.compactMap { (numbers: ClosedRange<UInt8>) in
            offered.filter { numbers.contains($0.number) }.max()
        }.first
    }

    private func since(_ number: UInt8) -> Bool { dialect >= Dialect(number) }

    var canSignIn: Bool { since(2) }
    var usesTickets: Bool { since(8) }
    var asksForClientVersionFirst: Bool { since(8) }
    var package: String { since(15) ? "SSO" : usesTickets ? "TWN" : "MD5" }
    var hasChallenges: Bool { since(6) }
    var hasStatusTexts: Bool { since(11) }
    var keysContactsByIdentifier: Bool { since(10) }
    /// Whether clients send their contact list after the sign-in, instead of receiving it.
    var sendsContactList: Bool { since(13) }
    var pong: String { since(9) ? "QNG 50" : "QNG" }

    /// `XFR` from a dispatch server.
    func transfer(_ trID: String, to server: HostPort, from current: HostPort) -> String {
        let tail = since(13) ? " U D" : since(7) ? " 0 \(current)" : since(3) ? " 0" : ""
        return "XFR \(trID) NS \(server)\(tail)"
    }

    /// The challenge for the password (MD5), ticket (TWN), or ticket and answer (SSO; the sandbox checks no answer).
    func challenge(_ trID: String, number: Int) -> String {
        guard !since(15) else {
            let nonce = Base64.encode(Array(SHA384.hash(data: Array("sandbox nonce \(number)".utf8))))
            return "USR \(trID) SSO S MBI_KEY_OLD \(String(decoding: nonce, as: UTF8.self))"
        }
        let question =
            usesTickets
            ? "lc=1033,id=507,tw=40,fs=1,ru=http%3A%2F%2Fmessenger%2Emsn%2Ecom,ct=1062764229,kpp=1,kv=5,ver=2.1.0173.1"
            : "1726321959.\(number)"
        return "USR \(trID) \(package) S \(question)"
    }

    func signedIn(_ trID: String, _ account: String, _ name: String) -> String {
        let tail = since(10) ? "1 0" : since(8) ? "\(name) 1 0" : since(6) ? "\(name) 1" : name
        return "USR \(trID) OK \(account) \(tail)"
    }

    /// The profile message at the end of the sign-in.
    func profile(of account: String) -> [UInt8] {
        let fields = [
            "MIME-Version: 1.0", "Content-Type: text/x-msmsgsprofile; charset=UTF-8", "LoginTime: 1726321960",
            "EmailEnabled: 1", "MemberIdHigh: 1", "MemberIdLow: 2", "lang_preference: 1033",
            "preferredEmail: \(account)", "country: US", "PostalCode: ", "Gender: ", "Kid: 0", "Age: ", "BDayPre: ",
            "Birthday: ", "Wallet: ", "Flags: 1027", "sid: 507", "kv: 11", "MSPAuth: SANDBOX0000$$",
        ]
        let later = since(8) ? ["ClientIP: 127.0.0.1", "ClientPort: 18183"] : []
        let latest = since(10) ? ["ABCHMigrated: 1"] : []
        return Array((fields + later + latest).map { $0 + "\r\n" }.joined().utf8) + [0x0D, 0x0A]
    }

    /// The lines of the contact list; only the `SYN` answer if the client already has this version.
    func lists(
        _ trID: String, version: Int, clientHas known: String, owner: String,
        contacts: [(account: String, name: String)]
    ) -> [String] {
        let people = contacts.indices.lazy.map { (index: $0 + 1, contact: contacts[$0]) }
        if since(10) {
            let time = "2004-09-17T08:11:26.320-07:00"
            let network = since(12) ? " 1" : ""
            return ["SYN \(trID) \(time) \(time) \(contacts.count) 0", "GTC A", "BLP AL", "PRP MFN \(owner)"]
                + contacts.map { "LST N=\($0.account) F=\($0.name) C=\(Self.identifier(of: $0.account)) 11\(network)" }
        }
        guard known != "\(version)" else { return ["SYN \(trID) \(version)"] }
        if since(8) {
            return ["SYN \(trID) \(version) \(contacts.count) 1", "GTC A", "BLP AL", "PRP MOB N", "LSG 0 Contacts 0"]
                + contacts.map { "LST \($0.account) \($0.name) 11 0" }
        }
        var lines = ["SYN \(trID) \(version)", "GTC \(trID) \(version) A", "BLP \(trID) \(version) AL"]
        if since(5) { lines.append("PRP \(trID) \(version) MBE N") }
        if since(7) { lines.append("LSG \(trID) \(version) 1 1 0 Contacts 0") }
        for list in ["FL", "AL", "BL", "RL"] {
            let start = "LST \(trID) \(list) \(version)"
            guard list != "BL", !contacts.isEmpty else {
                lines.append("\(start) 0 0")
                continue
            }
            let group = since(7) && list == "FL" ? " 0" : ""
            lines += people.map {
                "\(start) \($0.index) \(contacts.count) \($0.contact.account) \($0.contact.name)\(group)"
            }
        }
        return lines
    }

    /// The arguments of `NLN` and `ILN` from the state on.
    func presence(_ presence: Presence, of account: String, _ name: String) -> String {
        let network = since(14) ? " 1" : ""
        let capabilities = since(8) ? " \(presence.capabilities)" : ""
        let picture = since(9) && !presence.picture.isEmpty ? " \(presence.picture)" : ""
        return "\(presence.state) \(account)\(network) \(name)\(capabilities)\(picture)"
    }

    /// The arguments of `FLN` and the first ones of `UBX`.
    func contact(_ account: String) -> String { since(14) ? "\(account) 1" : account }

    /// The arguments behind the cookie in `XFR … SB`, and behind the name in `RNG`; since MSNP14 with the flag that
    /// allows connections over TCP.
    func switchboardTail(_ host: String) -> String { since(13) ? " U \(host)\(since(14) ? " 1" : "")" : "" }

    /// The arguments that describe a participant in `JOI` and `IRO`.
    func participant(_ account: String, _ name: String, capabilities: String) -> String {
        since(12) ? "\(account) \(name) \(capabilities)" : "\(account) \(name)"
    }

    /// The notice that an account has added this client to its list: a line, and its payload since MSNP13.
    func addedBy(_ account: String, _ name: String, version: Int) -> (line: String, payload: [UInt8]) {
        guard since(13) else {
            return (since(10) ? "ADC 0 RL N=\(account) F=\(name)" : "ADD 0 RL \(version) \(account) \(name)", [])
        }
        let plain = String(decoding: PercentEncoding.decode(ByteSlice(name.utf8)), as: UTF8.self)
        let payload = XMLText.contactList([account], attributes: " t=\"1\" l=\"8\" f=\"\(XMLText.escaped(plain))\"")
        return ("ADL 0 \(payload.count)", payload)
    }

    /// The acknowledgement of a list change. Before MSNP10 it contains the list version at index `place`.
    func changed(_ verb: Verb, _ trID: String, version: Int, at place: Int, _ arguments: ArraySlice<String>) -> String {
        var arguments = Array(arguments)
        if !since(10) { arguments.insert("\(version)", at: min(place, arguments.count)) }
        return ([verb.description, trID] + arguments).joined(separator: " ")
    }

    /// The GUID of a contact in lists of MSNP10 and later.
    static func identifier(of account: String) -> String {
        let digits = Hexadecimal.text(Insecure.MD5.hash(data: Array(account.utf8)))
        var rest = digits[...]
        return [8, 4, 4, 4, 12].map { length in
            defer { rest = rest.dropFirst(length) }
            return String(rest.prefix(length))
        }.joined(separator: "-")
    }
}
