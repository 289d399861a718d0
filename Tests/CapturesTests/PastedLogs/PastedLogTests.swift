// Logs that people pasted: the commands that a human reads there.

import Events
import MSNP
import Output
import TestSupport
import Testing

@testable import Captures
@testable import Packets

private func read(_ text: String) -> [String] { readLog(Array(text.utf8)) }

private func read(_ bytes: [UInt8]) -> [String] { readLog(bytes) }

private func times(_ text: String) -> [Int64] { timesOfLog(text) }

@Suite struct PastedLogTests {
    /// Dates that 64 bits of nanoseconds cannot hold are text like any other.
    @Test(arguments: [
        "0000-01-01", "0001-01-01", "1677-09-21", "1969-12-31", "2262-04-12", "2305-06-28", "9999-12-31",
    ])
    func impossibleDatesAreText(date: String) {
        let line = "C: VER 1 MSNP8 CVR0"
        for log in [date, "\(date)\n\(line)", "\(date) 10:00:00 \(line)", "[\(date)T10:00:00Z] \(line)\n\(line)"] {
            _ = PastedLog.isOne(Array(log.utf8))
            #expect(times(log).allSatisfy { $0 < 1_000_000_000 })
        }
        #expect(times("\(line)\n\(date)\n\(line)").count == 2)
    }

    /// A clock that goes back at every second line never leads behind the last day.
    @Test func manyDaysEndSomewhere() {
        let pair = "2199-12-31 23:59:59 C: VER 1 MSNP8 CVR0\n"
        let days = String(repeating: "00:00:00 C: PNG\n23:59:59 C: PNG\n", count: 40_000)
        let last = times(pair + days).max() ?? 0
        #expect(last <= (LogTime.lastMidnight + LogTime.day) / 1_000)
        #expect(times("23:59:59 C: PNG\n00:00:01 C: PNG\n").last == 86_401_000_000)
    }

