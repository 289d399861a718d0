// Every form of XFR and RNG, and what changes when the client is sent elsewhere (addresses.md sections 1 to 3).

import MSNP
import Testing

@Suite struct RedirectTests {
    private static let here = HostPort("127.0.0.1", 1864)
    private static let current = HostPort("127.0.0.1", 1863)

    /// How an address may be written, and what it means: `nil` for the port that belongs to the form.
    private static let spellings: [(text: String, host: String, port: UInt16?)] = [
        ("203.0.113.10:1863", "203.0.113.10", 1863), ("203.0.113.10:443", "203.0.113.10", 443),
        ("203.0.113.10", "203.0.113.10", nil),
        ("baym-sb26.msgr.example.com:65535", "baym-sb26.msgr.example.com", 65_535),
        ("NS1.Example.COM", "ns1.example.com", nil), ("203.0.113.10%3A1865", "203.0.113.10", 1865),
        ("ns1.example.com%3a1", "ns1.example.com", 1), ("[2001:db8::7]:1863", "2001:db8::7", 1863),
        ("[2001:db8::7]", "2001:db8::7", nil),
    ]

    /// Each form with `@` for the address and `&` for the server that the client is on now.
    private static let forms: [(line: String, gateway: Bool, cookie: String?)] = [
        ("XFR 3 NS @", false, nil), ("XFR 3 NS @ 0", false, nil), ("XFR 3 NS @ 0 &", false, nil),
        ("XFR 3 NS @ U D", false, nil), ("XFR 3 NS @ U D VmVyc2lvbjogMQ0KWGZyQ291bnQ6IDINCg==", false, nil),
        ("XFR 0 NS @ G D VmVyc2lvbjogMQ0KWGZyQ291bnQ6IDINCg==", true, nil), ("XFR 0 NS @ 0 & ", false, nil),
        ("XFR 15 SB @ CKI 17262740.1050826919.32308", false, "17262740.1050826919.32308"),
        ("XFR 15 SB @ CKI 17262740.1050826919.32308 U messenger.msn.com", false, "17262740.1050826919.32308"),
        ("XFR 15 SB @ CKI 17262740.1050826919.32308 U messenger.msn.com 1", false, "17262740.1050826919.32308"),
        ("RNG 11752013 @ CKI 849.52 ann@example.com Ann", false, "849.52"),
        ("RNG 11752013 @ CKI 849.52 ann@example.com Ann%20A U messenger.hotmail.com", false, "849.52"),
        (
            "RNG 11752013 @ CKI 849.52 ann@example.com;{8a1b4b43} \u{FF}\u{E9} U messenger.hotmail.com 1", false,
            "849.52"
        ),
        ("RNG 11752013 @ CKI 849.52", false, "849.52"),
        ("RNG 11752013 @ CKI 849.52 ann@example.com  ", false, "849.52"),
    ]

