// JSON lines, name by name as the contract has them.

import Analysis
import EventSamples
import Events
import Foundation
import MSNP
import Payloads
import Testing

@testable import Output

@Suite struct JSONFormatTests {
    private static let common: Set<String> = ["event", "time", "ns", "conn", "role", "dialect"]

    @Test func aFrame() throws {
        let line = try JSONLine(try Sample.frame("MSG 4 N 5\r\nhello", conn: 7, role: .switchboard))
        #expect(line.keys == Self.common.union(["dir", "verb", "args", "trid", "payload_bytes", "payload"]))
        #expect(line.string("event") == "frame")
        #expect(line.string("time") == "2005-05-06T15:28:18.123456Z")
        #expect(line.int("ns") == 1_115_393_298_123_456_789)
        #expect(line.int("conn") == 7 && line.string("role") == "SB" && line.string("dialect") == "MSNP8")
        #expect(line.string("dir") == "c2s" && line.string("verb") == "MSG" && line.strings("args") == ["4", "N", "5"])
        #expect(line.int("trid") == 4 && line.int("payload_bytes") == 5 && line.string("payload") == "hello")
    }

    @Test func whatIsNotThereIsNullOrLeftOut() throws {
        let line = try JSONLine(try Sample.frame("OUT\r\n", dialect: nil))
        #expect(line["dialect"] is NSNull && line["trid"] is NSNull)
        #expect(line.strings("args") == [] && line.int("payload_bytes") == 0)
        #expect(line["payload"] == nil && line["args_base64"] == nil && line["raw_base64"] == nil)
        #expect(try JSONLine(try Sample.frame("RNG 11752013 a CKI b c@d N\r\n", .server))["trid"] is NSNull)
        #expect(try JSONLine(try Sample.frame("USR 4294967295 OK a@b N\r\n", .server)).int("trid") == 4_294_967_295)
        #expect(try JSONLine(try Sample.frame("USR 4294967296 OK a@b N\r\n", .server))["trid"] is NSNull)
        #expect(try JSONLine(try Sample.frame("\r\n")).string("verb") == "")
    }

    @Test func emptyArgumentsCount() throws {
        #expect(try JSONLine(try Sample.frame("CVQ 2  a \r\n")).strings("args") == ["2", "", "a", ""])
        #expect(try JSONLine(try Sample.frame("QNG \r\n", .server)).strings("args") == [""])
    }

    @Test func argumentsThatAreNotUTF8ComeInBase64Too() throws {
        let frame = try Sample.frame(Array("NLN NLN a@b.example ".utf8) + [0xE9, 0x41] + Array("\r\n".utf8))
        let line = try JSONLine(Sample.event(.frame(frame, from: .server)))
        #expect(line.strings("args") == ["NLN", "a@b.example", "\u{FFFD}A"])
        let decoded = try #require(line.strings("args_base64")).map { Data(base64Encoded: $0) }
        #expect(decoded == [Data("NLN".utf8), Data("a@b.example".utf8), Data([0xE9, 0x41])])
    }

    @Test func aPayloadThatIsNotUTF8IsOnlyCounted() throws {
        let frame = try Sample.frame(Array("MSG a@b N 3\r\n".utf8) + [0xFF, 0, 0x80])
        let line = try JSONLine(Sample.event(.frame(frame, from: .server)))
        #expect(line.int("payload_bytes") == 3 && line["payload"] == nil)
    }

    @Test func rawBytesHaveAsterisksForSecrets() throws {
        var presentation = Presentation()
        presentation.includesBytes = true
        let text = "USR 7 MD5 S 4807fa10b5ef8cb6ec78f97243f32407\r\n"
        let masked = try JSONLine(try Sample.frame(text), presentation)
        let raw = try #require(Data(base64Encoded: masked.string("raw_base64") ?? ""))
        #expect(raw == Data("USR 7 MD5 S \(String(repeating: "*", count: 32))\r\n".utf8))
        #expect(!masked.text.contains("4807fa10"))
        presentation.showsSecrets = true
        let open = try JSONLine(try Sample.frame(text), presentation)
        #expect(Data(base64Encoded: open.string("raw_base64") ?? "") == Data(text.utf8))
        #expect(open.strings("args")?.last == "4807fa10b5ef8cb6ec78f97243f32407")
    }

