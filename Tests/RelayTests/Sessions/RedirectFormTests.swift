// Every form of a redirect, of every dialect: only the address changes.

import Events
import MSNP
import Testing

@testable import Relay

/// A line with `@` where the server's address stands, and `&` where MSNP7 to 12 name the current server.
struct Form: CustomStringConvertible {
    let dialects: String
    let line: String
    var description: String { "\(dialects): \(line)" }

    static let all = [
        Form(dialects: "2", line: "XFR 3 NS @"),
        Form(dialects: "3-6", line: "XFR 3 NS @ 0"),
        Form(dialects: "7-12", line: "XFR 3 NS @ 0 &"),
        Form(dialects: "10, unasked", line: "XFR 0 NS @ 0 &"),
        Form(dialects: "13-20", line: "XFR 3 NS @ U D"),
        Form(dialects: "21", line: "XFR 3 NS @ U D VmVyc2lvbjogMQ0KWGZyQ291bnQ6IDINCg=="),
        Form(dialects: "21, gateway", line: "XFR 0 NS @ G D VmVyc2lvbjogMQ0KWGZyQ291bnQ6IDINCg=="),
        Form(dialects: "2-12", line: "XFR 15 SB @ CKI 17262740.1050826919.32308"),
        Form(dialects: "13", line: "XFR 15 SB @ CKI 17262740.1050826919.32308 U messenger.msn.com"),
        Form(dialects: "14-20", line: "XFR 15 SB @ CKI 17262740.1050826919.32308 U messenger.msn.com 1"),
        Form(dialects: "14-20, gateway", line: "XFR 15 SB @ CKI 17262740.1050826919.32308 U messenger.msn.com 0"),
        Form(dialects: "2-12", line: "RNG 11752013 @ CKI 849102291.520491113 example@passport.com Example%20Name"),
        Form(dialects: "2-12, text id", line: "RNG a1-b2 @ CKI c%2F=_x example@passport.com \u{FC}"),
        Form(
            dialects: "13",
            line: "RNG 11752013 @ CKI 849102291.520491113 a@b.example Name U messenger.hotmail.com"),
        Form(
            dialects: "14-20",
            line: "RNG 11752013 @ CKI 849102291.520491113 a@b.example Name U messenger.hotmail.com 1"),
        Form(dialects: "any, empty tokens", line: "RNG 1 @ CKI 2.3 a@b.example  Name "),
    ]
}

/// How servers write an address, and what it means.
let spellings: [(text: String, host: String, port: UInt16?)] = [
    ("207.46.108.37:1865", "207.46.108.37", 1865),
    ("207.46.108.37", "207.46.108.37", nil),
    ("sb.messenger.example.org:1863", "sb.messenger.example.org", 1863),
    ("SB.example.org", "sb.example.org", nil),
    ("[2001:db8::5]:1864", "2001:db8::5", 1864),
    ("207.46.108.37%3A1866", "207.46.108.37", 1866),
]

@Suite struct RedirectFormTests {
    @Test(arguments: Form.all)
    func onlyTheAddressChanges(form: Form) throws {
        for spelling in spellings {
            for end in ["\r\n", "\n"] {
                let original =
                    form.line.replacing("@", with: "#", maxReplacements: 1).replacing("&", with: "207.46.104.20:1863")
                    .replacing("#", with: spelling.text) + end
                let expected =
                    form.line.replacing("@", with: "#", maxReplacements: 1).replacing("&", with: "192.0.2.8:1999")
                    .replacing("#", with: "192.0.2.7:1863") + end
                var dialogue = Dialogue.begun()
                dialogue.decidesAtOnce = false
                dialogue.server("QNG 50\r\n" + original + "CHL 0 123\r\n")
                let redirect = try #require(dialogue.undecided, "\(original)")
                #expect(redirect.address.host == spelling.host)
                #expect(redirect.address.port == spelling.port ?? (form.line.contains(" G ") ? 80 : 1863))
                dialogue.decide(.rewrite(to: Dialogue.door, current: HostPort("192.0.2.8", 1999)))
                #expect(dialogue.takeClient() == "QNG 50\r\n" + expected + "CHL 0 123\r\n")
                let rewriting = try #require(dialogue.rewritings.first)
                #expect(String(decoding: rewriting.original.bytes, as: UTF8.self) == original)
                #expect(String(decoding: rewriting.sent.bytes, as: UTF8.self) == expected)
                #expect(rewriting.from == redirect.address.description && rewriting.to == "192.0.2.7:1863")
                #expect(dialogue.findings.isEmpty)
            }
        }
    }

