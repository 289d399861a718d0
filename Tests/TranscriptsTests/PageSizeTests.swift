// Pages and logs are as large as what they hold, and are written in pieces.

import Charsets
import Events
import Foundation
import MSNP
import Payloads
import Testing
import Transcripts

@Suite struct PageSizeTests {
    private static let image = "data:image/png;base64,\(String(repeating: "A", count: 100_000))"

    private static func written(_ scenario: TranscriptScenario, _ format: some ChatFormat) -> (
        text: String, largest: Int
    ) {
        var format = format
        var all: [UInt8] = []
        var bytes: [UInt8] = []
        var largest = 0
        func take(_ piece: inout [UInt8]) {
            largest = max(largest, piece.count)
            all += piece
            piece.removeAll(keepingCapacity: true)
        }
        format.begin(count: 1, to: &bytes)
        for (conversation, entries) in zip(scenario.conversations, scenario.entries()) {
            format.open(ChatHeading(conversation, number: 1, names: scenario.reading.names), to: &bytes)
            take(&bytes)
            for entry in entries {
                format.append(entry, to: &bytes) { take(&$0) }
                take(&bytes)
            }
            format.close(to: &bytes)
        }
        format.finish(to: &bytes)
        take(&bytes)
        return (String(decoding: all, as: UTF8.self), largest)
    }

    private static func emoticon(_ scenario: inout TranscriptScenario, _ shortcut: String, digest: String = "p=") {
        scenario.s(
            1, "MSG bob@example.com Bob",
            Array("Content-Type: text/x-mms-emoticon\r\n\r\n\(shortcut)\t<msnobj SHA1D=\"\(digest)\"/>\t".utf8))
    }

