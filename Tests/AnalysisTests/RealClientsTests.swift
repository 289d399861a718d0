// What live clients and servers sent, generation by generation: there are no findings in it.

import Events
import Foundation
import MSNP
import Testing

@testable import Analysis

@Suite struct RealClientsTests {
    /// One connection through a tap and an analyzer: its findings, and the requests of its replies.
    private struct AnalyzedConnection {
        var findings: [String] = []
        var requests: [String?] = []
        var dialect: Dialect?

        init(_ lines: [String], role: Role? = nil, dialect: UInt8? = nil, isExcerpt: Bool = false) {
            var tap = Tap()
            tap.inherit(dialect: dialect.map { Dialect($0) }, role: role)
            var analyzer = FrameAnalyzer(connection: 1, isExcerpt: isExcerpt)
            for (number, line) in lines.enumerated() {
                let side: Side = line.hasPrefix("C: ") ? .client : .server
                let bytes = Array("\(line.dropFirst(3))".utf8) + (line.contains("\r\n") ? [] : [0x0D, 0x0A])
                var position = 0
                var kinds: [Event.Kind] = []
                tap.count(bytes.span, from: side)
                while let kind = tap.next(bytes.span, from: &position, side: side) { kinds.append(kind) }
                for kind in kinds {
                    var event = Event(
                        time: Timestamp(nanoseconds: 1_000_000_000_000_000_000 + Int64(number)), connection: 1,
                        role: tap.role, dialect: tap.dialect, kind: kind)
                    for case .finding(let finding) in analyzer.take(&event) {
                        findings.append("\(line.prefix(30)): \(finding.name.text): \(finding.text)")
                    }
                    if case .frame(_, .server) = kind { requests.append(event.annotation?.request?.description) }
                }
            }
            for case .finding(let finding) in analyzer.finish() { findings.append(finding.name.text) }
            self.dialect = tap.dialect
        }
    }

    /// Servers answered `VER` with a list; the first of it that was offered counts.
    @Test(arguments: [
        ("C: VER 1 MSNP8 CVR0", "S: VER 1 MSNP8 MSNP7 CVR0", 8),
        ("C: VER 1 MSNP8 CVR0", "S: VER 1 MSNP9 MSNP8 CVR0", 8),
        ("C: VER 0 MSNP2", "S: VER 0 MSNP2 CVR0", 2), ("C: VER 1 MSNP7 MSNP6 CVR0", "S: VER 1 msnp6 CVR0", 6),
        ("C: VER 1 MSNP12 MSNP11 MSNP10", "S: VER 1 MSNP12", 12), ("C: VER 1 MSNP4 CVR0", "S: VER 1 CVR0", 0),
    ])
    func aServerMayAnswerWithAList(_ offer: String, _ answer: String, _ dialect: UInt8) {
        let connection = AnalyzedConnection([offer, answer])
        #expect(connection.findings.isEmpty && connection.dialect == Dialect(dialect))
        #expect(connection.requests == ["VER"])
    }

    @Test func aListOfWhichNothingWasOfferedIsFound() {
        #expect(AnalyzedConnection(["C: VER 1 MSNP8 CVR0", "S: VER 1 MSNP12 MSNP11"]).findings.count == 1)
        #expect(AnalyzedConnection(["C: VER 1 MSNP8 CVR0", "S: VER 1 0 MSNP7"]).dialect == nil)
    }

