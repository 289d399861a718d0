// The typed views of commands, in the forms of every dialect.

import Testing

@testable import MSNP

@Suite struct CommandTests {
    private static func command(_ line: String, _ side: Side) -> Command? {
        Frame(Array("\(line)\r\n".utf8)).flatMap { Command($0, from: side) }
    }
    private static func token(_ text: String) -> Command.Token { ByteSlice(text.utf8) }
    private static func endpoint(_ text: String) -> AccountEndpoint { AccountEndpoint(token(text)) }

    @Test func whatAClientSays() {
        let t = Self.token
        #expect(Self.command("VER 1 MSNP12 CVR0", .client) == .version([Dialect(12), Dialect(0)]))
        #expect(Self.command("VER MSNFTP", .client) == .fileTransferVersion)
        #expect(
            Self.command("CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 6.2.0205 msmsgs a@x.example", .client)
                == .program(name: t("MSNMSGR"), version: t("6.2.0205")))
        #expect(
            Self.command("USR 3 TWN I a@x.example", .client)
                == .signIn(policy: t("TWN"), account: t("a@x.example")))
        #expect(
            Self.command("USR 4 TWN S t=1&p=2", .client) == .authentication(policy: t("TWN"), value: t("t=1&p=2")))
        #expect(
            Self.command("USR 1 A@x.example 12.3", .client)
                == .enterSwitchboard(Self.endpoint("a@x.example"), cookie: t("12.3"), session: nil))
        #expect(
            Self.command("ANS 1 a@x.example;{g} 12.3 99", .client)
                == .enterSwitchboard(Self.endpoint("a@x.example;{g}"), cookie: t("12.3"), session: t("99")))
        #expect(Self.command("MSG 4 A 12", .client) == .sentMessage(acknowledgement: t("A")))
        #expect(Self.command("XFR 1 NS", .client) == .requestNotificationServer)
        #expect(
            Self.command("QRY 5 PROD0119G9V0V 32", .client) == .challengeAnswer(product: t("PROD0119G9V0V")))
        #expect(Self.command("UUM 6 b@y.example 32 1 5", .client) == .networkMessage(to: t("b@y.example")))
        #expect(Self.command("UUM 6 tel:+4930 4 1 5", .client) == .networkMessage(to: t("tel:+4930")))
        #expect(
            Self.command("UUN 7 b@x.example;{g} 3 5", .client)
                == .userNotice(account: t("b@x.example;{g}"), type: t("3")))
    }

    @Test func whatAServerSays() {
        let t = Self.token
        #expect(Self.command("VER 1 0", .server) == .version([]))
        #expect(
            Self.command("USR 3 OK a@x.example Ann 1", .server)
                == .signedIn(account: t("a@x.example"), name: t("Ann")))
        #expect(Self.command("USR 3 MD5 S 1.2", .server) == .authentication(policy: t("MD5"), value: t("1.2")))
        #expect(Self.command("CAL 3 RINGING 99", .server) == .ringing(session: t("99")))
        #expect(
            Self.command("IRO 1 1 2 b@x.example Bob 5", .server)
                == .present(Self.endpoint("b@x.example"), name: t("Bob")))
        #expect(Self.command("JOI b@x.example", .server) == .joined(Self.endpoint("b@x.example"), name: nil))
        #expect(Self.command("BYE b@x.example 1", .server) == .left(Self.endpoint("b@x.example"), isIdle: true))
        #expect(
            Self.command("MSG b@x.example Bob 0", .server) == .message(from: t("b@x.example"), name: t("Bob")))
        #expect(Self.command("MSG b@x.example 0", .server) == .message(from: t("b@x.example"), name: nil))
        #expect(Self.command("CHL 0 123", .server) == .challenge(t("123")))
        #expect(Self.command("PRP 9 14 MFN Ann%20A", .server) == .ownName(t("Ann%20A")))
        #expect(Self.command("PRP MFN Ann", .server) == .ownName(t("Ann")))
        #expect(
            Self.command("REA 9 14 A@x.example Ann", .server) == .renamed(Self.endpoint("a@x.example"), name: t("Ann")))
        #expect(
            Self.command("UBM b@y.example 32 a@x.example 1 1 5", .server)
                == .receivedNetworkMessage(from: t("b@y.example"), to: t("a@x.example")))
        #expect(
            Self.command("UBM 32:b@y.example 1 5", .server)
                == .receivedNetworkMessage(from: t("32:b@y.example"), to: nil))
        #expect(
            Self.command("UBN b@x.example 3 5", .server) == .userNotice(account: t("b@x.example"), type: t("3")))
        #expect(Self.command("XFR 3 NS 0", .server) == .restart)
        #expect(Self.command("XFR x", .server) == .unknownRedirect)
        guard case .redirect(let redirect) = Self.command("RNG 1 10.0.0.1:1863 CKI 2 b@x.example B", .server) else {
            Issue.record("no redirect")
            return
        }
        #expect(redirect.address == HostPort("10.0.0.1", 1_863))
    }

    /// `0` refuses all dialects only as the first word of a server.
    @Test(
        arguments: [
            ("VER 1 MSNP8 CVR0", [8, 0], [8, 0]), ("VER 1 0", [], []), ("VER 1 0 MSNP8", [8], []),
            ("VER 1 X MSNP9", [9], [9]), ("VER 1", [], []), ("VER", [], []), ("VER MSNFTP", [], []),
        ] as [(String, [UInt8], [UInt8])])
    func dialects(_ line: String, _ offered: [UInt8], _ named: [UInt8]) throws {
        let frame = try #require(Frame(Array("\(line)\r\n".utf8)))
        #expect(Command.dialects(of: frame, from: .client).map(\.number) == offered)
        #expect(Command.dialects(of: frame, from: .server).map(\.number) == named)
    }

    @Test(
        arguments: [
            ("ACK 7", 7, false), ("NAK 8", 8, true), ("282 9", 9, true), ("ACK", nil, nil), ("ACK x", nil, nil),
            ("ACK 4294967296", nil, nil), ("MSG 7", nil, nil),
        ] as [(String, UInt32?, Bool?)])
    func messageAnswers(_ line: String, _ transaction: UInt32?, _ isRefusal: Bool?) throws {
        let answer = Command.MessageAnswer(try #require(Frame(Array("\(line)\r\n".utf8))))
        #expect(answer?.transaction == transaction && answer?.isRefusal == isRefusal)
    }

    @Test(
        arguments: [
            ("MSG 4 A 12", "12"), ("MSG b@x.example Bob  12 ", "12"), ("MSG 12", "12"), ("MSG", nil), ("MSG ", nil),
        ] as [(String, String?)])
    func payloadLengths(_ line: String, _ length: String?) throws {
        let frame = try #require(Frame(Array("\(line)\r\n".utf8)))
        let range = Command.payloadLength(of: frame)
        #expect(range.map { String(decoding: frame.bytes[$0], as: UTF8.self) } == length)
    }

    @Test(
        arguments: [
            ("UBN b@x.example 3 5", 3), ("UUN 7 b@x.example 12 5", 12), ("UBN b@x.example 5", nil), ("UBN 5", nil),
            ("UBN", nil),
        ] as [(String, UInt64?)])
    func noticeTypes(_ line: String, _ type: UInt64?) throws {
        #expect(Command.noticeType(of: try #require(Frame(Array("\(line)\r\n".utf8)))) == type)
    }

    @Test func commandsOfAFileTransfer() throws {
        func command(_ line: String) throws -> FileTransferCommand? {
            FileTransferCommand(try #require(Frame(Array("\(line)\r\n".utf8))))
        }
        let t = Self.token
        #expect(try command("USR b@x.example 123") == .user(account: t("b@x.example"), cookie: t("123")))
        #expect(try command("FIL 4096") == .file(size: t("4096")))
        #expect(try command("CCL") == .cancel)
        #expect(try command("BYE 16777989") == .end(code: t("16777989")))
        for line in ["USR b@x.example", "FIL", "BYE", "TFR", "VER MSNFTP"] { #expect(try command(line) == nil) }
    }

    @Test(arguments: [
        ("ILN 7 NLN b@x.example Bob 0", "NLN", "Bob"), ("NLN BSY b@x.example 1 Bob%20B 0 0", "BSY", "Bob%20B"),
        ("NLN BSY b@x.example Al 5 0", "BSY", "Al"), ("NLN BSY b@x.example 1 Bob 0", "BSY", "Bob"),
        ("NLN AWY 1:b@x.example Bob 0 0", "AWY", "Bob"), ("FLN b@x.example", "FLN", nil),
        ("FLN 1:b@x.example 0:0", "FLN", nil),
    ])
    func presence(_ line: String, _ status: String, _ name: String?) {
        guard case .presence(let presence) = Self.command(line, .server) else {
            Issue.record("no presence")
            return
        }
        #expect(presence.account == "b@x.example")
        #expect(String(decoding: presence.status, as: UTF8.self) == status)
        #expect(presence.name.map { String(decoding: $0, as: UTF8.self) } == name)
    }

    @Test(arguments: [
        ("LST 5 FL 1 1 1 b@x.example Bob", "FL"), ("LST b@x.example Bob 11 0", "11"),
        ("LST N=b@x.example F=Bob C=1 11 1 g", "11"), ("LST b@x.example", nil),
    ])
    func contacts(_ line: String, _ lists: String?) {
        guard case .contact(let contact) = Self.command(line, .server) else {
            Issue.record("no contact")
            return
        }
        #expect(contact.account == "b@x.example")
        #expect(contact.lists.map { String(decoding: $0, as: UTF8.self) } == lists)
    }

    /// Whatever is missing, nothing is read behind a line's end, and what has no view has none.
    @Test func shortAndStrangeLines() {
        for verb in [
            "USR", "ANS", "VER", "CVR", "MSG", "XFR", "RNG", "CAL", "JOI", "IRO", "BYE", "CHL", "QRY", "NLN", "LST",
            "PRP", "REA", "UUM", "UBM", "UUN", "UBN",
        ] {
            for line in [verb, "\(verb) ", "\(verb) 1", "\(verb)  ", "\(verb) 1 2", "\(verb) 1  "] {
                for side in Side.allCases { _ = Self.command(line, side) }
            }
        }
        #expect(Self.command("JOI", .server) == nil && Self.command("JOI ", .server) == nil)
        #expect(Self.command("QNG 50", .server) == nil && Self.command("JOI a@x.example", .client) == nil)
        #expect(Self.command("ANS 1 bob 12.3 99", .client) == nil)
        #expect(Self.command("PRP 9 MFN", .server) == nil && Self.command("PRP 9 PHH 1", .server) == nil)
        #expect(Self.command("REA 9 14 a@x.example", .server) == nil && Self.command("UUN 7 OK", .server) == nil)
        #expect(Self.command("UBM bob 1 5", .server) == nil && Self.command("UUM 6 1 5", .client) == nil)
        #expect(Self.command("USR 1 TWN", .client) == nil && Self.command("USR 1 a@x.example", .client) == nil)
    }

    /// The arguments one by one are those of the list.
    @Test(arguments: ["MSG", "MSG ", "MSG a", "MSG a b  c ", "MSG  a", "", "200 1 ", "MSG a  "])
    func argumentsOneByOne(_ line: String) throws {
        let frame = try #require(Frame(Array("\(line)\r\n".utf8)))
        for index in 0...5 {
            let all = frame.arguments
            #expect(frame.argument(index) == (index < all.count ? all[index] : nil), "\(index)")
            // The first empty argument from there on, if any.
            let empty = all.indices.first { $0 >= index && all[$0].isEmpty }
            #expect(frame.firstArgument(from: index) { $0.isEmpty }?.index == empty, "\(index)")
        }
    }
}