    /// One dot is an emoticon, and a message is a million dots: the picture stands there once, the rest is text.
    @Test func aPictureStandsInAPageOnce() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        Self.emoticon(&scenario, ".")
        let dots = String(repeating: ".", count: 1 << 20)
        scenario.s(1, "MSG bob@example.com Bob", text: dots)
        for _ in 0..<50 { scenario.s(1, "MSG bob@example.com Bob", text: String(repeating: ".", count: 1_500)) }
        scenario.close(1)
        let (page, largest) = Self.written(scenario, ChatHTML { _ in Self.image })
        #expect(page.components(Self.image) == 1)
        #expect(page.utf8.count < 2 << 20, "\(page.utf8.count)")
        #expect(largest < 300 << 10, "\(largest)")
        // What has no picture any more is its letters.
        let letters = page.replacing(/<i [^>]*>\.<\/i>/, with: ".")
        #expect(letters.contains(">\(dots)</span>"))
        #expect(page.components("role=\"img\"") == 51 * 100 + 1)
    }

    /// The name of a sender stands once in the recording, and in every entry of a page.
    @Test func longAccountsAndNamesAreCutInEntries() {
        let account = String(repeating: "ö", count: 2_000) + "@example.com"
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        for _ in 0..<500 { scenario.s(1, "MSG \(account) \(String(repeating: "N", count: 4_000))", text: ".") }
        scenario.close(1)
        let (page, _) = Self.written(scenario, ChatHTML { _ in Self.image })
        #expect(page.components(">.</span>") == 500)
        #expect(page.utf8.count < 500 * 2_000, "\(page.utf8.count)")
        #expect(page.contains("title=\"\(String(repeating: "ö", count: 128))…\""))
    }

    /// Messages whose answer never comes wait for it, within bounds: the last of them shows all messages before.
    @Test func whatWaitsForAnAnswerIsBoundedInBytes() throws {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        for number in 0..<40 { scenario.c(1, "MSG \(100 + number) A", text: String(repeating: "a", count: 1 << 20)) }
        scenario.s(1, "MSG bob@example.com Bob", text: "the last one")
        scenario.close(1)
        let reading = scenario.reading
        var reader = ConversationReader(
            try #require(reading.conversations.first), names: reading.names, sideEvents: [:], charsets: .iconv,
            showsTyping: false)
        var (sent, given) = (0, 0)
        for event in scenario.events {
            if case .frame(let frame, _) = event.kind, frame.verb == "MSG" { sent += 1 }
            reader.take(event) { if case .text = $0.what { given += 1 } }
            #expect(sent - given <= 9)
        }
        reader.finish { if case .text = $0.what { given += 1 } }
        #expect(sent == 41 && given == 41)
    }

    /// The same picture under many names, and in two conversations.
    @Test func manyShortcutsOfOnePicture() {
        var scenario = TranscriptScenario()
        for day in 1...2 {
            scenario.call(day, ["bob"], session: day)
            let list = (0..<150).map { "(\($0))\t<msnobj SHA1D=\"p=\"/>\t" }.joined()
            scenario.s(
                day, "MSG bob@example.com Bob", Array("Content-Type: text/x-mms-emoticon\r\n\r\n\(list)".utf8))
            scenario.s(day, "MSG bob@example.com Bob", text: "(149) and (0)")
            scenario.close(day)
            scenario.wait(86_400)
        }
        let page = scenario.written(ChatHTML { _ in Self.image })
        #expect(page.components(Self.image) == 1)
        #expect(page.components(">(149)</i> and (0)</span>") == 2)
    }

    @Test(arguments: [".", "&", "\r\n", "\u{1}", "<a>", "😀", "a\r", "\n"]) func longTextsAreWrittenInPieces(
        _ unit: String
    ) {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        let text = String(repeating: unit, count: 300_000) + "x"
        scenario.s(1, "MSG bob@example.com Bob", text: text)
        scenario.close(1)
        for (written, largest) in [
            Self.written(scenario, ChatText()), Self.written(scenario, ChatHTML()),
            Self.written(scenario, MessageLogXML()),
        ] {
            #expect(largest < 400 << 10, "\(largest)")
            #expect(written.utf8.count < 13 * text.utf8.count)
        }
        // The result is the same as of a short text.
        let lines = "one\r\ntwo\rthree\n\nfour\r\n\r\n"
        var short = TranscriptScenario()
        short.call(1, ["bob"], session: 11)
        short.s(1, "MSG bob@example.com Bob", text: lines)
        let margin = "\n           "
        #expect(short.written(ChatText()).contains("Bob: one\(margin)two\(margin)three\(margin)\(margin)four\n"))
        #expect(short.written(ChatHTML()).contains(">one\ntwo\nthree\n\nfour</span>"))
        #expect(short.written(MessageLogXML()).contains(">one\ntwo\nthree\n\nfour</Text>"))
    }

    /// Many readers with long names do not make a log of gigabytes.
    @Test func theReadersOfAMessageAreCounted() throws {
        var scenario = TranscriptScenario()
        scenario.open(1)
        scenario.c(1, "USR 1 alice@example.com 17.1")
        scenario.s(1, "USR 1 OK alice@example.com Alice")
        for number in 0..<500 {
            scenario.s(1, "JOI p\(number)@example.com \(String(repeating: "n", count: 300))\(number)")
        }
        for number in 0..<20 { scenario.c(1, "MSG \(number) U", text: ".") }
        scenario.close(1)
        let log = scenario.written(MessageLogXML())
        #expect(log.components("more\"/></To>") == 20 && log.utf8.count < 600_000)
        _ = try Elements(log)
    }

    /// Shortcuts that begin with each other: the longest one counts, and what only begins like one is text.
    @Test func theLongestShortcutCounts() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        for shortcut in [":)", ":))", "ab", "abc", "abd", "é"] { Self.emoticon(&scenario, shortcut) }
        scenario.s(1, "MSG bob@example.com Bob", text: "x:)) :) abce abd ab a aé")
        let page = scenario.written(ChatHTML { _ in Self.image })
        let text = page.replacing(/<i class="e1" role="img" aria-label="[^"]*">([^<]*)<\/i>/) { "[\($0.output.1)]" }
        #expect(text.contains(">x[:))] [:)] [abc]e [abd] [ab] a a[é]</span>"))
    }
}