    /// A blank at the end of a line is no argument.
    @Test(arguments: [
        ("C: CHG 9 NLN 0 ", 8), ("S: NLN NLN a@b.example Bob 0 ", 9), ("S: CHL 0 15570131571988941333 ", 11),
        ("S: JOI a@b.example Bob ", 8), ("C: CVR 2 0x0409 winnt 5.1 i386 MSMSGS 5.0 MSMSGS a@b.example  ", 8),
        ("S: LST N=a@b.example F=Bob C=d6de 11 57cf ", 10), ("S: BYE a@b.example  ", 8), ("C: PNG ", 8), ("S: QNG ", 9),
        ("S: OUT OTH ", 8), ("C: OUT ", 8), ("C: XFR 3 SB ", 8), ("S: FLN a@b.example ", 8), ("S: SBS 0 null ", 11),
        ("S: PRP PHH ", 8), ("S: PRP 8 27 PHW ", 7), ("C: PRP 16 PHM ", 9), ("S: BPR 27 a@b.example PHH ", 7),
        ("C: ADD 3 FL a@b.example ", 7), ("C: SBP 12 d6de MFN ", 10), ("S: USR 7 OK a@b.example Bob 1 0 ", 8),
        ("C: CVQ 2 0x0409 winnt 5.1 i386 MSMSGS 2.1 ", 4), ("S: LSG 0 Friends 0 ", 8), ("S: SYN 8 27 2 2 ", 8),
    ])
    func aBlankAtTheEndIsNoArgument(_ line: String, _ dialect: UInt8) throws {
        let side: Side = line.hasPrefix("C") ? .client : .server
        let isChat = line.contains("JOI") || line.contains("BYE")
        #expect(
            AnalyzedConnection([line], role: isChat ? .switchboard : .notification, dialect: dialect).findings == [])
        // It is named as the line without it is, but for values that are unset.
        func names(_ line: String) throws -> [String] {
            let frame = try #require(Frame(Array("\(line.dropFirst(3))\r\n".utf8)))
            let role: Role = isChat ? .switchboard : .notification
            let reading = try #require(CommandReading(frame, from: side, role: role, dialect: Dialect(dialect)))
            return reading.names(of: frame)
        }
        let named = try names(line)
        var bare = line
        while bare.hasSuffix(" ") { bare.removeLast() }
        if let last = named.last, ["value", "(empty)", "friendly"].contains(last) { return }
        #expect(try named == names(bare))
    }

    @Test func repliesToUnknownCommandsHaveARequest() {
        let connection = AnalyzedConnection([
            "C: VER 1 MSNP8 CVR0", "S: VER 1 MSNP8", "C: ABC 2 x", "S: 200 2", "C: XYZ 3", "S: XYZ 3 OK",
        ])
        #expect(connection.requests == ["VER", "ABC", "XYZ"])
        #expect(!connection.findings.contains { $0.contains("reply_without_request") })
    }

    /// What a server sends unasked has the transaction identifier 0, and answers nothing.
    @Test func unaskedIsNoAnswer() {
        let connection = AnalyzedConnection([
            "C: VER 0 MSNP7 CVR0", "S: VER 0 MSNP7", "S: XFR 0 NS 10.0.0.5:1863 0 10.0.0.4:1863",
            "S: CHL 0 15570131571988941333", "S: ADD 0 RL 14 e@b.example E", "S: REM 0 RL 15 e@b.example",
            "S: VER 0 MSNP7",
            "S: 600 0", "S: CHG 0 HDN",
        ])
        #expect(connection.requests == ["VER", nil, nil, nil, nil, nil, nil, nil])
        #expect(connection.findings == [])
        #expect(AnalyzedConnection(["C: VER 0 MSNP7", "S: 911 0"]).requests == ["VER"])
        let later = AnalyzedConnection([
            "C: VER 0 MSNP15", "S: ADL 0 5\r\n<ml/>", "S: GCF 0 4\r\n<a/>", "S: SBS 0 null", "S: VER 0 MSNP15",
        ])
        #expect(later.requests == [nil, nil, nil, "VER"])
    }

    /// Lines of a notification server and of a switchboard, one below the other, without the first line of the second.
    @Test func inAnExcerptLinesOfSeveralServersMayStandTogether() {
        let lines = [
            "S: RNG 11 10.0.0.5:1863 CKI 1.2 a@example.com A", "S: IRO 1 1 1 a@example.com A",
            "S: MSG a@example.com A 3\r\nx\r\n",
        ]
        #expect(AnalyzedConnection(lines, dialect: 8, isExcerpt: true).findings.filter { $0.contains("server") } == [])
        #expect(AnalyzedConnection(lines, dialect: 8).findings.contains { $0.contains("verb_wrong_server") })
    }

    /// Where commands may be missing, a reply without its request is no finding.
    @Test func ofAnExcerptNothingWasNeverSaid() {
        let lines = [
            "C: VER 1 MSNP8 CVR0", "S: VER 1 MSNP8", "S: CHG 9 NLN 0", "C: SYN 10 0",
            "S: XFR 12 SB 10.0.0.5:1863 CKI 1.2",
        ]
        #expect(AnalyzedConnection(lines, isExcerpt: true).findings == [])
        #expect(AnalyzedConnection(lines).findings.count == 2)
        // A capture that begins in the middle.
        #expect(AnalyzedConnection(["C: SYN 10 0", "S: XFR 12 SB 10.0.0.5:1863 CKI 1.2"], dialect: 8).findings == [])
        // Behind a hole.
        var analyzer = FrameAnalyzer(connection: 1)
        var names: [String] = []
        func take(_ kind: Event.Kind) {
            var event = Event(
                time: Timestamp(nanoseconds: 1), connection: 1, role: .notification, dialect: Dialect(8), kind: kind)
            for case .finding(let finding) in analyzer.take(&event) { names.append(finding.name.text) }
        }
        for (line, side) in [("VER 1 MSNP8", Side.client), ("VER 1 MSNP8", .server)] {
            if let frame = Frame(Array("\(line)\r\n".utf8)) { take(.frame(frame, from: side)) }
        }
        take(.gap(bytes: 30, offset: 20, from: .client))
        for (line, side) in [("SYN 4 0", Side.client), ("CHG 3 NLN 0", .server), ("CHG 5 NLN 0", .server)] {
            if let frame = Frame(Array("\(line)\r\n".utf8)) { take(.frame(frame, from: side)) }
        }
        #expect(names == [])
    }

    /// A machine's GUID stands behind the ticket since MSNP16.
    @Test func machineGUID() {
        let guid = "{8a1b4b43-0000-4000-8000-000000000001}"
        for (line, dialect, isRight) in [
            ("C: USR 4 SSO S t=1&p= HAAA", UInt8(15), true), ("C: USR 4 SSO S t=1&p=", 15, true),
            ("C: USR 4 SSO S t=1&p= HAAA \(guid)", 16, true), ("C: USR 4 SSO S t=1&p= \(guid)", 18, true),
            ("C: USR 4 SSO S t=1&p= HAAA", 16, false), ("C: USR 4 SSO S t=1&p=", 21, false),
        ] {
            #expect(
                AnalyzedConnection([line], role: .notification, dialect: dialect).findings.isEmpty == isRight, "\(line)"
            )
        }
    }

    /// Lines that stricter tables refused.
    static let legal: [(UInt8, Role, [String])] = [
        (
            2, .notification,
            [
                "C: CVR 9 0x0409 winnt 4.0 i386 MSMSGS 1.0.0863", "C: PNG", "S: QNG", "S: QNG 40", "C: OUT", "S: OUT",
                "C: USR 6 MD5 S ed6a0736ddeaab153b2cb2644096e327", "S: LST 7 BL 12 0 0",
                "S: NLN AWY b@c.example Jos\u{E9}",
            ]
        ),
        (5, .notification, ["C: CVR 2 0x0409 winnt 5.1 i386 MSMSGS 4.6 MSMSGS a@b.example", "S: FND 31 0 0"]),
        (
            7, .notification,
            [
                "S: BPR 27 b@c.example PHH", "S: PRP 27 PHW", "S: LST 8 FL 27 1 1 b@c.example Bob 0,1", "C: RMG 15 1",
                "S: GTC 8 27 A", "C: REG 12 2 Job 0", "S: ADD 13 FL 30 b@c.example Bob 2",
                "S: ILN 9 IDL b@c.example Bob",
            ]
        ),
        (8, .switchboard, ["C: MSG 4 S 0", "C: PNG", "S: QNG 50", "S: BYE a@b.example 1", "C: CAL 2 a@b.example"]),
        (
            9, .notification,
            [
                "C: CHG 9 NLN 268435492", "C: CHG 10 NLN 268435492 0", "S: NLN BSY b@c.example Bob 268435492 0",
                "S: QNG",
            ]
        ),
        (
            10, .notification,
            [
                "C: SYN 8 0", "C: SYN 9 0 0", "C: SYN 10 2004-09-17T08:11:26.320-07:00 2004-09-17T08:11:26.320-07:00",
                "S: SYN 8 2004-09-17T08:11:26.320-07:00 2004-09-17T08:11:26.320-07:00 2 1",
                "S: ADC 0 RL N=e@b.example F=E",
                "C: ADC 9 FL N=e@b.example FN=E", "S: LST N=e@b.example 8", "C: UUX 3 0", "S: UUX 3 0",
            ]
        ),
        (
            12, .switchboard,
            ["S: JOI c@b.example Carol", "S: JOI c@b.example Carol 1985855532", "S: IRO 1 1 1 c@b.example C"]
        ),
        (13, .notification, ["C: FQY 3 0", "S: ADL 6 OK", "S: RML 6 OK", "S: UUX 7", "S: UUX 8 0", "S: 241 13 0"]),
        (
            15, .notification,
            [
                "S: UBX b@c.example 1 0", "S: UBX b@c.example 0", "S: FLN b@c.example 1", "S: FLN b@c.example 1 0",
                "S: NLN NLN b@c.example 1 A%20b 1985855532 0",
            ]
        ),
        (
            18, .notification,
            ["S: FLN 1:b@c.example", "S: FLN 1:b@c.example 0:0", "S: UBX 1:b@c.example 0", "S: NFY PUT 0"]
        ),
        (
            18, .switchboard,
            [
                "S: JOI b@c.example;{8a1b4b43-0000-4000-8000-000000000002} B 2789003324:48", "S: JOI b@c.example B",
            ]
        ),
        (
            21, .notification,
            ["C: XFR 5 SB", "C: BLP 6 AL", "S: BLP 6 AL", "C: PRP 7 MFN A", "S: PRP 7 MFN A", "S: SBS 0 null"]
        ),
    ]

    @Test(arguments: legal.indices) func whatWasSaidIsLegal(_ index: Int) {
        let (dialect, role, lines) = Self.legal[index]
        for line in lines {
            #expect(AnalyzedConnection([line], role: role, dialect: dialect).findings == [], "\(line)")
        }
    }

    @Test(arguments: ["utf8", "\"UTF-8\"", "UTF-8;", "utf-8 ; format=flowed", "us-ascii", "'utf-8'", "UTF8;"])
    func waysToNameACharset(_ charset: String) {
        let body = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=\(charset)\r\n\r\nhi"
        #expect(
            AnalyzedConnection(["C: MSG 3 A \(body.utf8.count)\r\n\(body)"], role: .switchboard, dialect: 8).findings
                == [])
    }

    /// Between clients a bare line feed was common.
    @Test func lineFeedsBetweenClients() {
        #expect(AnalyzedConnection(["C: VER MSNFTP", "S: VER MSNFTP"], role: .fileTransfer).findings == [])
        var analyzer = FrameAnalyzer(connection: 1)
        var found = 0
        if let frame = Frame(Array("CCL\n".utf8)) {
            var event = Event(
                time: Timestamp(nanoseconds: 1), connection: 1, role: .fileTransfer, kind: .frame(frame, from: .client))
            found = analyzer.take(&event).count
        }
        #expect(found == 0)
    }
}
