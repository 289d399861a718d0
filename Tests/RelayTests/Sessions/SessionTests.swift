// One connection without a socket: what is held back, what is forwarded, and in which order.

import Events
import MSNP
import Testing

@testable import Relay

@Suite struct SessionTests {
    private static let stream =
        "VER 1 MSNP12 CVR0\r\nXFR 3 NS 10.0.0.5:1863 0 10.0.0.4:1863\r\nMSG a@b.example N 27\r\nXFR 3 NS 10.0.0.5:1863 0\r\nx"
        + "XFR 15 SB 10.0.0.6 CKI 1.2\r\nRNG 1 10.0.0.6:1864 CKI 3.4 c@d.example N\r\nQNG 50\nXFR 0 NS 0\r\n\r\n"
        + "XFRA\r\nNLN NLN c@d.example X\u{FC} 0\r\nRNG 2 sb.example.org CKI 5.6 c@d.example N U x 1\r\nOUT"
    private static let expected =
        "VER 1 MSNP12 CVR0\r\nXFR 3 NS 192.0.2.7:1863 0 192.0.2.7:1863\r\nMSG a@b.example N 27\r\nXFR 3 NS 10.0.0.5:1863 0\r\nx"
        + "XFR 15 SB 192.0.2.7:1863 CKI 1.2\r\nRNG 1 192.0.2.7:1863 CKI 3.4 c@d.example N\r\nQNG 50\nXFR 0 NS 0\r\n\r\n"
        + "XFRA\r\nNLN NLN c@d.example X\u{FC} 0\r\nRNG 2 192.0.2.7:1863 CKI 5.6 c@d.example N U x 1\r\nOUT"

    /// Without the malformed line: after a fault the output may depend on the cuts.
    private static func sound(_ text: String) -> [UInt8] { Array(text.replacing("XFRA\r\n", with: "").utf8) }

    @Test func cutAnywhereTheClientHearsTheSame() {
        let bytes = Self.sound(Self.stream)
        for cut in 0...bytes.count {
            var dialogue = Dialogue.begun()
            dialogue.receive(Array(bytes[..<cut]), .server)
            dialogue.receive(Array(bytes[cut...]), .server)
            #expect(dialogue.receivedByClient == Self.sound(Self.expected), "cut at \(cut)")
            dialogue.ended(.server)
            #expect(dialogue.recorded(.server) == bytes, "cut at \(cut)")
        }
    }