    @Test(arguments: [
        ("XFR 15 SB 10.0.0.6:1863 CKI 17262740.1050826919.32308\r\n", Side.server),
        ("RNG 1 10.0.0.6:1863 CKI 17262740.1050826919.32308 a@b.example N\r\n", .server),
        ("USR 1 a@b.example 17262740.1050826919.32308\r\n", .client),
        ("ANS 1 a@b.example 17262740.1050826919.32308 11752013\r\n", .client),
    ])
    func aCookieHasTheSameMaskEverywhere(line: String, side: Side) throws {
        let cookie = "17262740.1050826919.32308"
        let shown = try JSONLine(try Sample.frame(line, side))
        let mask = MaskKey.ofThisRun.mask(of: cookie.utf8)
        #expect(shown.strings("args")?.contains(mask) == true)
        #expect(!shown.text.contains(cookie))
        #expect(!logText(try Sample.frame(line, side)).contains(cookie))
        #expect(logText(try Sample.frame(line, side)).contains(mask))
        #expect(logText(try Sample.frame(line, side), secrets: true).contains(cookie))
    }

    @Test func aTicketInAProfileIsMasked() throws {
        let body = "Content-Type: text/x-msmsgsprofile\r\nMSPAuth: SECRET0000$$\r\nkv: 11\r\n\r\n"
        let line = try JSONLine(try Sample.frame("MSG Hotmail Hotmail \(body.utf8.count)\r\n\(body)", .server))
        #expect(!line.text.contains("SECRET0000"))
        #expect(line.int("payload_bytes") == body.utf8.count)
    }

    @Test func aRedirectThatWasChanged() throws {
        let original = try Sample.frame(Array("XFR 15 SB 10.0.0.6:1863 CKI 1.2\r\n".utf8))
        let sent = try Sample.frame(Array("XFR 15 SB 192.0.2.7:1863 CKI 1.2\r\n".utf8))
        let line = try JSONLine(
            Sample.event(
                .rewritten(Rewriting(original: original, sent: sent, from: "10.0.0.6:1863", to: "192.0.2.7:1863"))))
        #expect(line.keys == Self.common.union(["dir", "verb", "from", "to", "original", "sent"]))
        let mask = MaskKey.ofThisRun.mask(of: "1.2".utf8)
        #expect(line.string("original") == "XFR 15 SB 10.0.0.6:1863 CKI \(mask)")
        #expect(line.string("sent") == "XFR 15 SB 192.0.2.7:1863 CKI \(mask)")
        #expect(line.string("from") == "10.0.0.6:1863" && line.string("to") == "192.0.2.7:1863")
    }

    @Test func opening() throws {
        let ends = Endpoints(client: "[2001:db8::1]:5", server: "10.0.0.5:1863")
        let line = try JSONLine(Sample.event(.opened(ends), signIn: SignIn(number: 2, account: "a@b.example")))
        #expect(line.keys == Self.common.union(["client", "server", "sign_in", "account"]))
        #expect(line.int("sign_in") == 2 && line.string("account") == "a@b.example")
        let captured = Endpoints(client: "a:1", server: "b:2", file: "old/\"x\".pcap")
        #expect(try JSONLine(Sample.event(.opened(captured))).string("file") == "old/\"x\".pcap")
    }

