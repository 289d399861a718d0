// The title, the list of contents and the colours of transcript pages.

import Foundation
import Testing

@testable import Transcripts

@Suite struct PageContentsTests {
    /// Two conversations of Alice on two days, with Bob and with Carol.
    private static let days: TranscriptScenario = {
        var scenario = TranscriptScenario()
        for (connection, person) in [(1, "bob"), (2, "carol"), (3, "bob")] {
            scenario.call(connection, [person], session: connection)
            scenario.s(connection, "MSG \(person)@example.com \(person.capitalized)", text: "hi")
            scenario.close(connection)
            scenario.wait(86_400 * 20)
        }
        return scenario
    }()

    private static func page(_ scenario: TranscriptScenario) -> String {
        let reading = scenario.reading
        return scenario.written(ChatHTML(contents: ChatHeading.all(reading.conversations, names: reading.names)))
    }

    @Test func everyConversationIsLinkedByPersonAndByDay() {
        let page = Self.page(Self.days)
        #expect(page.contains("<title>Conversations of Alice A (alice@example.com), 2005-05-06 to 2005-06-15</title>"))
        #expect(page.contains("<h1>Conversations of Alice A (alice@example.com), 2005-05-06 to 2005-06-15</h1>"))
        #expect(
            page.contains(
                """
                <details open><summary><bdi>Bob</bdi> <bdi class="address">bob@example.com</bdi> (2)</summary>
                <ul>
                <li><a href="#v1">2005-05-06 15:28</a></li>
                <li><a href="#v3">2005-06-15 15:28</a></li>
                </ul></details>
                <details open><summary><bdi>Carol</bdi>
                """))
        #expect(page.contains("<li>2005-05-26 <a href=\"#v2\">15:28</a> <bdi>Carol</bdi></li>"))
        for link in page.matches(of: /href="#([^"]*)"/) {
            #expect(page.components("<section id=\"\(link.output.1)\">") == 1)
        }
        #expect(page.components("<section id=") == 3)
    }

    @Test func oneConversationNeedsNoList() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.s(1, "MSG bob@example.com Bob", text: "hi")
        scenario.close(1)
        let page = Self.page(scenario)
        #expect(page.contains("<h1>Alice A, Bob, 2005-05-06</h1>") && !page.contains("<nav>"))
    }

    /// Conversations of one notification connection have identifiers of their own.
    @Test func identifiersAreUnique() {
        var scenario = TranscriptScenario()
        scenario.open(1)
        scenario.c(1, "VER 1 MSNP21 CVR0")
        scenario.s(1, "VER 1 MSNP21")
        scenario.c(1, "USR 2 SSO I alice@example.com")
        scenario.s(1, "USR 2 OK alice@example.com 1 0")
        for partner in ["bob", "carol"] {
            let payload =
                "Routing: 1.0\r\nTo: 1:alice@example.com\r\nFrom: 1:\(partner)@example.com\r\n\r\nReliability: 1.0\r\n"
                + "\r\nMessaging: 2.0\r\nMessage-Type: Text\r\nContent-Type: text/plain; charset=UTF-8\r\n"
                + "Content-Length: 2\r\n\r\nhi"
            scenario.s(1, "SDG 0", Array(payload.utf8))
        }
        scenario.close(1)
        let reading = scenario.reading
        let ids = ChatHeading.all(reading.conversations, names: reading.names).map(\.id)
        #expect(ids == ["c1", "c1-2"])
    }

    /// Names in the lists are text.
    @Test(arguments: FormatTests.evil) func namesInTheListsAreNoMarkup(_ evil: String) {
        let name = evil.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        func scenario(_ name: String) -> TranscriptScenario {
            var scenario = TranscriptScenario()
            for connection in 1...2 {
                scenario.call(connection, ["bob"], session: connection)
                scenario.s(connection, "MSG bob@example.com \(name)", text: "hi")
                scenario.close(connection)
                scenario.wait(86_400)
            }
            return scenario
        }
        let page = Self.page(scenario(name))
        let tags = { (page: String) in
            page.split(separator: "<").map { $0.prefix { $0 != ">" } }.filter { !$0.contains("style") }
        }
        #expect(tags(page).count == tags(Self.page(scenario("harmless"))).count)
        #expect(!page.lowercased().contains("<script") && !page.contains("<iframe"))
    }

    // MARK: Colours

    /// Every colour that senders can choose is readable on both bubbles, light and dark; those that were stay.
    @Test func everyColorHasContrast() {
        var colors = [UInt32](0...255).map { $0 << 16 | $0 << 8 | $0 }
        for red in stride(from: UInt32(0), through: 255, by: 15) {
            for green in stride(from: UInt32(0), through: 255, by: 15) {
                for blue in stride(from: UInt32(0), through: 255, by: 15) {
                    colors.append(red << 16 | green << 8 | blue)
                }
            }
        }
        for background in [PageStyle.ownBubble.light, PageStyle.ownBubble.dark] {
            for color in colors {
                let adjusted = TextContrast.adjusted(color, on: background)
                let ratio = TextContrast.ratio(adjusted, background)
                if ratio < TextContrast.least { Issue.record("\(String(color, radix: 16)): \(ratio)") }
                if TextContrast.ratio(color, background) >= TextContrast.least, adjusted != color {
                    Issue.record("\(String(color, radix: 16)) was changed")
                }
            }
        }
    }

    @Test func contrastAsInTheStandard() {
        #expect(abs(TextContrast.ratio(0x000000, 0xFFFFFF) - 21) < 0.001)
        #expect(abs(TextContrast.ratio(0x777777, 0xFFFFFF) - 4.478) < 0.001)
        #expect(TextContrast.ratio(0x123456, 0x123456) == 1)
        // No darker than needed.
        #expect(TextContrast.ratio(TextContrast.adjusted(0xFFFF80, on: 0xE4F0FF), 0xE4F0FF) < 4.6)
    }

    /// The page's own colours, in both schemes.
    @Test func thePageHasContrast() throws {
        let page = Self.page(Self.days)
        let schemes = page.matches(of: /:root \{([^}]*)\}/).map { match in
            Dictionary(
                match.output.1.matches(of: /--([a-z-]+): #([0-9a-f]{6})/).map {
                    (String($0.output.1), UInt32($0.output.2, radix: 16) ?? 0)
                }
            ) { $1 }
        }
        #expect(schemes.count == 2)
        for colors in schemes {
            for (text, background) in [
                ("ink", "page"), ("dim", "page"), ("link", "page"), ("bad", "page"), ("text", "bubble"),
                ("text", "own-bubble"),
            ] {
                let ratio = TextContrast.ratio(try #require(colors[text]), try #require(colors[background]))
                #expect(ratio >= TextContrast.least, "\(text) on \(background): \(ratio)")
            }
        }
        #expect(schemes.compactMap { $0["own-bubble"] } == [PageStyle.ownBubble.light, PageStyle.ownBubble.dark])
        // The other bubble needs no more contrast: it is lighter on light pages and darker on dark ones.
        let others = schemes.compactMap { $0["bubble"] }
        #expect(TextContrast.ratio(others[0], 0) > TextContrast.ratio(PageStyle.ownBubble.light, 0))
        #expect(TextContrast.ratio(others[1], 0) < TextContrast.ratio(PageStyle.ownBubble.dark, 0))
    }
}
