// The ticket services, without sockets.

import MSNP
import Payloads
import Testing

@testable import Sandbox

@Suite struct TicketServiceTests {
    private let address = HostPort("127.0.0.1", 1865)
    private let account = "alice@example.com"

    private func answer(
        _ method: String, _ target: String, authorization: String? = nil, host: String? = nil, body: String = ""
    ) -> TicketResponse {
        let request = TicketRequest(
            method: method, target: target, authorization: authorization, host: host, body: Array(body.utf8))
        return TicketService.answer(request, at: address, now: 1_095_174_360)
    }

    private func value(_ name: String, _ response: TicketResponse) -> String? {
        response.headers.first { $0.name == name }?.value
    }

    // MARK: - Passport

    @Test(arguments: [
        (nil, "127.0.0.1:1865"), ("nexus.example.net", "nexus.example.net:80"),
        ("localhost:5000", "localhost:5000"), ("a b\r\nX: y", "127.0.0.1:1865"), ("", "127.0.0.1:1865"),
    ])
    func theNexusNamesTheLogin(host: String?, server: String) throws {
        let response = answer("GET", "/rdr/pprdr.asp", host: host)
        let urls = try #require(value("PassportURLs", response)).split(separator: ",")
        #expect(response.status == 200 && response.body.isEmpty)
        #expect(urls.prefix(2) == ["DARealm=Passport.Net", "DALogin=\(server)/login2.srf"])
    }

