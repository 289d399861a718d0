// Bytes of both sides into events: roles, messages, and nothing lost.

import MSNP
import Testing

@testable import Analysis
@testable import Events
@testable import Output
@testable import Query

/// A tap, and what it said.
struct Listener {
    var tap = Tap()
    var analyzer = ConnectionAnalyzer(connection: 5)
    var kinds: [Event.Kind] = []

    mutating func hear(_ bytes: [UInt8], _ side: Side) {
        tap.count(bytes.span, from: side)
        var position = 0
        while let kind = tap.next(bytes.span, from: &position, side: side) {
            var event = Event(
                time: Timestamp(nanoseconds: 0), connection: 5, role: tap.role, dialect: tap.dialect, kind: kind)
            kinds.append(kind)
            kinds += analyzer.take(&event)
        }
    }
    mutating func client(_ text: String) { hear(Array(text.utf8), .client) }
    mutating func server(_ text: String) { hear(Array(text.utf8), .server) }

    /// A text message, framed for a side.
    mutating func say(_ payload: String, _ side: Side) {
        let length = payload.utf8.count
        if side == .client {
            client("MSG 4 N \(length)\r\n\(payload)")
        } else {
            server("MSG bob@x.example Bob \(length)\r\n\(payload)")
        }
    }

    var messages: [Message] { kinds.compactMap { if case .message(let message) = $0 { message } else { nil } } }
    func findings(_ name: FindingName) -> [Finding] {
        kinds.compactMap { if case .finding(let finding) = $0, finding.name == name.rawValue { finding } else { nil } }
    }
    func bytes(_ wanted: Side) -> [UInt8] {
        kinds.flatMap { kind -> [UInt8] in
            switch kind {
            case .frame(let frame, let side) where side == wanted: frame.bytes
            case .noise(let noise, let side) where side == wanted: noise.bytes
            default: []
            }
        }
    }
}

@Suite struct TapTests {
    @Test func aDispatchServerShowsItselfByItsAnswer() {
        var listener = Listener()
        #expect(listener.tap.role == .unknown)
        listener.client("VER 1 MSNP8 CVR0\r\n")
        #expect(listener.tap.role == .notification && listener.tap.dialect == nil)
        listener.server("VER 1 MSNP8 CVR0\r\n")
        #expect(listener.tap.dialect == Dialect(8))
        listener.client("USR 3 TWN I Alice@X.example\r\n")
        #expect(listener.tap.account == "alice@x.example")
        listener.server("XFR 3 NS 10.0.0.5:1863 0 10.0.0.4:1863\r\n")
        #expect(listener.tap.role == .dispatch)
    }

    @Test func aServerThatMovesItsClientLaterIsNone() {
        var listener = Listener()
        listener.client("VER 1 MSNP8 CVR0\r\nUSR 2 TWN I a@b.example\r\n")
        listener.server("VER 1 MSNP8\r\nUSR 4 OK a@b.example A\r\nXFR 0 NS 10.0.0.5:1863 0 10.0.0.4:1863\r\n")
        #expect(listener.tap.role == .notification)
    }

    /// Lists and presence come from notification servers alone, also where the sign-in was not heard.
    @Test(arguments: ["NLN NLN a@b.example A 0", "LST a@b.example A 3", "UBX a@b.example 0", "CHL 0 1234"])
    func aServerWithListsIsNoDispatchServer(line: String) {
        var listener = Listener()
        listener.server("\(line)\r\nXFR 5 NS 10.0.0.5:1863 0 10.0.0.4:1863\r\n")
        #expect(listener.tap.role == .notification)
    }

    /// Nobody asked for it: servers send their clients away before a maintenance, also where the sign-in was not heard.
    @Test func aServerThatSendsItsClientsAwayIsNone() {
        var listener = Listener()
        listener.client("VER 1 MSNP8 CVR0\r\n")
        listener.server("VER 1 MSNP8\r\nXFR 0 NS 10.0.0.5:1863 0 10.0.0.4:1863\r\n")
        #expect(listener.tap.role == .notification)
    }