    @Test func closing() throws {
        var tap = Tap()
        var position = 0
        let bytes = Array("VER 1 MSNP8\r\nPNG\r\nPNG\r\n\u{1}x".utf8)
        tap.count(bytes.span, from: .client)
        while tap.next(bytes.span, from: &position, side: .client) != nil {}
        _ = tap.finish(.client)
        let ends = Endpoints(client: "a:1", server: "b:2")
        let line = try JSONLine(
            Sample.event(
                .closed(
                    ends, reason: .closedBy(.client), client: tap.sums(of: .client), server: tap.sums(of: .server)))
        )
        #expect(line.keys == Self.common.union(["client", "server", "reason", "c2s", "s2c"]))
        let sums = try #require(line["c2s"] as? [String: Any])
        #expect(Set(sums.keys) == ["bytes", "sha256", "gaps", "acked_unseen_bytes", "verbs", "noise_bytes"])
        #expect(sums["bytes"] as? Int == bytes.count && sums["noise_bytes"] as? Int == 2)
        #expect(sums["verbs"] as? [String: Int] == ["VER": 1, "PNG": 2])
        let empty = try #require(line["s2c"] as? [String: Any])
        #expect(empty["sha256"] as? String == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test func theSmallOnes() throws {
        let listening = try JSONLine(Sample.event(.listening(HostPort("::1", 1863)), conn: 0))
        #expect(listening.keys == ["event", "time", "ns", "address"] && listening.string("address") == "[::1]:1863")
        let noise = try JSONLine(
            Sample.event(.noise(Noise(bytes: [1, 2, 3], reason: .notMSNP, offset: 9), from: .server)))
        #expect(noise.keys == Self.common.union(["dir", "bytes", "reason", "offset"]))
        #expect(noise.int("bytes") == 3 && noise.int("offset") == 9 && noise.string("reason") == "not_msnp")
        let gap = try JSONLine(Sample.event(.gap(bytes: 5, offset: 6, from: .client)))
        #expect(gap.keys == Self.common.union(["dir", "bytes", "offset"]) && gap.int("bytes") == 5)
        let finding = try JSONLine(Sample.event(.finding(Finding(.cookieUnknown, "x \"y\""))))
        #expect(finding.keys == Self.common.union(["name", "severity", "text"]) && finding.string("text") == "x \"y\"")
        let message = try JSONLine(
            Sample.event(
                .message(
                    Message(
                        from: "a@b", to: ["c@d", "e@f"], bytes: Array("h\u{EB}llo\r\n\u{1F98B}".utf8),
                        conversation: "11",
                        side: .client))
            ))
        #expect(message.keys == Self.common.union(["dir", "from", "to", "text", "conversation"]))
        #expect(message.strings("to") == ["c@d", "e@f"] && message.string("text") == "h\u{EB}llo\r\n\u{1F98B}")
    }

    @Test func everyRoleHasItsName() throws {
        for (role, name) in zip(Role.allCases, ["DS", "NS", "SB", "P2P", "FTP", "HTTP", "unknown"]) {
            #expect(try JSONLine(try Sample.frame("PNG\r\n", role: role)).string("role") == name)
        }
    }