    @Test(arguments: [
        "Passport1.4 OrgVerb=GET,OrgURL=http%3A%2F%2Fmessenger%2Emsn%2Ecom,sign-in=alice%40example.com,pwd=x,lc=1033,id=507",
        "passport1.4 sign-in=ALICE@example.com, pwd=p%2Cw",
    ])
    func theLoginGivesATicket(authorization: String) throws {
        let response = answer("GET", "/login2.srf?x=y", authorization: authorization)
        #expect(response.status == 200)
        let ticket = SandboxTicket.text(for: account)
        #expect(
            value("Authentication-Info", response)
                == "Passport1.4 da-status=success,tname=MSPAuth,tname=MSPProf,tname=MSPSec,from-PP='\(ticket)',"
                + "ru=http://messenger.msn.com")
        #expect(ticket.wholeMatch(of: /t=[0-9a-f]{40}&p=[0-9a-f]{40}/) != nil)
        // The ticket signs in.
        var talk = Dialogue()
        let ns = talk.connect(.notification)
        try talk.send(ns, "VER 1 MSNP8 CVR0")
        try talk.send(ns, "USR 2 TWN I \(account)")
        _ = talk.answers(ns)
        try talk.send(ns, "USR 3 TWN S \(ticket)")
        #expect(talk.answers(ns).first?.hasPrefix("USR 3 OK") == true)
    }

    @Test(arguments: [
        nil, "", "Basic abc", "Passport1.4 sign-in=alice%40example.com", "Passport1.4 sign-in=alice%40example.com,pwd=",
        "Passport1.4 pwd=x", "Passport1.4 sign-in=alice,pwd=x", "Passport1.4 sign-in=a%0D%0AX%40b,pwd=x",
        "Passport1.4 ,,=,==,",
    ])
    func theLoginRefuses(authorization: String?) throws {
        let response = answer("GET", "/login2.srf", authorization: authorization)
        #expect(response.status == 401)
        #expect(value("WWW-Authenticate", response)?.hasPrefix("Passport1.4 da-status=failed,") == true)
    }

    // MARK: - SOAP

    private func envelope(_ user: String, _ password: String, _ tokens: [(address: String, policy: String)]) -> String {
        let requests = tokens.enumerated().map { number, token in
            "<wst:RequestSecurityToken Id=\"RST\(number)\"><wst:RequestType>x</wst:RequestType><wsp:AppliesTo>"
                + "<wsa:EndpointReference><wsa:Address>\(token.address)</wsa:Address></wsa:EndpointReference>"
                + "</wsp:AppliesTo><wsse:PolicyReference URI=\"\(token.policy)\"></wsse:PolicyReference>"
                + "</wst:RequestSecurityToken>"
        }
        return "<?xml version=\"1.0\"?><Envelope><Header><wsse:Security><wsse:UsernameToken Id=\"user\">"
            + "<wsse:Username>\(user)</wsse:Username><wsse:Password>\(password)</wsse:Password></wsse:UsernameToken>"
            + "</wsse:Security></Header><Body><ps:RequestMultipleSecurityTokens>\(requests.joined())"
            + "</ps:RequestMultipleSecurityTokens></Body></Envelope>"
    }

    private func tokens(_ response: TicketResponse) -> [XML] {
        XML.document(ByteSlice(response.body)).first("S:Envelope")?.first("S:Body")?
            .first("wst:RequestSecurityTokenResponseCollection")?.children ?? []
    }

    @Test func aTokenForEachAddress() throws {
        let response = answer(
            "POST", "/rst.srf",
            body: envelope(
                "Alice@example.com", "secret",
                [
                    ("http://Passport.NET/tb", ""), ("messengerclear.live.com", "MBI_KEY_OLD"),
                    ("messenger.msn.com", "?id=507&amp;lc=1033"), ("a&amp;\"&lt;b&gt;", "MBI"),
                ]))
        #expect(response.status == 200 && response.contentType == "text/xml; charset=utf-8")
        #expect(!String(decoding: response.body, as: UTF8.self).contains("secret</"))
        let tokens = tokens(response)
        #expect(tokens.count == 4)
        let addresses = tokens.map { token in
            token.first("wsp:AppliesTo")?.first("wsa:EndpointReference")?.text(of: "wsa:Address")
        }
        #expect(
            addresses == [
                "http://Passport.NET/tb", "messengerclear.live.com", "messenger.msn.com", "a&\"<b>",
            ])
        #expect(
            tokens.map { $0.text(of: "wst:TokenType") } == [
                "urn:passport:legacy", "urn:passport:compact", "urn:passport", "urn:passport:compact",
            ])
        let security = tokens.map { $0.first("wst:RequestedSecurityToken")?.first("wsse:BinarySecurityToken") }
        #expect(security.map { $0?[attribute: "Id"] } == [nil, "Compact1", "PPToken2", "Compact3"])
        #expect(security.dropFirst().allSatisfy { $0?.text == SandboxTicket.text(for: account) })
        let secrets = tokens.map { $0.first("wst:RequestedProofToken")?.text(of: "wst:BinarySecret") }
        #expect(secrets.map { $0 != nil } == [true, true, false, true])
        #expect(secrets[1].flatMap { Base64.decode($0.utf8) }?.count == 24)
        let life = tokens[1].first("wst:LifeTime")
        #expect(life?.text(of: "wsu:Created") == "2004-09-14T15:06:00Z")
        #expect(life?.text(of: "wsu:Expires") == "2004-09-15T15:06:00Z")
    }

    @Test(arguments: [("", "x"), ("alice", "x"), ("alice@example.com", "")])
    func withoutAccountOrPasswordThereIsAFault(user: String, password: String) {
        let response = answer("POST", "/RST.srf", body: envelope(user, password, [("messenger.msn.com", "MBI")]))
        #expect(response.status == 500)
        let fault = XML.document(ByteSlice(response.body)).first("S:Envelope")?.first("S:Body")?.first("S:Fault")
        #expect(fault?.text(of: "faultcode") == "wsse:FailedAuthentication")
    }

    @Test func whatIsNoRequestIsRefused() {
        let many = [(address: String, policy: String)](repeating: ("a", "MBI"), count: 17)
        let long = [(address: String(repeating: "a", count: 513), policy: "MBI")]
        for body in ["", "x", "<a/>", "<Envelope>", envelope("a@b", "x", []), envelope("a@b", "x", many)]
            + [envelope("a@b", "x", long), String(repeating: "<a>", count: 10_000)]
        {
            #expect(answer("POST", "/RST.srf", body: body).status == 400)
        }
        #expect(answer("POST", "/RST.srf", body: envelope("a@b", "x", Array(many.prefix(16)))).status == 200)
    }

    // MARK: - Paths

    @Test(arguments: [
        ("GET", "/", 404, nil), ("GET", "", 404, nil), ("GET", "/rdr/../RST.srf", 404, nil),
        ("POST", "/rdr/pprdr.asp", 405, "GET"), ("PUT", "/login2.srf", 405, "GET"), ("GET", "/RST.srf", 405, "POST"),
        ("GET", "/RDR/PPRDR.ASP", 200, nil),
    ])
    func pathsAndMethods(method: String, target: String, status: Int, allowed: String?) {
        let response = answer(method, target)
        #expect(response.status == status && value("Allow", response) == allowed)
    }

    @Test func ticketsAndSecretsDifferBetweenAccounts() {
        let accounts = ["alice@example.com", "bob@example.com"]
        #expect(Set(accounts.map(SandboxTicket.text)).count == 2)
        #expect(Set(accounts.map(SandboxTicket.secret)).count == 2)
    }
}