    @Test(arguments: Form.all)
    func aClientMaySayTheSame(form: Form) {
        let line = form.line.replacing("@", with: "10.0.0.5:1863").replacing("&", with: "10.0.0.6:1863") + "\r\n"
        var dialogue = Dialogue.begun()
        dialogue.client(line)
        #expect(String(decoding: dialogue.receivedByServer, as: UTF8.self) == "VER 1 MSNP12 CVR0\r\n" + line)
        #expect(dialogue.undecided == nil && dialogue.rewritings.isEmpty)
    }

    @Test(arguments: [
        "XFR 3 NS", "XFR 3 XX 10.0.0.5:1863", "XFR NS 10.0.0.5:1863", "XFR 3 NS 10.0.0.5:0",
        "XFR 3 NS 10.0.0.5:99999", "XFR 3 NS 10.0.0.5:", "XFR 3 NS a/b:1863", "XFR 3 NS ", "XFR 3 SB 10.0.0.5:1863",
        "XFR 3 SB 10.0.0.5:1863 CKI ", "XFR 3 SB 10.0.0.5:1863 KEY 1.2", "RNG 1 10.0.0.5:1863 CKI", "RNG 1",
        "RNG 1 10.0.0.5:1863 KEY 2.3 a@b.example Name", "RNG 1 : CKI 2.3 a@b.example Name",
    ])
    func aFormThatNobodyKnowsIsLeftAloneAndReported(line: String) {
        var dialogue = Dialogue.begun()
        dialogue.server(line + "\r\nQNG 50\r\n")
        #expect(dialogue.takeClient() == line + "\r\nQNG 50\r\n")
        #expect(dialogue.findings == ["redirect_not_understood"])
        #expect(dialogue.undecided == nil)
    }

    @Test func aRestartOnTheSameConnectionIsLeftAlone() {
        var dialogue = Dialogue.begun()
        dialogue.server("XFR 0 NS 0\r\nXFR 7 NS 0 D\r\n")
        #expect(dialogue.takeClient() == "XFR 0 NS 0\r\nXFR 7 NS 0 D\r\n")
        #expect(dialogue.findings.isEmpty && dialogue.rewritings.isEmpty)
    }

    @Test func aRedirectThatIsLeftGoesOutAsItCame() {
        var dialogue = Dialogue.begun()
        dialogue.decidesAtOnce = false
        dialogue.server("XFR 3 NS 10.0.0.5:1863 0 10.0.0.4\r\nQNG 1\r\n")
        dialogue.decide(.leave(Finding(.redirectToRelay, "x", side: .server)))
        #expect(dialogue.takeClient() == "XFR 3 NS 10.0.0.5:1863 0 10.0.0.4\r\nQNG 1\r\n")
        #expect(dialogue.findings == ["redirect_to_relay"] && dialogue.rewritings.isEmpty)
    }

    @Test func aRedirectInsideAPayloadIsText() {
        let payload = "XFR 3 NS 10.0.0.5:1863 0\r\n"
        var dialogue = Dialogue.begun()
        dialogue.server("MSG a@b.example Name \(payload.utf8.count)\r\n\(payload)")
        #expect(dialogue.takeClient().hasSuffix(payload))
        #expect(dialogue.rewritings.isEmpty)
    }
}