    @Test func noControlOrDirectionMarkIsEverPrintedRaw() throws {
        let hostile =
            (0...0x9F).map { Unicode.Scalar(UInt8($0)) }
            + "\u{200E}\u{200F}\u{2028}\u{2029}\u{202A}\u{202E}\u{2066}\u{2069}".unicodeScalars
        for scalar in hostile where scalar != "\n" && scalar != " " && scalar != "\r" {
            let event = try Sample.frame("NLN NLN a@b x\(Character(scalar))y\r\n", .server)
            let line = try JSONLine(event)
            #expect(line.strings("args")?.last == "x\(Character(scalar))y")
            let isHostile = scalar.value < 0x20 || scalar.value >= 0x7F
            guard isHostile else { continue }
            #expect(
                !line.text.unicodeScalars.contains(scalar) || scalar.value == 0x7F,
                "U+\(String(scalar.value, radix: 16))")
            if scalar != "\t" {
                #expect(!logText(event).unicodeScalars.contains(scalar), "U+\(String(scalar.value, radix: 16))")
            }
        }
    }

    /// Values whose names are those of other fields: no key is repeated, and nothing is lost.
    @Test(arguments: [
        "USR 6 TWN S lc=1033,lc=1,lcName=x,lc_name=y,=,,id,ru=%FF%3C,LC=2\r\n",
        "ILN 9 NLN a@b B 0 %3Cmsnobj%20type_name%3D%22x%22%20Type%3D%223%22%20Type%3D%222%22%20Friendly%3D%22%FF%22%2F%3E\r\n",
        "ILN 9 NLN a@b B 0 %3Cmsnobj%20Type%3D%22\r\n", "ILN 9 NLN a@b B 0 %\r\n", "ILN 9 NLN a@b B 0 %3C%00%3E\r\n",
        "NLN NLN 99999999999:a@b;via=;{};{1} B 0:0:0\r\n", "NLN NLN 1:a@b;1:c@d B :\r\n",
        "UUN 9 a@b 99999999999 0\r\n", "BLP AL\r\n", "XFR 9 NS 10.0.0.5:1863 U D\r\n",
        "UUX 9 71\r\n<Data><State_Name>1</State_Name><State>NLN</State><State>x</State></Data>",
        "UBX a@b 81\r\n<Data><DDP_Fields>1</DDP_Fields><DDP>%3Cmsnobj%20Type=%222%22/%3E</DDP></Data>",
    ])
    func namesBesideValuesStandOnce(_ text: String) throws {
        for dialect: UInt8 in [8, 11, 13, 18, 21] {
            guard let frame = Frame(Array(text.utf8)) else { continue }
            for side in [Side.client, .server] {
                var event = Sample.event(.frame(frame, from: side), role: .notification, dialect: Dialect(dialect))
                var analyzer = FrameAnalyzer(connection: 1)
                _ = analyzer.take(&event)
                _ = try JSONLine(event)
            }
        }
    }

    @Test func anObjectIsSplitByAttribute() throws {
        let line =
            "NLN AWY a@b B 268435492 %3Cmsnobj%20Creator%3D%22a%40b%22%20Type%3D%228%22%20Friendly%3D%22bQBlAAAA%22%2F%3E\r\n"
        for _ in 0..<2 {
            let event = Sample.explained(try Sample.frame(line, .server, dialect: Dialect(9)))
            let fields = try #require(try JSONLine(event)["fields"] as? [String: Any])
            let object = try #require(fields["msnobj_fields"] as? [String: String])
            #expect(
                object == [
                    "creator": "a@b", "type": "8", "type_name": "wink", "friendly": "bQBlAAAA", "friendly_name": "me",
                ])
        }
    }

    /// The fast path of writing objects gives the same as the general one, or nothing.
    @Test(arguments: [
        (
            "<msnobj Creator=\"a@b\" Size=\"1\" Type=\"3\" Location=\"x\" Friendly=\"AAA=\" SHA1D=\"a\" SHA1C=\"b\"/>",
            true
        ),
        ("<msnobj Type=\"8\" Size=\"\">", true), ("<msnobj   Size=\"7\"  />", true),
        ("<msnobj Size=\"7\"SHA1D=\"x\"/>", true),
        ("<msnobj Type=\"3\" Friendly=\"bQBlAAAA\"/>", false), ("<msnobj Type=\"99\"/>", false),
        ("<msnobj Type=\"-3\"/>", false),
        ("<msnobj Size=\"1\" Size=\"2\"/>", false), ("<msnobj Creator=\"&amp;\"/>", false),
        ("<msnobj size=\"1\"/>", false),
        ("<msnobj Location=\"a\\b\"/>", false), ("<msnobj Location=\"\u{E9}\"/>", false), ("<msnobj Size=\"1\"", false),
        ("<msnobj Size=\"1", false), ("<msnobj ", false), ("<msnobj/>", false), ("", false),
        ("<msnobj stamp=\"1\"/>", false),
    ])
    func objectsInShort(_ object: (text: String, isShort: Bool)) throws {
        let bytes = Array(object.text.utf8)
        var short: [UInt8] = []
        var isShort = false
        short.write { isShort = ObjectJSON.append(bytes, to: &$0) }
        #expect(isShort == object.isShort)
        guard object.isShort else {
            #expect(short.isEmpty)
            return
        }
        var long: [UInt8] = []
        let fields = try #require(MSNObject(plain: ByteSlice(bytes))).fields
        long.write { PayloadFields.append(json: .fields(fields), to: &$0) }
        #expect(String(decoding: short, as: UTF8.self) == String(decoding: long, as: UTF8.self))
    }
}