    @Test func aPage() {
        let page = """
            # Example

            The client should disconnect from the server when it is done.

            ```
            C: VER 1 MSNP8 CVR0
            S: VER 1 MSNP8
            C: USR 2 TWN I alice@example.com
            S: XFR 2 NS 203.0.113.10:1863
            .. 0 203.0.113.1:1863
            ```
            Client disconnects from server.

            The client opens a connection to 203.0.113.11:1863.
            ```
            C: VER 3 MSNP8 CVR0\\r\\n
            S: MSG Hotmail Hotmail 12
            X: yy

            abc
            S: MSG Hotmail Hotmail 99
            X: yy

            abc

            C: OUT
            ```
            """
        #expect(
            read(page) == [
                "0 opened", "0 C VER 1 MSNP8 CVR0", "0 S VER 1 MSNP8", "0 C USR 2 TWN I alice@example.com",
                "0 S XFR 2 NS 203.0.113.10:1863 0 203.0.113.1:1863", "1 opened 203.0.113.11:1863",
                "1 C VER 3 MSNP8 CVR0", "1 S MSG Hotmail Hotmail 12 [X: yy~~abc]",
                "1 S MSG Hotmail Hotmail 99 [X: yy~~abc~]", "1 length_mismatch", "1 C OUT",
            ])
    }

    @Test func arrowsAndProse() {
        let log = """
            >>> ANS 1 bob@example.com 17.99 11\r
            <<< MSG alice@example.com Alice 7
            X: y

            z
            <<< MSG alice@example.com Alice 9
            <ml></ml>
            What follows is prose and no payload.
            > USR 5 and others are quoted in mails
            > OUT
            < BYE alice@example.com
            > you are right, C: is a drive
            >>> XYZZY
            """
        #expect(
            read(log) == [
                "0 opened", "0 C ANS 1 bob@example.com 17.99 11", "0 S MSG alice@example.com Alice 7 [X: y~~z~]",
                "0 length_mismatch", "0 S MSG alice@example.com Alice 9 [<ml></ml>]",
                "0 C USR 5 and others are quoted in mails", "0 C OUT", "0 S BYE alice@example.com",
                "0 line_not_understood",
            ])
    }

    /// A blank behind the length is no part of it.
    @Test func blanksBehindLengths() {
        let log = "C: ANS 1 a 2 3\nC: MSG 3 U 6 \nX: y\n\nC: QRY 18 msmsgs@msnmsgr.com 4 \nabcd\nC: OUT\n"
        #expect(
            read(log) == [
                "0 opened", "0 C ANS 1 a 2 3", "0 C MSG 3 U 6  [X: y~]", "0 C QRY 18 msmsgs@msnmsgr.com 4  [abcd]",
                "0 C OUT",
            ])
    }

    /// A line of a client or server that is no command is noise; in front of all commands it is prose.
    @Test func linesThatAreNoCommands() {
        let log = """
            C: is the client, S: the server
            >>> VER 1 MSNP8
            <<< what's this
            <<< VER 1 MSNP8
            """
        #expect(
            read(log) == [
                "0 opened", "0 C VER 1 MSNP8", "0 line_not_understood", "0 S VER 1 MSNP8",
            ])
        var texts: [String] = []
        PastedLog.read(Array(log.utf8)) { entry in
            if case .finding(let finding) = entry.kind { texts.append(finding.text) }
            return true
        }
        #expect(texts == ["Line 3 of the log is marked as a command, but cannot be read as one: what's this"])
    }

    @Test func firstLinesThatAreNoCommands() {
        #expect(
            read("C: ver 1 msnp8 cvr0\nC: WHAT 3\nS: VER 1 MSNP8\n") == [
                "0 opened", "0 line_not_understood", "0 line_not_understood", "0 S VER 1 MSNP8",
            ])
        #expect(read("C: ver 1 msnp8 cvr0\n\nC: VER 1 MSNP8\n") == ["0 opened", "0 C VER 1 MSNP8"])
        #expect(read("C: the client\nS: ban\nC: VER 1 MSNP8\n") == ["0 opened", "0 C VER 1 MSNP8"])
    }

    /// People quote commands: a payload of exactly the announced length is the payload.
    @Test(arguments: [
        "C: VER 1 is what I typed\nS: OUT\n>>> quoted", "she wrote:\nS: fine, thanks\nC: and you?",
        "she wrote:\n> fine\n>>> and you?", "C: OUT", "S: BYE bob@example.com\n",
    ])
    func quotedCommands(text: String) {
        let body = "A: b\r\n\r\n" + text.replacing("\n", with: "\r\n")
        let log = "C: ANS 1 a 2 3\nS: MSG b B \(body.utf8.count)\nA: b\n\n\(text)\nS: BYE b\n"
        #expect(
            read(log) == [
                "0 opened", "0 C ANS 1 a 2 3", "0 S MSG b B \(body.utf8.count) [\(body.replacing("\r\n", with: "~"))]",
                "0 S BYE b",
            ])
        // A length that does not fit is ignored.
        let wrong = read("C: ANS 1 a 2 3\nS: MSG b B 9\nA: b\n\nxyz\nC: OUT\n")
        #expect(wrong == ["0 opened", "0 C ANS 1 a 2 3", "0 S MSG b B 9 [A: b~~xyz~]", "0 length_mismatch", "0 C OUT"])
    }

    @Test func notationOfWorkedSessions() {
        let log = """
            # == SB 203.0.113.20
            C: USR 1 alice@example.com 17.99
            # == NS
            C: MSG 4 N 13
            | X: y
            | 
            $ ab\u{20}
            S: MSG b@example.com B 3
            x 00 ff 41
            S: NLN AWY b@example.com B
            """
        #expect(
            read(log) == [
                "0 opened 203.0.113.20:1863", "0 C USR 1 alice@example.com 17.99", "1 opened",
                "1 C MSG 4 N 13 [X: y~~ab ]", "1 length_mismatch", "1 S MSG b@example.com B 3 [\0\u{FFFD}A]",
                "1 S NLN AWY b@example.com B",
            ])
    }

    @Test func pidgin() {
        let log = """
            (15:28:18) msn: C: NS 000: VER 1 MSNP9 MSNP8 CVR0
            (15:28:18) msn: S: NS 000: VER 1 MSNP9
            (15:28:19) msn: S: NS 000: XFR 2 NS 203.0.113.10:1863 0 203.0.113.1:1863
            (15:28:19) dns: something else
            (15:28:20) msn: C: NS 000: VER 3 MSNP9 MSNP8 CVR0
            (15:28:21) msn: S: NS 000: XFR 4 SB 203.0.113.20:1863 CKI 17.99
            (15:28:22) msn: C: SB 001: USR 1 alice@example.com 17.99
            (15:28:23) msn: C: NS 000: PNG
            (00:00:01) msn: S: SB 001: USR 1 OK alice@example.com A
            """
        #expect(
            read(log) == [
                "0 opened", "0 C VER 1 MSNP9 MSNP8 CVR0", "0 S VER 1 MSNP9",
                "0 S XFR 2 NS 203.0.113.10:1863 0 203.0.113.1:1863", "1 opened 203.0.113.10:1863",
                "1 C VER 3 MSNP9 MSNP8 CVR0", "1 S XFR 4 SB 203.0.113.20:1863 CKI 17.99",
                "2 opened 203.0.113.20:1863", "2 C USR 1 alice@example.com 17.99", "1 C PNG",
                "2 S USR 1 OK alice@example.com A",
            ])
        let stated = times(log)
        #expect(stated.first == 55_698_000_000)
        #expect(stated.last == 86_401_000_000)
    }

    @Test func timesOfLines() {
        #expect(times("C: VER 1 MSNP8\nprose\nS: VER 1 MSNP8\n") == [1, 3])
        #expect(
            times("2005-05-06T15:28:18.5Z C: PNG\nS: QNG 5\n[15:28:19] C: PNG\n") == [
                1_115_393_298_500_000, 1_115_393_298_500_000, 1_115_393_299_000_000,
            ])
        #expect(LogTime.read(Array("[1999-12-31 23:59:59,25]: x".utf8)[...])?.1 == 25)
        for wrong in ["25:00:00 C: PNG", "[15:28:18 C: PNG", "2005-13-01 10:00:00 x", "15:28", "(15:28:18] x"] {
            #expect(LogTime.read(Array(wrong.utf8)[...]) == nil, "\(wrong)")
        }
    }

    /// A date alone in a line counts for the lines behind it.
    @Test func dates() {
        let stamps = times(
            "2005-05-06 UTC\n23:00:00 C: PNG\n01:00:00 S: QNG\n2005-06-01\n00:00:01 C: PNG\n2005-13-01\nC: OUT\n")
        let may = Int64(1_115_337_600_000_000)
        let hour = Int64(3_600_000_000)
        #expect(
            stamps == [
                may + 23 * hour, may + 25 * hour, may + 26 * 24 * hour + 1_000_000, may + 26 * 24 * hour + 1_000_000,
            ])
    }

    @Test func timesThatAreRare() {
        // A line out of order is not of the next day.
        #expect(times("10:00:01 C: PNG\n10:00:00 C: PNG\n") == [36_001_000_000, 36_000_000_000])
        // A leap second, and a date before March, the first month of the years that `LogTime` counts.
        #expect(times("23:59:60 C: PNG\n") == [86_400_000_000])
        #expect(times("2005-02-03\n00:00:00 C: PNG\n") == [1_107_388_800_000_000])
    }

    /// At the limit of open connections, the oldest one is closed.
    @Test func openConnectionsAreLimited() {
        let log = (1...1_025).map { "NS#\($0) C: PNG\n" }.joined()
        var opened = 0
        var closedBeforeTheLast: [Int] = []
        PastedLog.read(Array(log.utf8)) { entry in
            switch entry.kind {
            case .opened: opened += 1
            case .closed: if opened < 1_025 { closedBeforeTheLast.append(entry.connection) }
            default: break
            }
            return true
        }
        #expect(opened == 1_025 && closedBeforeTheLast == [0])
    }

    @Test func whereAPayloadEnds() {
        // It has the claimed length with a line end behind its last line; prose follows.
        #expect(
            read("S: MSG Hotmail Hotmail 11\nX: y\n\nz\nThis is prose.\n")
                == ["0 opened", "0 S MSG Hotmail Hotmail 11 [X: y~~z~]"])
        // Only behind headers a second paragraph belongs to it.
        #expect(
            read("S: MSG Hotmail Hotmail 99\nabc def\n\nThis is prose.\n")
                == ["0 opened", "0 S MSG Hotmail Hotmail 99 [abc def~]", "0 length_mismatch"])
        // Empty quoted lines are no filler lines.
        #expect(
            read("S: MSG Hotmail Hotmail 21\n| X: y\n|\n|\n|\n| a\n| b\n| c\n")
                == ["0 opened", "0 S MSG Hotmail Hotmail 21 [X: y~~~~a~b~c~]"])
    }

    @Test func aByteOrderMarkIsNoText() {
        #expect(read([0xEF, 0xBB, 0xBF] + Array("C: VER 1 MSNP8\n".utf8)) == ["0 opened", "0 C VER 1 MSNP8"])
    }

    @Test func softResetsAndNewConnections() {
        #expect(read("C: VER 1 MSNP8\nS: XFR 0 NS 0\nC: VER 2 MSNP8\n").filter { $0.hasSuffix("opened") }.count == 1)
        #expect(read("C: VER 1 MSNP8\nS: VER 1 MSNP8\nC: VER 1 MSNP8\n").filter { $0.hasSuffix("opened") }.count == 2)
        #expect(read("C: VER 1 MSNP8\nS: 911 1\nServer closes the connection\nS: OUT\n").count == 4)
    }

    @Test func ownTextComesBack() {
        var playback = Playback()
        var line = playback.open(port: 1_863)
        playback.send(.a, "ANS 1 bob@example.com 17.99 11\r\n", on: &line)
        let body = "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nC: OUT\r\nhé"
        playback.send(.b, "MSG alice@example.com A \(body.utf8.count)\r\n\(body)", on: &line)
        let binary = Array("Content-Type: application/x-msnmsgrp2p\r\n\r\n".utf8) + (0..<40).map { UInt8($0) }
        playback.send(.b, Array("MSG alice@example.com A \(binary.count)\r\n".utf8) + binary, on: &line)
        playback.send(.b, "BYE alice@example.com\r\n", on: &line)
        playback.close(line)
        func print(_ events: [Event]) -> String {
            var presentation = Presentation()
            presentation.showsSecrets = true
            var format = TextFormat(presentation)
            var bytes: [UInt8] = []
            for event in events { format.append(event, to: &bytes) }
            return String(decoding: bytes, as: UTF8.self)
        }
        let text = print(playback.events)
        var decoder = EventDecoder()
        var events: [Event] = []
        PastedLog.read(Array(text.utf8)) { entry in
            decoder.receive(entry) { events.append($0) }
            return true
        }
        #expect(print(events) == text)
        #expect(!text.contains("mismatch"))
    }

    /// A log may leave payloads out, of any command: that is shown, and is no finding.
    @Test func payloadsThatAreLeftOut() {
        let log = """
            C: VER 5 MSNP12 CVR0
            S: VER 5 MSNP12
            S: CHG 40 NLN 0
            C: GCF 9 Shields.xml
            S: GCF 9 Shields.xml 6735
            S: CHL 0 15570131571988941333
            C: QRY 12 PROD0038W!61ZTF9 32
            S: QRY 12
            S: UBX b@c.example 120
            S: MSG Hotmail Hotmail 367
            C: UUX 13 53
            C: OUT
            """
        var decoder = EventDecoder()
        var findings: [String] = []
        PastedLog.read(Array(log.utf8)) { entry in
            decoder.receive(entry) { if case .finding(let finding) = $0.kind { findings.append(finding.text) } }
            return true
        }
        let expected = [("GCF", 6_735), ("QRY", 32), ("UBX", 120), ("MSG", 367), ("UUX", 53)].map {
            "The payload of \($0) (\($1) bytes) is not in the log."
        }
        #expect(findings == expected)
    }

    /// A chat of which the sign-in is not there: its cookie may well have been promised.
    @Test func excerptsAccuseNobody() {
        let log = """
            C: VER 1 MSNP8 CVR0
            S: VER 1 MSNP8
            C: USR 2 TWN I alice@example.com
            S: USR 3 OK alice@example.com Alice 1 0
            # == SB
            C: USR 1 alice@example.com 17.99
            S: USR 1 OK alice@example.com Alice
            S: 217 8
            S: JOI bob@example.com Bob
            """
        var decoder = EventDecoder()
        var findings: [String] = []
        PastedLog.read(Array(log.utf8)) { entry in
            decoder.receive(entry) { if case .finding(let finding) = $0.kind { findings.append(finding.name.text) } }
            return true
        }
        #expect(findings == [])
    }

    @Test func captionsOfLayoutAreDropped() {
        let log =
            "Text\n|\n|\nC: VER 1 MSNP4\n|\n|\nS: MSG Hotmail Hotmail 9\n|\n|\nA: b\n|\n|\n|\n|\nc\n|\n|\nC: OUT\n"
        #expect(read(log) == ["0 opened", "0 C VER 1 MSNP4", "0 S MSG Hotmail Hotmail 9 [A: b~~c]", "0 C OUT"])
    }

    @Test func onlyLogsAreLogs() {
        for text in [
            "", "hello", "# Drives\nC: is one, D: another\n", "C: AND then\n", "{\"event\":\"frame\"}\n", "a\0C: OUT\n",
        ] {
            #expect(!PastedLog.isOne(Array(text.utf8)), "\(text)")
        }
        #expect(PastedLog.isOne(Array("see:\n\nC: VER 1 MSNP8 CVR0\n".utf8)))
    }

    @Test func nothingTraps() {
        var random = SystemRandomNumberGenerator()
        let seed = Array(
            """
            15:28:18.123456 NS#3 C: MSG 1 N 5
                0000 41 42 43   ABC
            (15:28:18) msn: S: NS 000: MSG a b 99999999999
            | x
            x 00 zz
            >>> ADL 1 10
            .. <ml/>
            # == SB 1.2.3.4:99999
            Client opens [::1]:70000 and 1.2.3.4:1863.
            XFR 0 NS 0
            S: XFR 0 NS 0
            15:28:18 --#99 opened a:1 → [
            """.utf8)
        for _ in 0..<1_500 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(contentsOf: seed[..<(place % seed.count)].suffix(30), at: place)
                }
            }
            _ = read(bytes)
            _ = PastedLog.isOne(bytes)
        }
    }

    @Test func theFirstPageThatThisBeganWith() {
        guard let page = SharedFolder.text("seeds/000_95fdee24b0a6ddf4.txt", neededFor: "the page on MSNP4") else {
            return
        }
        let said = read(page)
        let verbs = said.map { $0.split(separator: " ").prefix(3).joined(separator: " ") }
        #expect(
            verbs == [
                "0 opened", "0 C VER", "0 S VER", "0 C INF", "0 S INF", "0 C USR", "0 S XFR", "1 opened 10.0.0.5:1863",
                "1 C VER", "1 S VER", "1 C INF", "1 S INF", "1 C USR", "1 S USR", "1 C USR", "1 S USR", "1 S MSG",
                "1 length_mismatch", "1 C SYN", "1 S SYN", "1 C CHG", "1 S CHG", "1 C SND", "1 S SND", "1 C OUT",
                "1 S OUT",
            ])
        #expect(said.contains { $0.contains("[MIME-Version: 1.0~Content-Type: ") && $0.contains("~kv: 11~MSPAuth: ") })
    }

    @Test func theSecondPage() {
        guard let page = SharedFolder.text("seeds/004_16d98904e446ec68.txt", neededFor: "the page on CVQ") else {
            return
        }
        let said = read(page)
        let verbs = said.map { $0.split(separator: " ").prefix(4).joined(separator: " ") }
        #expect(
            verbs == [
                "0 opened", "0 C CVQ 1", "0 S CVQ 1", "1 opened", "1 C CVQ 2", "1 S CVQ 2", "2 opened", "2 C CVQ 3",
                "2 S 420 3", "2 C CVQ 4", "2 S 420 4", "2 C CVQ 5", "2 S 710 5", "2 C CVQ 6", "2 S 731 6",
            ])
        #expect(said.filter { $0.contains("S CVQ") }.allSatisfy { $0.split(separator: " ").count == 9 })
    }

    @Test func theWorkedSessions() {
        guard let page = SharedFolder.text("protocol/sessions.md", neededFor: "the worked sessions") else { return }
        let said = read(page)
        #expect(!said.contains { $0.hasSuffix("length_mismatch") })
        // What is no command, such as the blocks of a file, is noise.
        let marked = page.split(separator: "\n").count { $0.hasPrefix("C: ") || $0.hasPrefix("S: ") }
        // Also there: a request to the gateway with its answer, and an MSNSLP message without a command.
        #expect(said.count { !$0.contains(" opened") } == marked + 3)
    }
}
