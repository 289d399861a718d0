// What a strict client or server would not accept is found, and nothing else.

import EventSamples
import Events
import Foundation
import MSNP
import Payloads
import TestSupport
import Testing

@testable import Analysis

/// The findings of one connection with these lines, each behind `C: ` or `S: `.
private func findingNames(_ lines: [String], role: Role = .notification, dialect: UInt8? = 8) -> [String] {
    var analyzer = FrameAnalyzer(connection: 1, passwords: Passwords(["Eve@Example.com": "abcdefg1234567"]))
    var found: [String] = []
    for (number, line) in lines.enumerated() {
        let side: Side = line.hasPrefix("C: ") ? .client : .server
        let text = String(line.dropFirst(3))
        guard let frame = Frame(Array((text.contains("\n") ? text : text + "\r\n").utf8)) else { continue }
        var event = Event(
            time: Timestamp(nanoseconds: Int64(number) * 1_000_000), connection: 1, role: role,
            dialect: dialect.map { Dialect($0) }, kind: .frame(frame, from: side))
        for case .finding(let finding) in analyzer.take(&event) { found.append(finding.name.text) }
    }
    for case .finding(let finding) in analyzer.finish() { found.append(finding.name.text) }
    return found
}

@Suite struct FindingsTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: FindingName
        var wrong: [String]
        var right: [String]
        var role = Role.notification
        var dialect: UInt8? = 8
        var testDescription: String { name.rawValue }
    }

    static let text = "C: MSG 3 A 29\r\nContent-Type: text/plain\r\n\r\nx"
    static let salt = "1056561624.17795"

    static let cases: [Case] = [
        Case(name: .verbUnknown, wrong: ["C: ZZZ 1"], right: ["C: PNG"]),
        Case(name: .verbWrongSide, wrong: ["C: QNG"], right: ["S: QNG"]),
        Case(
            name: .verbNotInDialect, wrong: ["C: INF 2"],
            right: ["C: CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 6.0 MSMSGS a@b"]),
        Case(name: .verbNotInDialect, wrong: ["C: ADL 2 0"], right: ["C: ADD 2 AL a@b B"]),
        Case(name: .verbWrongServer, wrong: ["C: CAL 2 a@b"], right: ["C: XFR 2 SB"]),
        Case(name: .argumentCount, wrong: ["C: CHG 9 NLN"], right: ["C: CHG 9 NLN 24"]),
        Case(name: .argumentCount, wrong: ["S: JOI a@b B 1 2"], right: ["S: JOI a@b B"], role: .switchboard),
        Case(name: .argumentForm, wrong: ["C: USR 4 TWN X a@b"], right: ["C: USR 4 TWN I a@b"]),
        Case(name: .argumentForm, wrong: ["C: MSG 3 D 0"], right: ["C: MSG 3 A 0"], role: .switchboard),
        Case(name: .errorUnknown, wrong: ["C: XFR 4 SB", "S: 299 4"], right: ["C: XFR 4 SB", "S: 911 4"]),
        Case(name: .nameNotEncoded, wrong: ["S: NLN NLN a@b \u{E9}%zz 0"], right: ["S: NLN NLN a@b \u{E9}%20\u{E9} 0"]),
        Case(name: .nameNotEncoded, wrong: ["S: NLN NLN a@b 100% 0"], right: ["S: NLN NLN a@b 100%25 0"]),
        Case(name: .invalidUTF8, wrong: ["S: NLN NLN a@b %E9 0"], right: ["S: NLN NLN a@b %C3%A9 0"]),
        Case(name: .lineEnd, wrong: ["C: PNG\n"], right: ["C: PNG\r\n"]),
        Case(
            name: .messageTooLong,
            wrong: ["C: MSG 3 A 1665\r\nContent-Type: text/plain\r\n\r\n" + String(repeating: "x", count: 1_637)],
            right: ["C: MSG 3 A 1664\r\nContent-Type: text/plain\r\n\r\n" + String(repeating: "x", count: 1_636)],
            role: .switchboard),
        Case(
            name: .messageTooLong,
            wrong: ["S: MSG a@b A 1665\r\nContent-Type: text/plain\r\n\r\n" + String(repeating: "x", count: 1_637)],
            right: ["S: MSG a@b A 1664\r\nContent-Type: text/plain\r\n\r\n" + String(repeating: "x", count: 1_636)],
            role: .switchboard),
        Case(
            name: .charsetUnknown, wrong: ["C: MSG 3 A 46\r\nContent-Type: text/plain; charset=klingon\r\n\r\nhi"],
            right: ["C: MSG 3 A 51\r\nContent-Type: text/plain; charset=iso-8859-8-i\r\n\r\nhi"], role: .switchboard),
        Case(
            name: .charsetUnknown,
            wrong: ["C: UUM 14 yan@y.example 32 1 46\r\nContent-Type: text/plain; charset=klingon\r\n\r\nhi"],
            right: ["C: UUM 14 yan@y.example 32 1 44\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhi"], dialect: 15
        ),
        Case(name: .contentTypeMissing, wrong: ["C: MSG 3 A 2\r\nhi"], right: [text], role: .switchboard),
        Case(
            name: .contentLengthDiffers,
            wrong: [
                "C: SDG 3 75\r\nRouting: 1.0\r\n\r\nReliability: 1.0\r\n\r\nMessaging: 2.0\r\nContent-Length: 3\r\n\r\nhi"
            ],
            right: [
                "C: SDG 3 75\r\nRouting: 1.0\r\n\r\nReliability: 1.0\r\n\r\nMessaging: 2.0\r\nContent-Length: 2\r\n\r\nhi"
            ],
            dialect: 21),
        Case(
            name: .contentLengthDiffers,
            wrong: [
                "C: SDG 3 75\r\nRouting: 1.0\r\n\r\nReliability: 1.0\r\n\r\nMessaging: 2.0\r\nContent-Length: 1\r\n\r\nhi"
            ],
            right: [
                "C: SDG 3 74\r\nRouting: 1.0\r\n\r\nReliability: 1.0\r\n\r\nMessaging: 2.0\r\nContent-Length: 1\r\n\r\nh"
            ],
            dialect: 21),
        Case(
            name: .payloadMalformed, wrong: ["C: ADL 3 7\r\nnot xml"],
            right: ["C: ADL 3 38\r\n<ml><d n=\"x\"><c n=\"b\" l=\"3\"/></d></ml>"], dialect: 13),
        Case(
            name: .payloadMalformed, wrong: ["C: RML 3 20\r\n<ml><d n=\"x\"><c n=\"b"],
            right: ["C: RML 3 9\r\n<ml></ml>"], dialect: 13),
        Case(
            name: .payloadMalformed, wrong: ["C: FQY 3 3\r\n<ml"], right: ["C: FQY 3 12\r\n<ml l='2' />"], dialect: 18),
        Case(
            name: .payloadMalformed, wrong: ["S: UBX a@b 18\r\n<Data><PSM>a</PSM>"],
            right: ["S: UBX a@b 44\r\n<Data><PSM>a & b</PSM><CurrentMedia/></Data>"], dialect: 11),
        Case(
            name: .payloadMalformed, wrong: ["C: UUX 3 13\r\n<Data></data>"],
            right: ["C: UUX 3 58\r\n<?xml version=\"1.0\"?><!-- > --><Data><![CDATA[<]]></Data>\0"], dialect: 11),
        Case(
            name: .payloadMalformed, wrong: ["S: NOT 13\r\n<NOTIFICATION"],
            right: ["S: NOT 37\r\n<NOTIFICATION ver=\"2\"></NOTIFICATION>"], dialect: 11),
        Case(
            name: .payloadMalformed, wrong: ["S: GCF 0 8\r\n<a b=c/>"], right: ["S: GCF 0 19\r\n<config/> <config/>"],
            dialect: 13),
        Case(
            name: .payloadMalformed, wrong: ["S: UBX a@b 1 10\r\n<a b=\"</a>"],
            right: ["S: UBX a@b 1 13\r\n<a b=\"&lt;\"/>"], dialect: 14),
        Case(
            name: .payloadMalformed, wrong: ["S: SDG 0 7\r\ngarbage"],
            right: ["S: SDG 0 36\r\nRouting: 1.0\r\n\r\nReliability: 1.0\r\n\r\n"], dialect: 21),
        Case(
            name: .payloadMalformed,
            wrong: [
                "S: NFY PUT 107\r\nRouting: 1.0\r\n\r\nReliability: 1.0\r\n\r\nNotification: 1.0\r\nContent-Type: a/user+xml\r\nContent-Length: 5\r\n\r\n<user"
            ],
            right: [
                "S: NFY PUT 109\r\nRouting: 1.0\r\n\r\nReliability: 1.0\r\n\r\nNotification: 1.0\r\nContent-Type: a/user+xml\r\nContent-Length: 7\r\n\r\n<user/>"
            ], dialect: 21),
        Case(
            name: .payloadMalformed,
            wrong: ["S: SDG 0 63\r\nRouting: 1.0\r\n\r\nReliability: 1.0\r\n\r\nMessaging: 2.0\r\n\r\nno length"],
            right: [
                "S: SDG 0 75\r\nRouting: 1.0\r\n\r\nReliability: 1.0\r\n\r\nMessaging: 2.0\r\nContent-Length: 2\r\n\r\nhi"
            ], dialect: 21),
        Case(
            name: .payloadMalformed, wrong: ["S: SDG 0 21\r\nRouting: 1.0\r\n\r\nhello"],
            right: [
                "S: SDG 0 75\r\nRouting: 1.0\r\n\r\nReliability: 1.0\r\n\r\nPublication: 1.0\r\nContent-Length: 0\r\n\r\n"
            ], dialect: 21),
        Case(
            name: .payloadMalformed, wrong: ["S: SDG 0 41\r\nRouting: 1.0\r\n\r\nReliability: 1.0\r\n\r\nhello"],
            right: ["S: SDG 0 36\r\nRouting: 1.0\r\n\r\nReliability: 1.0\r\n\r\n"], dialect: 21),
        Case(
            name: .replyWithoutRequest, wrong: ["C: VER 1 MSNP8 CVR0", "S: CHG 9 NLN 0"],
            right: ["C: VER 1 MSNP8 CVR0", "C: CHG 9 NLN 0", "S: CHG 9 NLN 0"]),
        Case(
            name: .transactionRepeated, wrong: ["C: CHG 9 NLN 0", "C: CHG 9 AWY 0"],
            right: ["C: CHG 9 NLN 0", "C: CHG 10 AWY 0"]),
        Case(
            name: .dialectNotOffered, wrong: ["C: VER 1 MSNP7 CVR0", "S: VER 1 MSNP8"],
            right: ["C: VER 1 MSNP8 CVR0", "S: VER 1 MSNP8"]),
        Case(
            name: .challengeWrong,
            wrong: [
                "S: CHL 0 12345678901234567890", "C: QRY 4 msmsgs@msnmsgr.com 32\r\n8ba1bb9d6dbf624fee31a2053af5fdd1",
            ],
            right: [
                "S: CHL 0 12345678901234567890", "C: QRY 4 msmsgs@msnmsgr.com 32\r\n8ba1bb9d6dbf624fee31a2053af5fdd0",
            ]),
        Case(
            name: .challengeWrong,
            wrong: [
                "S: CHL 0 15570131571988941333", "C: QRY 4 PROD0090YUAUV{2B 32\r\nd8d8cb2c2043a603d8286a3343143ee2",
            ],
            right: [
                "S: CHL 0 15570131571988941333", "C: QRY 4 PROD0090YUAUV{2B 32\r\nd8d8cb2c2043a603d8286a3343143ee1",
            ],
            dialect: 15),
        Case(
            name: .passwordWrong,
            wrong: [
                "C: USR 4 MD5 I eve@example.com", "S: USR 4 MD5 S \(salt)",
                "C: USR 5 MD5 S 583eee01d6a1de1b668cac9a0ac75d91",
            ],
            right: [
                "C: USR 4 MD5 I eve@example.com", "S: USR 4 MD5 S \(salt)",
                "C: USR 5 MD5 S 483eee01d6a1de1b668cac9a0ac75d91",
            ],
            dialect: 5),
        Case(name: .argumentForm, wrong: ["C: CHG 9 WAT 24"], right: ["C: CHG 9 LUN 24"]),
        Case(name: .argumentForm, wrong: ["C: CHG 9 nln 24"], right: ["C: CHG 9 NLN 24"]),
        Case(name: .argumentForm, wrong: ["C: CHG 9 NLN x"], right: ["C: CHG 9 NLN 0"]),
        Case(name: .argumentForm, wrong: ["C: CHG 9 NLN 24: 0"], right: ["C: CHG 9 NLN 24:48 0"], dialect: 16),
        Case(name: .argumentForm, wrong: ["S: NLN  a@b B 0"], right: ["S: NLN IDL a@b B 0"]),
        Case(
            name: .argumentForm, wrong: ["C: CHG 9 NLN 0", "S: ILN 9 XXX a@b B 0"],
            right: ["C: CHG 9 NLN 0", "S: ILN 9 FLN a@b B 0"]),
        Case(name: .argumentForm, wrong: ["S: QNG abc"], right: ["S: QNG 50"], dialect: 9),
        Case(name: .argumentForm, wrong: ["S: QNG -5"], right: ["S: QNG"], dialect: 9),
        Case(name: .argumentForm, wrong: ["S: OUT WAT"], right: ["S: OUT OTH"]),
        Case(name: .argumentForm, wrong: ["C: OUT WAT"], right: ["C: OUT"]),
        Case(name: .argumentForm, wrong: ["S: OUT RCT soon"], right: ["S: OUT RCT 5"], dialect: 11),
        Case(name: .argumentForm, wrong: ["S: FLN a@b 77"], right: ["S: FLN a@b 32"], dialect: 15),
        Case(name: .argumentForm, wrong: ["S: NLN AWY a@b 77 B 0"], right: ["S: NLN AWY a@b 0 B 0"], dialect: 15),
        Case(
            name: .argumentCount, wrong: ["S: USR 4 OK a@b"], right: ["S: USR 4 OK a@b 1", "S: USR 5 OK a@b 1 0 7"],
            dialect: 15),
        Case(
            name: .verbNotInDialect, wrong: ["S: ILN 9 NLN 1:a@b B 0:0"], right: ["S: QNG 50"], dialect: 21
        ),
        Case(
            name: .argumentForm, wrong: ["C: CHG 9 NLN 0:0", "S: ILN 9 NLN 1:a@b B x"],
            right: ["C: CHG 9 NLN 0:0", "S: ILN 9 NLN 1:a@b B 0:0"], dialect: 18),
        // Where the dialect is not known, only what no dialect has is wrong.
        Case(
            name: .argumentForm, wrong: ["S: NLN AWX a@b 1 B 36"],
            right: ["S: NLN AWY a@b 1 B 36", "S: NLN AWY 1:a@b B 36:0", "S: NLN AWY a@b B", "S: FLN 1:a@b 0:0"],
            dialect: nil),
        Case(name: .argumentForm, wrong: ["C: ADD 3 XL a@b B"], right: ["C: ADD 3 FL a@b B"]),
        Case(name: .argumentForm, wrong: ["C: REM 3 fl a@b"], right: ["C: REM 3 FL a@b"]),
        Case(name: .argumentForm, wrong: ["S: LST a@b B 32"], right: ["S: LST a@b B 31"]),
        Case(name: .argumentForm, wrong: ["C: ADL 3 -5"], right: ["C: ADL 3 0"], dialect: 13),
        Case(name: .argumentForm, wrong: ["C: UUX 3 99999999999"], right: ["C: UUX 3 0"], dialect: 11),
        Case(name: .argumentForm, wrong: ["S: UBX a@b abc"], right: ["S: UBX a@b 0"], dialect: 11),
        Case(name: .argumentForm, wrong: ["S: NOT +5"], right: ["S: NOT 0"]),
        Case(name: .argumentForm, wrong: ["C: MSG 3 A -5"], right: [text], role: .switchboard),
        Case(
            name: .digestForm,
            wrong: [
                "C: USR 4 MD5 I eve@example.com", "S: USR 4 MD5 S \(salt)",
                "C: USR 5 MD5 S 483EEE01D6A1DE1B668CAC9A0AC75D91",
            ],
            right: ["C: USR 5 MD5 S 583eee01d6a1de1b668cac9a0ac75d91"], dialect: 5),
        Case(
            name: .digestForm,
            wrong: [
                "S: CHL 0 12345678901234567890", "C: QRY 4 msmsgs@msnmsgr.com 32\r\n8BA1BB9D6DBF624FEE31A2053AF5FDD0",
            ],
            right: ["C: QRY 4 msmsgs@msnmsgr.com 32\r\n8ba1bb9d6dbf624fee31a2053af5fdd0"]),
        Case(
            name: .digestForm, wrong: ["C: QRY 4 msmsgs@msnmsgr.com 3\r\n8ba"],
            right: ["C: USR 5 CTP S password"], dialect: 6),
        Case(
            name: .versionRepeated,
            wrong: ["C: VER 1 MSNP8 CVR0", "S: VER 1 MSNP8", "C: VER 3 MSNP8 CVR0"],
            right: ["C: VER 1 MSNP8 CVR0", "S: VER 1 MSNP8", "S: XFR 0 NS 0", "C: VER 3 MSNP8 CVR0"]),
        Case(
            name: .versionRepeated, wrong: ["C: VER 1 MSNP8 CVR0", "C: VER 2 MSNP8 CVR0"],
            right: ["C: VER 1 MSNP8 CVR0", "S: VER 1 0", "C: VER 2 MSNP8 CVR0"]),
        Case(
            name: .messageIncomplete,
            wrong: ["C: MSG 3 A 57\r\nContent-Type: text/plain\r\nMessage-ID: 1\r\nChunks: 2\r\n\r\nx"], right: [text],
            role: .switchboard, dialect: 9),
    ]

    @Test(arguments: cases) func isFoundWhereItIsAndNowhereElse(_ example: Case) {
        let wrong = findingNames(example.wrong, role: example.role, dialect: example.dialect)
        #expect(wrong == [example.name.rawValue], "\(example.wrong)")
        let right = findingNames(example.right, role: example.role, dialect: example.dialect)
        #expect(right.isEmpty, "\(example.right)")
    }

    @Test(arguments: [
        ("S: OUT WAT", "OUT: unknown reason WAT."),
        ("S: QNG abc", "QNG: seconds_to_next is not a number: abc."),
        ("S: NLN  a@b B 0", "NLN: state is empty."),
        ("C: CHG 9", "CHG has 1 argument; in MSNP9 it takes 3 to 4 (including the transaction identifier)."),
        ("C: UUX 3 99999999999", "UUX: length is not a valid length: 99999999999."),
    ])
    func textsSayWhatIsWrong(_ line: String, _ text: String) throws {
        let frame = try #require(Frame(Array("\(line.dropFirst(3))\r\n".utf8)))
        let side: Side = line.hasPrefix("C") ? .client : .server
        var event = Event(
            time: Timestamp(nanoseconds: 0), connection: 1, role: .notification,
            dialect: Dialect(frame.verb == "UUX" ? 11 : 9), kind: .frame(frame, from: side))
        var analyzer = FrameAnalyzer(connection: 1)
        let findings = analyzer.take(&event).compactMap {
            if case .finding(let finding) = $0 { finding.text } else { nil }
        }
        #expect(findings == [text])
    }

    /// Servers add arguments to these replies: nobody knows all of their forms, so an unknown word in them is no fault.
    @Test func aReplyThatServersExtendMayHaveUnknownWords() {
        #expect(findingNames(["S: USR 4 XX a@b 1 0 7 8 9"], dialect: 15).isEmpty)
    }

    /// With Sender-Connect the sender of the file opens the connection, and the sides of the table are swapped.
    @Test func aFindingOnAFileTransferHasTheSideThatSentTheCommand() throws {
        var analyzer = FrameAnalyzer(connection: 1)
        var sides: [Side?] = []
        for (line, side) in [("USR a@b.example 12", .server), ("BYE 1 2", .server), ("FIL", .client)]
            as [(String, Side)]
        {
            let frame = try Sample.frame(Array("\(line)\r\n".utf8))
            var event = Sample.event(.frame(frame, from: side), role: .fileTransfer, dialect: nil)
            for case .finding(let finding) in analyzer.take(&event) { sides.append(finding.side) }
        }
        #expect(sides == [.server, .client])
    }

    @Test func textInEnvelopesMustBeWhatItSays() throws {
        for (bytes, names) in [([0xFF, 0xFE], ["invalid_utf8"]), ([0xC3, 0xA9], [])] as [([UInt8], [String])] {
            let payload =
                Array(
                    ("Routing: 1.0\r\n\r\nReliability: 1.0\r\n\r\nMessaging: 2.0\r\nMessage-Type: Text\r\n"
                        + "Content-Type: text/plain; charset=UTF-8\r\nContent-Length: 2\r\n\r\n").utf8) + bytes
            let frame = try #require(Frame(Array("SDG 0 \(payload.count)\r\n".utf8) + payload))
            var event = Sample.event(.frame(frame, from: .server), dialect: Dialect(21))
            var analyzer = FrameAnalyzer(connection: 1)
            let found = analyzer.take(&event).compactMap {
                if case .finding(let finding) = $0 { finding.name.text } else { nil }
            }
            #expect(found == names)
        }
    }

    @Test(arguments: ["0,99999999999,5,-3", "0,3,2", "4", "x", "", "0,,2"]) func offsetsMustRiseInsideOfTheBody(
        _ offsets: String
    ) throws {
        for (list, isWrong) in [(offsets, true), ("0", false), ("0,2, 3", false)] {
            let payload =
                "Routing: 1.0\r\n\r\nReliability: 1.0\r\n\r\nMessaging: 2.0\r\nMessage-Type: Data\r\n"
                + "Bridging-Offsets: \(list)\r\nContent-Length: 4\r\n\r\nabcd"
            let found = findingNames(["S: SDG 0 \(payload.utf8.count)\r\n\(payload)"], dialect: 21)
            #expect(found.contains("payload_malformed") == isWrong, "\(list)")
        }
    }

    /// The description of a picture with its own digest, and what it could be instead.
    @Test func objectsInPresenceAreJudgedOnce() {
        let words = [
            ("Creator", "a@b.example"), ("Size", "3"), ("Type", "3"), ("Location", "TFR1.tmp"), ("Friendly", "AAA="),
            ("SHA1D", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="),
        ]
        let signed = Array(words.map { $0.0 + $0.1 }.joined().utf8)
        let digest = Data(RunningSHA1.digest(signed)).base64EncodedString()
        func object(_ words: [(String, String)]) -> String {
            "<msnobj " + words.map { "\($0.0)=\"\($0.1)\"" }.joined(separator: " ") + "/>"
        }
        func found(_ objects: String...) -> [String] {
            let lines = objects.map { text -> String in
                let encoded = text.utf8.map {
                    $0 > 0x2A && $0 < 0x7B && $0 != 0x3C ? String(UnicodeScalar($0)) : String(format: "%%%02X", $0)
                }
                return "S: NLN AWY a@b.example A 36 \(encoded.joined())"
            }
            return findingNames(lines, dialect: 9)
        }
        let right = object(words + [("SHA1C", digest)])
        let wrong = object(words + [("SHA1C", "AAAAQTkLHuPGxgq6PvgfQ58txks=")])
        #expect(found(right, object(words), object([("SHA1C", digest)] + words.reversed()), "0").isEmpty)
        #expect(found(wrong, wrong, right, wrong) == ["digest_differs"])
        #expect(found(object(words + [("SHA1C", "short")])) == ["digest_differs"])
        #expect(found(object(words.dropLast() + [("SHA1D", "other"), ("SHA1C", digest)])) == ["digest_differs"])
        // What the quick reader leaves to the other one.
        let odd = right.replacing("<msnobj", with: "<MSNOBJ").replacing("\"3\"", with: "'3'")
        #expect(found(odd, object(words + [("SHA1C", digest), ("stamp", "")])).isEmpty)
        #expect(found(odd.replacing("TFR1", with: "TFR2")) == ["digest_differs"])
        for text in ["<msnobj", "notobj", "<msnobj ", "<other Size=\"3\"/>", "%%"] {
            #expect(found(text, text) == ["argument_form"], "\(text)")
        }
        #expect(findingNames(["C: CHG 9 NLN 0 notobj", "S: CHG 9 NLN 0 notobj"], dialect: 9) == ["argument_form"])
    }

    /// Every finding that commands give rise to has an example above; the rest belong to other parts of the program.
    @Test func everyDerivedFindingHasAnExample() {
        let shown = Set(Self.cases.map(\.name)).union([.lengthDoesNotFit])
        // Those of the peer-to-peer layer have theirs with the tests of transfers.
        let left = FindingName.allCases.filter { $0.isDerived && !shown.contains($0) }
        let transfers = ["p2p_", "slp_", "ftp_", "transfer_", "digest_"]
        #expect(left.filter { name in !transfers.contains { name.rawValue.hasPrefix($0) } } == [])
    }

    @Test func aLengthThatDoesNotFitLeavesNoCommandBehindIt() {
        var connection = TappedConnection()
        connection.client("USR 1 a@b 1.2\r\nMSG 2 N 29\r\nContent-Type: text/plain\r\n\r\nxyz\r\nOUT\r\n")
        #expect(connection.findings(.lengthDoesNotFit).count == 1)
        var right = TappedConnection()
        right.client("USR 1 a@b 1.2\r\nMSG 2 N 29\r\nContent-Type: text/plain\r\n\r\nxOUT\r\n")
        #expect(right.findings(.lengthDoesNotFit).isEmpty)
    }

    @Test(arguments: ["0", "2000", "-1", "abc", "99999999999"])
    func noWordsHideBehindANumberOfParts(_ count: String) {
        var connection = TappedConnection()
        connection.client("USR 1 a@b 1.2\r\n")
        connection.receiveMessage(
            "Content-Type: text/plain\r\nMessage-ID: {A}\r\nChunks: \(count)\r\n\r\nhidden", .client)
        #expect(connection.messages.map(\.text) == ["hidden"])
    }

    @Test func whatWasNotHeardIsNoReasonForBlame() {
        #expect(findingNames(["S: CHG 9 NLN 0"]).isEmpty)
        #expect(findingNames(["C: CHG 9 NLN 0", "S: ILN 8 NLN a@b B 0"]).isEmpty)
        #expect(findingNames(["C: ZZZ 1"], role: .peerToPeer).isEmpty)
        #expect(findingNames(["C: QRY 4 msmsgs@msnmsgr.com 32\r\n8ba1bb9d6dbf624fee31a2053af5fdd1"]).isEmpty)
    }

    @Test func aDigestInCapitalsIsTheSameDigest() {
        var analyzer = FrameAnalyzer(connection: 1, passwords: Passwords(["eve@example.com": "abcdefg1234567"]))
        var verdict: Annotation.Verdict?
        let lines: [(Side, String)] = [
            (.client, "USR 4 MD5 I eve@example.com"), (.server, "USR 4 MD5 S \(Self.salt)"),
            (.client, "USR 5 MD5 S 483EEE01D6A1DE1B668CAC9A0AC75D91"),
        ]
        for (side, line) in lines {
            guard let frame = Frame(Array("\(line)\r\n".utf8)) else { continue }
            var event = Sample.event(.frame(frame, from: side), role: .notification, dialect: Dialect(5))
            _ = analyzer.take(&event)
            verdict = event.annotation?.verdict
        }
        #expect(verdict == .right)
    }

    @Test func everyFindingIsInTheDocumentation() throws {
        let page = Repository.root.appending(path: "docs/findings.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let listed = text.matches(of: /(?m)^\| `([a-z0-9_]+)` \|/).map { String($0.output.1) }
        #expect(Set(listed) == Set(FindingName.allCases.map(\.rawValue)))
        #expect(Set(listed).count == listed.count)
    }
}