    @Test(arguments: [
        ("USR 1 a@b.example 1.2\r\n", Role.switchboard), ("ANS 1 a@b.example;{x} 1.2 3\r\n", .switchboard),
        ("XFR 1 NS\r\n", .dispatch), ("VER 1 CVR0\r\nCVQ 2 x\r\n", .dispatch), ("VER MSNFTP\r\n", .fileTransfer),
        ("hello\r\n", .unknown),
    ])
    func theFirstLineTellsTheRole(first: String, role: Role) {
        var listener = Listener()
        listener.client(first)
        #expect(listener.tap.role == role)
    }

    @Test func framesAndNoiseAreTheStream() {
        let stream =
            Array("VER 1 MSNP8\r\n\u{1}\u{2}junk\r\nQNG 50\r\nQNG 51\r\nMSG a b 3\r\na\r\nNLN".utf8) + [0xFF, 0]
            + Array("\r\nMSG a b 99\r\nshort".utf8)
        for cut in 0...stream.count {
            for side in Side.allCases {
                var listener = Listener()
                listener.hear(Array(stream[..<cut]), side)
                listener.hear(Array(stream[cut...]), side)
                listener.kinds += listener.tap.finish(side)
                #expect(listener.bytes(side) == stream, "cut at \(cut)")
                #expect(listener.tap.sums(of: side).bytes == UInt64(stream.count))
            }
        }
    }

    @Test func aHoleIsToldWithItsPlace() {
        var listener = Listener()
        listener.server("VER 1 MSNP8\r\nQN")
        listener.kinds += listener.tap.lose(100, from: .server)
        listener.server("QNG 50\r\nCHL 0 1\r\n")
        listener.kinds += listener.tap.finish(.server)
        let gaps = listener.kinds.compactMap { kind -> [UInt64]? in
            if case .gap(let bytes, let offset, _) = kind { [offset, bytes] } else { nil }
        }
        #expect(gaps == [[15, 100]])
        #expect(listener.tap.sums(of: .server).gaps.map(\.offset) == [15])
        #expect(listener.bytes(.server) == Array("VER 1 MSNP8\r\nQNQNG 50\r\nCHL 0 1\r\n".utf8))
    }
}

@Suite struct MessageTests {
    private static let plain = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"

    private static func switchboard() -> Listener {
        var listener = Listener()
        listener.client("USR 1 Alice@X.example 1.2\r\nCAL 2 bob@x.example\r\n")
        listener.server("USR 1 OK alice@x.example A\r\nCAL 2 RINGING 11752013\r\nJOI bob@x.example Bob\r\n")
        return listener
    }