    @Test func cutAtEveryByteNothingButRedirectLinesIsHeldBack() {
        let bytes = Self.sound(Self.stream)
        var dialogue = Dialogue.begun()
        var line: [UInt8] = []
        var payload = 0
        for (index, byte) in bytes.enumerated() {
            dialogue.receive([byte], .server)
            if payload > 0 { payload -= 1 } else { line.append(byte) }
            let mayBecomeRedirect = payload == 0 && !line.isEmpty && Redirect.mayBegin(ByteSlice(line))
            if byte == 0x0A, payload == 0, !line.isEmpty {
                if line.starts(with: "MSG".utf8) { payload = 27 }
                line = []
            }
            let held = mayBecomeRedirect && byte != 0x0A
            // Redirects grow by what they were changed; the rest of the stream is out up to this byte.
            if !held { #expect(dialogue.receivedByClient.last == byte, "after byte \(index)") }
        }
        #expect(dialogue.receivedByClient == Self.sound(Self.expected))
        #expect(dialogue.session.tap.sums(of: .server).bytes == UInt64(bytes.count))
    }

    @Test func whatStandsBehindARedirectWaitsAndComesInOrder() {
        var dialogue = Dialogue.begun()
        dialogue.decidesAtOnce = false
        dialogue.server("QNG 1\r\nXFR 3 NS 10.0.0.5:1863\r\nQNG 2\r\nXFR 4 NS 10.0.0.6:1863\r\nQNG 3\r\nRN")
        #expect(dialogue.takeClient() == "QNG 1\r\n")
        #expect(!dialogue.session.accepts(from: .server) && dialogue.session.accepts(from: .client))
        dialogue.client("PNG\r\n")
        #expect(String(decoding: dialogue.receivedByServer, as: UTF8.self).hasSuffix("PNG\r\n"))
        dialogue.server("G 1 10.0.0.7 CKI 1.2 a@b.example N\r\nQNG 4\r\n")
        dialogue.decide()
        #expect(dialogue.takeClient() == "XFR 3 NS 192.0.2.7:1863\r\nQNG 2\r\n")
        dialogue.decide(.rewrite(to: HostPort("192.0.2.9", 1), current: Dialogue.door))
        #expect(dialogue.takeClient() == "XFR 4 NS 192.0.2.9:1\r\nQNG 3\r\n")
        dialogue.decide()
        #expect(dialogue.takeClient() == "RNG 1 192.0.2.7:1863 CKI 1.2 a@b.example N\r\nQNG 4\r\n")
        #expect(dialogue.session.accepts(from: .server))
        #expect(dialogue.session.tap.sums(of: .server).bytes == UInt64(dialogue.recorded(.server).count))
    }

    @Test func manyRedirectsInOneChunk() {
        let count = 2_000
        var dialogue = Dialogue.begun()
        dialogue.decidesAtOnce = false
        dialogue.server(String(repeating: "RNG 1 a CKI b c@d N\r\n", count: count))
        var decided = 0
        while dialogue.undecided != nil {
            dialogue.decide()
            decided += 1
        }
        #expect(decided == count)
        #expect(dialogue.takeClient() == String(repeating: "RNG 1 192.0.2.7:1863 CKI b c@d N\r\n", count: count))
    }

    @Test func whatIsHeldGoesOutBeforeTheEnd() {
        var dialogue = Dialogue.begun()
        dialogue.server("QNG 1\r\nXFR 3 NS 10.0")
        #expect(dialogue.takeClient() == "QNG 1\r\n")
        dialogue.ended(.server)
        #expect(dialogue.takeClient() == "XFR 3 NS 10.0")
        #expect(dialogue.recorded(.server) == Array("QNG 1\r\nXFR 3 NS 10.0".utf8))
    }

    @Test func anEndDuringADecisionLosesNothing() {
        var dialogue = Dialogue.begun()
        dialogue.decidesAtOnce = false
        dialogue.server("XFR 3 NS 10.0.0.5:1863\r\nQNG 2\r\nQN")
        #expect(dialogue.session.isDeciding)
        dialogue.ended(.server)
        #expect(dialogue.takeClient() == "XFR 3 NS 10.0.0.5:1863\r\nQNG 2\r\nQN")
        #expect(dialogue.recorded(.server) == Array("XFR 3 NS 10.0.0.5:1863\r\nQNG 2\r\nQN".utf8))
        #expect(dialogue.session.tap.sums(of: .server).bytes == 33)
        #expect(dialogue.session.tap.sums(of: .server).noiseBytes == 2)
    }

    @Test(arguments: [Side.client, .server])
    func aLyingLengthStallsNobody(side: Side) {
        var dialogue = Dialogue.begun()
        let before = side == .client ? dialogue.receivedByServer : dialogue.receivedByClient
        let lie = side == .client ? "MSG 4 N 1048576\r\n" : "MSG a@b.example N 1048576\r\n"
        var said = Array(lie.utf8)
        dialogue.receive(said, side)
        for number in 0..<50 {
            let more = Array("MSG \(number) N 3\r\nhi\u{0}PNG\r\n".utf8)
            said += more
            dialogue.receive(more, side)
            let received = side == .client ? dialogue.receivedByServer : dialogue.receivedByClient
            #expect(received.count == before.count + said.count)
        }
        let received = side == .client ? dialogue.receivedByServer : dialogue.receivedByClient
        #expect(Array(received.dropFirst(before.count)) == said)
    }

    @Test func aFaultMakesTheSideOpaqueUntilItIsBackInStep() {
        var dialogue = Dialogue.begun()
        dialogue.server("VER 1 MSNP12\r\n")
        _ = dialogue.takeClient()
        dialogue.server("\u{1}\u{2}garbage XFR 3 NS 10.0.0.5:1863\r\n")
        #expect(dialogue.takeClient() == "\u{1}\u{2}garbage XFR 3 NS 10.0.0.5:1863\r\n")
        dialogue.server("CHL 0 123\r\nQNG 50\r\n")
        #expect(dialogue.takeClient() == "CHL 0 123\r\nQNG 50\r\n")
        dialogue.server("XFR 15 SB 10.0.0.6 CKI 1.2\r\n")
        #expect(dialogue.takeClient() == "XFR 15 SB 192.0.2.7:1863 CKI 1.2\r\n")
        #expect(dialogue.verbs(.server) == ["VER", "CHL", "QNG", "XFR"])
    }

    @Test func aRedirectThatWasOutBeforeItWasFoundIsReported() {
        var dialogue = Dialogue.begun()
        dialogue.server("\u{1}garbage\r\nXFR 15 SB 10.0.0.6 CK")
        #expect(dialogue.takeClient() == "\u{1}garbage\r\nXFR 15 SB 10.0.0.6 CK")
        dialogue.server("I 1.2\r\nQNG 50\r\nXFR 16 SB 10.0.0.6 CKI 3.4\r\n")
        #expect(dialogue.takeClient() == "I 1.2\r\nQNG 50\r\nXFR 16 SB 192.0.2.7:1863 CKI 3.4\r\n")
        #expect(dialogue.findings == ["redirect_not_rewritten"])
    }

    @Test func aRedirectLineWithoutEndIsHeldNoLongerThanALineMayBe() {
        var dialogue = Dialogue.begun()
        let endless = "XFR 3 NS " + String(repeating: "x", count: 9_000)
        for character in endless { dialogue.server(String(character)) }
        #expect(dialogue.takeClient() == endless)
    }

    @Test func theFirstLineDecidesWhereTheClientGoes() {
        let firsts: [(String, FirstCommand)] = [
            ("VER 1 MSNP12 CVR0\r\n", .notification(transaction: 1)),
            (
                "USR 1 A@b.example 1.2\r\n",
                .switchboardCaller(account: Array("a@b.example".utf8), cookie: Array("1.2".utf8))
            ),
            ("XFR 3 NS\r\n", .dispatch), ("VER MSNFTP\r\n", .fileTransfer), ("GET / HTTP/1.0\r\n\r\n", .http),
            ("\u{1}\u{2}\u{3}", .foreign), ("hello\r\n", .foreign),
        ]
        for (text, opening) in firsts {
            for cut in 1...text.utf8.count {
                var dialogue = Dialogue()
                dialogue.receive(Array(text.utf8.prefix(cut)), .client)
                dialogue.receive(Array(text.utf8.dropFirst(cut)), .client)
                #expect(dialogue.openings == [opening], "\(text) cut at \(cut)")
                #expect(dialogue.receivedByServer.isEmpty)
                dialogue.dialled()
                #expect(dialogue.receivedByServer == Array(text.utf8))
                #expect(dialogue.session.tap.role == opening.role)
                // The client of MSNP2 names its dialect nowhere.
                #expect(dialogue.session.tap.dialect == (opening == .dispatch ? Dialect(2) : nil))
                // A line of HTTP may have the form of a command.
                if opening == .http { #expect(dialogue.verbs(.client).isEmpty) }
            }
        }
    }

    @Test func aSilentClientIsConnectedAllTheSame() {
        var silent = Dialogue()
        silent.stopWaiting()
        silent.stopWaiting()
        #expect(silent.openings == [.otherCommand])
        silent.dialled()
        silent.client("VER 1 MSNP8\r\n")
        #expect(silent.receivedByServer == Array("VER 1 MSNP8\r\n".utf8))
        var half = Dialogue()
        half.client("VER 1 MS")
        half.stopWaiting()
        #expect(half.openings == [.foreign])
        half.client("NP8\r\n")
        half.dialled()
        #expect(half.receivedByServer == Array("VER 1 MSNP8\r\n".utf8))
        #expect(half.verbs(.client) == ["VER"])
    }

    @Test func aSwitchboardInheritsTheDialect() {
        let dialogue = Dialogue.begun("USR 1 a@b.example 1.2\r\n", dialect: Dialect(9))
        #expect(dialogue.session.tap.dialect == Dialect(9))
        #expect(dialogue.session.tap.role == .switchboard)
        #expect(dialogue.session.tap.account == "a@b.example")
    }
}