    @Test(arguments: forms.indices, ["\r\n", "\n"]) func everyFormIsReadAndSpliced(_ index: Int, _ end: String) throws {
        let form = Self.forms[index]
        for spelling in Self.spellings {
            // An e-mail address has the sign too: only the first one stands for the address.
            let marked = form.line.replacing("ann@", with: "ann\u{1}").replacing("@", with: spelling.text)
            let bytes = raw(marked.replacing("\u{1}", with: "@").replacing("&", with: "198.51.100.1:1863") + end)
            let expected = raw(
                form.line.replacing("ann@", with: "ann\u{1}").replacing("@", with: "127.0.0.1:1864")
                    .replacing("\u{1}", with: "@").replacing("&", with: "127.0.0.1:1863") + end)
            let frame = try #require(Frame(bytes))
            guard case .redirect(let redirect) = Command(frame, from: .server) else {
                Issue.record("not read: \(marked)")
                continue
            }
            #expect(
                redirect.address == HostPort(spelling.host, spelling.port ?? (form.gateway ? 80 : 1863)), "\(marked)")
            #expect(redirect.cookie == form.cookie.map(raw), "\(marked)")
            #expect(redirect.splice(frame, to: Self.here, current: Self.current) == expected, "\(marked)")
            #expect(Array(frame.bytes[redirect.addressRange]) == raw(spelling.text), "\(marked)")
            #expect((redirect.currentServerRange != nil) == form.line.contains("&"), "\(marked)")
        }
    }

    @Test(arguments: [
        ("XFR 3 NS 203.0.113.10:1863 U D", Redirect.Destination.notification(viaGateway: false)),
        ("XFR 3 NS 203.0.113.10:80 G D", .notification(viaGateway: true)),
        ("XFR 3 SB 203.0.113.10:80 CKI 1.2", .switchboard(cookie: raw("1.2"))),
        ("RNG 117 203.0.113.10:80 CKI 1.2", .ring(session: raw("117"), cookie: raw("1.2"))),
    ]) func destinations(_ line: String, _ destination: Redirect.Destination) throws {
        let frame = try #require(Frame(raw(line + "\r\n")))
        guard case .redirect(let redirect) = Command(frame, from: .server) else {
            Issue.record("not read")
            return
        }
        #expect(redirect.destination == destination)
    }

    @Test(arguments: ["XFR 0 NS 0", "XFR 12 NS 0", "XFR 0 NS 0 U D"]) func softResets(_ line: String) throws {
        #expect(Command(try #require(Frame(raw(line + "\r\n"))), from: .server) == .restart)
    }

    /// Forms that no source knows are left alone.
    @Test(arguments: [
        "XFR", "XFR ", "XFR 22 SB", "XFR 3 NS", "XFR 3 NS ", "XFR NS 203.0.113.10:1863", "XFR x NS 203.0.113.10:1863",
        "XFR 3 ZZ 203.0.113.10:1863", "XFR 3 NS 203.0.113.10:0", "XFR 3 NS 203.0.113.10:65536",
        "XFR 3 NS 203.0.113.10:99999", "XFR 3 NS 203.0.113.10:", "XFR 3 NS 203.0.113.10:18630000000",
        "XFR 3 NS 203.0.113.10:+5", "XFR 3 NS 203.0.113.10:1863:1", "XFR 3 NS :1863", "XFR 3 NS a/b:1863",
        "XFR 3 NS 2001:db8::7", "XFR 3 NS [2001:db8::7", "XFR 3 NS [2001:db8::7]x", "XFR 3 NS [name]:1863",
        "XFR 3 NS a%20b:1863", "XFR 3 NS a%00b:1863", "XFR 3 NS \u{FF}:1863", "XFR 3 NS  203.0.113.10:1863",
        "XFR 15 SB 203.0.113.10:1863", "XFR 15 SB 203.0.113.10:1863 CKI", "XFR 15 SB 203.0.113.10:1863 CKI ",
        "XFR 15 SB 203.0.113.10:1863 cki 17.2", "XFR 15 SB 0 CKI 17.2", "XFR 15 SB CKI 17.2",
        "RNG 117 203.0.113.10:1863", "RNG 117 203.0.113.10:1863 CKI ", "RNG 117 203.0.113.10:99999 CKI 8.4 a@b.c A",
        "RNG 203.0.113.10:1863 CKI 8.4 a@b.c", "RNG", "RNG 117 0 CKI 8.4 a@b.c A",
    ]) func formsThatAreNotUnderstood(_ line: String) throws {
        #expect(Command(try #require(Frame(raw(line + "\r\n"))), from: .server) == .unknownRedirect)
    }

    /// The second address counts only where it is one, behind the `0` of MSNP3 to 12.
    @Test(arguments: [
        "XFR 3 NS 203.0.113.10:1863 0 0", "XFR 3 NS 203.0.113.10:1863 0 ", "XFR 3 NS 203.0.113.10:1863 0 a:99999",
        "XFR 3 NS 203.0.113.10:1863 U 198.51.100.1:1863", "XFR 3 NS 203.0.113.10:1863 1 198.51.100.1:1863",
    ]) func secondTokensThatAreNoAddress(_ line: String) throws {
        let frame = try #require(Frame(raw(line + "\r\n")))
        guard case .redirect(let redirect) = Command(frame, from: .server) else {
            Issue.record("not read")
            return
        }
        #expect(redirect.currentServerRange == nil)
        let expected = line.replacing("203.0.113.10:1863", with: "127.0.0.1:1864")
        #expect(redirect.splice(frame, to: Self.here, current: Self.current) == raw(expected + "\r\n"))
    }

    @Test(arguments: ["NLN AWY a@b.c A", "MSG XFR NS 0", "QNG 50", ""]) func otherCommands(_ line: String) throws {
        let frame = try #require(Frame(raw(line + "\r\n")))
        #expect(!Redirect.mayBe(frame.verb))
        switch Command(frame, from: .server) {
        case .redirect, .restart, .unknownRedirect: Issue.record("a redirect")
        default: break
        }
    }

    @Test func theSameAddressSplicedInChangesNothing() throws {
        let line = raw("XFR 3 NS 203.0.113.10:1863 0 198.51.100.1:1863 \r\n")
        let frame = try #require(Frame(line))
        guard case .redirect(let redirect) = Command(frame, from: .server) else {
            Issue.record("not read")
            return
        }
        #expect(redirect.splice(frame, to: redirect.address, current: HostPort("198.51.100.1", 1863)) == line)
    }

    @Test(arguments: [
        ("", true), ("X", true), ("XFR", true), ("XFR ", true), ("XFR 15 SB", true), ("R", true), ("RNG 1", true),
        ("XFR\r", false), ("XFS", false), ("NLN", false), ("RNGX", false), ("xfr", false),
    ]) func beginnings(_ text: String, _ may: Bool) {
        #expect(Redirect.mayBegin(ByteSlice(raw(text))) == may)
    }
}