    @Test func aMessageEachWay() {
        var listener = Self.switchboard()
        listener.say("\(Self.plain)X-MMS-IM-Format: FN=Arial\r\n\r\nGr\u{FC}\u{DF}e\r\n\u{1F98B}", .client)
        listener.say("\(Self.plain)\r\nhi", .server)
        #expect(
            listener.messages == [
                Message(
                    from: "alice@x.example", to: ["bob@x.example"], bytes: Array("Gr\u{FC}\u{DF}e\r\n\u{1F98B}".utf8),
                    conversation: "11752013", side: .client),
                Message(
                    from: "bob@x.example", to: ["alice@x.example"], bytes: Array("hi".utf8), conversation: "11752013",
                    side: .server),
            ])
    }

    @Test func whatIsNoTextMakesNoMessage() {
        var listener = Self.switchboard()
        listener.say("MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\nTypingUser: a\r\n\r\n\r\n", .client)
        listener.say("Content-Type: text/plainer\r\n\r\nx", .client)
        listener.say("no headers at all", .client)
        #expect(listener.messages.isEmpty)
    }

    @Test func whoIsThereIsFollowed() {
        var listener = Listener()
        listener.client("ANS 1 alice@x.example 1.2 77\r\n")
        listener.server("IRO 1 1 2 bob@x.example B\r\nIRO 1 2 2 Carol@x.example;{1} C\r\nANS 1 OK\r\n")
        listener.say("\(Self.plain)\r\none", .client)
        listener.server("BYE bob@x.example\r\nJOI dave@x.example D\r\n")
        listener.say("\(Self.plain)\r\ntwo", .client)
        #expect(
            listener.messages.map(\.to) == [
                ["bob@x.example", "carol@x.example"], ["carol@x.example", "dave@x.example"],
            ])
        #expect(listener.messages.allSatisfy { $0.conversation == "77" })
    }

    @Test func partsArePutTogetherInAnyOrder() {
        for order in [[1, 2, 3], [3, 1, 2], [2, 3, 1]] {
            var listener = Self.switchboard()
            listener.say("\(Self.plain)Message-ID: {A}\r\nChunks: 4\r\n\r\n0\u{E9}", .client)
            for part in order { listener.say("Message-ID: {A}\r\nChunk: \(part)\r\n\r\n\(part)", .client) }
            #expect(listener.messages.map(\.text) == ["0\u{E9}123"])
            #expect(listener.analyzer.finish().isEmpty)
        }
    }

    @Test func partsOfTwoMessagesDoNotMix() {
        var listener = Self.switchboard()
        listener.say("\(Self.plain)Message-ID: {A}\r\nChunks: 2\r\n\r\na0", .client)
        listener.say("\(Self.plain)Message-ID: {A}\r\nChunks: 2\r\n\r\nb0", .server)
        listener.say("Message-ID: {A}\r\nChunk: 1\r\n\r\nb1", .server)
        listener.say("Message-ID: {A}\r\nChunk: 1\r\n\r\na1", .client)
        #expect(listener.messages.map(\.text) == ["b0b1", "a0a1"])
    }

    @Test func whatStaysIncompleteIsAFinding() {
        var listener = Self.switchboard()
        listener.say("\(Self.plain)Message-ID: {A}\r\nChunks: 3\r\n\r\na0", .client)
        listener.say("Message-ID: {A}\r\nChunk: 1\r\n\r\na1", .client)
        let left = listener.analyzer.finish()
        guard case .message(let words)? = left.first, case .finding(let finding)? = left.last, left.count == 2 else {
            Issue.record("no words and no finding")
            return
        }
        #expect(words.text == "a0a1…" && words.parts == 2 && words.fragment?.expected == 3)
        #expect(finding.name == "message_incomplete" && finding.text.contains("2 of 3") && finding.side == .client)
        #expect(finding.text.contains("alice@x.example"))
        #expect(listener.messages.isEmpty)
    }

    @Test func hostilePartsStayBounded() {
        var listener = Self.switchboard()
        for number in 0..<340 {
            listener.say("\(Self.plain)Message-ID: {\(number)}\r\nChunks: 1000\r\n\r\nx", .client)
        }
        #expect(listener.findings(.messageIncomplete).count == 84)
        listener.say("\(Self.plain)Message-ID: {Z}\r\nChunks: 4000000000\r\n\r\nx", .client)
        listener.say("\(Self.plain)Message-ID: {Z}\r\nChunks: 0\r\n\r\nx", .client)
        listener.say("Message-ID: {Z}\r\nChunk: 5\r\n\r\nx", .client)
        listener.say("Message-ID: {339}\r\nChunk: 99999\r\n\r\nx", .client)
        // Numbers of parts that are none make no parts.
        #expect(listener.messages.filter { $0.fragment == nil }.map(\.text) == ["x", "x"])
        let large = String(repeating: "y", count: 200_000)
        listener.say("Message-ID: {339}\r\nChunk: 1\r\n\r\n\(large)", .client)
        listener.say("Message-ID: {339}\r\nChunk: 2\r\n\r\n\(large)", .client)
        #expect(listener.findings(.messageIncomplete).count == 86)
    }
}
