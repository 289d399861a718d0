// The log as people read it.

import EventSamples
import Events
import MSNP
import Testing

@testable import Output

@Suite struct TextFormatTests {
    @Test func oneLineAFrame() throws {
        #expect(logText(try Sample.frame("XFR 15 SB\r\n")) == "15:28:18.123456 NS#3 C: XFR 15 SB\n")
        #expect(logText(try Sample.frame("QNG 50\n", .server, role: .unknown)) == "15:28:18.123456 --#3 S: QNG 50\n")
        #expect(logText(try Sample.frame("CVQ 2  \r\n", role: .dispatch)) == "15:28:18.123456 DS#3 C: CVQ 2  \n")
        #expect(
            logText(Sample.event(.listening(HostPort("127.0.0.1", 1863)), conn: 0))
                == "15:28:18.123456 listening on 127.0.0.1:1863\n")
    }

    @Test func payloadsStandIndentedBelow() throws {
        let event = try Sample.frame("MSG 4 N 29\r\nA: b\r\n\r\nline one\nline two\r\n", role: .switchboard)
        #expect(
            logText(event)
                == "15:28:18.123456 SB#3 C: MSG 4 N 29\n    A: b\n\n    line one\n    line two\n")
        #expect(logText(event, detail: 0) == "15:28:18.123456 SB#3 C: MSG 4 N 29\n")
    }

    @Test func binaryIsAHexExcerpt() throws {
        let body = (0..<100).map { UInt8($0) }
        let frame = try Sample.frame(Array("MSG 4 D 108\r\nA: b\r\n\r\n".utf8) + body)
        let shown = logText(Sample.event(.frame(frame, from: .client), role: .switchboard))
        let lines = shown.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        try #require(lines.count == 1 + 1 + 1 + 4 + 1, "\(shown)")
        #expect(lines[1] == "    A: b")
        #expect(lines[3].hasPrefix("    0000 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f"))
        #expect(lines[6].hasSuffix("0123456789:;<=>?"))
        #expect(lines[7] == "    \u{2026} 36 more bytes")
        let whole = logText(Sample.event(.frame(frame, from: .client), role: .switchboard), detail: 3)
        #expect(!whole.contains("more bytes") && whole.contains("    0060 60 61 62 63"))
    }

    @Test func argumentsByNameAndErrorsExplained() throws {
        let shown = logText(
            Sample.explained(try Sample.frame("XFR 15 SB 10.0.0.6:1863 CKI 1.2\r\n", .server)), detail: 2)
        #expect(shown.split(separator: "\n").count == 2 && shown.contains("10.0.0.6:1863"))
        #expect(!shown.contains("1.2"))
        let error = logText(try Sample.frame("911 7\r\n", .server), detail: 2)
        #expect(error.split(separator: "\n").count >= 2, "\(error)")
        #expect(logText(try Sample.frame("911 7\r\n", .server), detail: 1).split(separator: "\n").count == 1)
    }

    @Test func whatPeersSentCannotMoveTheCursor() throws {
        let frame = try Sample.frame(
            Array("NLN NLN a@b \u{1B}[2J\u{9B}31m\u{202E}".utf8) + [0x07, 0x7F, 0xE9] + Array("\r\n".utf8))
        let shown = logText(Sample.event(.frame(frame, from: .server)))
        #expect(
            shown == "15:28:18.123456 NS#3 S: NLN NLN a@b \u{241B}[2J\\u{9b}31m\\u{202e}\u{2407}\u{2421}\\xe9\n")
        let finding = logText(Sample.event(.finding(Finding(recorded: .other("x"), "a\u{1B}[0mb\nc", side: nil))))
        #expect(!finding.contains("\u{1B}") && finding.filter { $0 == "\n" }.count == 1)
        let closed = logText(Sample.event(.opened(Endpoints(client: "a\u{1B}", server: "b\r\n"))))
        #expect(!closed.contains("\u{1B}") && closed.filter(\.isNewline).count == 1)
    }

    @Test func coloursOnlyWhenAskedFor() throws {
        let event = try Sample.frame("PNG\r\n")
        #expect(!logText(event).contains("\u{1B}"))
        let colored = logText(event, colors: true)
        #expect(colored.hasPrefix("\u{1B}[") && colored.hasSuffix("\u{1B}[0m\n"))
        let byRole = try Set(
            [Role.dispatch, .notification, .switchboard].flatMap { role in
                try Side.allCases.map { logText(try Sample.frame("PNG\r\n", $0, role: role), colors: true).prefix(5) }
            })
        #expect(byRole.count >= 5)
    }

    /// The date is written before the first event of each day, and never where it is unknown.
    @Test func days() throws {
        var format = TextFormat(Presentation())
        var bytes: [UInt8] = []
        for nanoseconds: Int64 in [
            5_000, 82_800_000_000_000, 1_115_369_999_999_999_999, 1_115_370_000_000_000_000, 1_115_424_000_000_000_000,
            1_115_423_999_999_000_000,
        ] {
            var event = try Sample.frame("PNG\r\n")
            event.time = Timestamp(nanoseconds: nanoseconds)
            format.append(event, to: &bytes)
        }
        #expect(
            String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { String($0) } == [
                "00:00:00.000005 NS#3 C: PNG", "23:00:00.000000 NS#3 C: PNG", "2005-05-06 UTC",
                "08:59:59.999999 NS#3 C: PNG", "09:00:00.000000 NS#3 C: PNG", "2005-05-07 UTC",
                "00:00:00.000000 NS#3 C: PNG", "2005-05-06 UTC", "23:59:59.999000 NS#3 C: PNG",
            ])
    }

    @Test func theOtherEvents() throws {
        #expect(
            logText(Sample.event(.gap(bytes: 5, offset: 6, from: .server))).hasSuffix("S: gap, 5 bytes missing at 6\n"))
        let original = try Sample.frame(Array("XFR 3 NS 10.0.0.5:1863\r\n".utf8))
        let sent = try Sample.frame(Array("XFR 3 NS 192.0.2.7:1863\r\n".utf8))
        let rewritten = logText(
            Sample.event(
                .rewritten(Rewriting(original: original, sent: sent, from: "10.0.0.5:1863", to: "192.0.2.7:1863"))))
        #expect(rewritten.contains("S: XFR 3 NS 192.0.2.7:1863 ") && rewritten.contains("10.0.0.5:1863"))
        var message = Message(from: "a@b", to: ["c@d"], bytes: Array("x\u{1B}y".utf8), conversation: "1", side: .client)
        // In one part it stands in its frame's payload already.
        #expect(logText(Sample.event(.message(message))).isEmpty)
        message.parts = 2
        #expect(logText(Sample.event(.message(message))).hasSuffix("message a@b \u{2192} c@d: x\u{241B}y\n"))
    }

    @Test func aFormatThatIsUsedOnKeepsItsClockRight() throws {
        var format = TextFormat(Presentation())
        var bytes: [UInt8] = []
        for second in [59, 60, 59, 3_600, 86_400, 0] as [Int64] {
            var event = try Sample.frame("PNG\r\n")
            event.time = Timestamp(nanoseconds: second * 1_000_000_000)
            format.append(event, to: &bytes)
        }
        let clocks = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { $0.prefix(8) }
        #expect(clocks == ["00:00:59", "00:01:00", "00:00:59", "01:00:00", "00:00:00", "00:00:00"])
    }

    @Test func nothingDescribesTheKeyOfAPresentation() {
        var presentation = Presentation()
        presentation.maskKey = MaskKey([UInt8](repeating: 0xAB, count: 32))
        var dumped = ""
        dump(presentation, to: &dumped)
        for text in ["\(presentation)", dumped] {
            #expect(!text.contains("171") && !text.lowercased().contains("abab"))
        }
    }
}
