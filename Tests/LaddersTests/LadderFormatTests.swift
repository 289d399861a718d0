// How ladders are drawn, also with names that are meant to break a drawing.

import EventSamples
import Events
import Foundation
import Ladders
import MSNP
import Output
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite struct LadderFormatTests {
    @Test func drawsArrowsBetweenLinesOfLife() throws {
        var sample = LadderSample()
        sample.open(1, .dispatch, server: "10.0.0.9:1863")
        try sample.client("VER 1 MSNP8", on: 1, .dispatch)
        try sample.client("USR 2 TWN I anna@example.com", on: 1, .dispatch)
        try sample.server("XFR 2 NS 10.0.0.8:1863 0 10.0.0.9:1863", on: 1, .dispatch)
        sample.close(1, .dispatch)
        sample.open(2, server: "10.0.0.8:1863")
        try sample.client("VER 2 MSNP8", on: 2)
        #expect(
            sample.ladder.asText == """
                              10.0.0.1                        DS c1                           NS c2
                2005-05-06 UTC
                15:28:18.123    ├── open ──────────────────────▶●
                15:28:18.124    ├── VER 1 MSNP8 ───────────────▶│
                15:28:18.125    ├── USR 2 TWN I anna@example… ─▶│
                15:28:18.126    │◀─ XFR 2 NS 10.0.0.8:1863 0… ──┤  leads to c2
                15:28:18.127    │                               ┴ closed by the client
                15:28:18.128    ├── open ──────────────────────────────────────────────────────▶●  from c1.4
                15:28:18.129    ├── VER 2 MSNP8 ───────────────────────────────────────────────▶│

                """)
    }

    @Test(arguments: ["日本語の名前", "a\u{301}a\u{301}a\u{301}", "🦋🦋🦋🦋🦋🦋🦋🦋🦋🦋🦋🦋🦋", "\u{202E}evil", "x\u{1B}[31my"])
    func linesOfLifeStayInTheirColumns(_ name: String) throws {
        var sample = LadderSample()
        sample.open(1)
        try sample.client("REA 1 a@example.com \(name)", on: 1)
        try sample.server("REA 1 5 a@example.com \(name)", on: 1)
        let lines = sample.ladder.asText.split(separator: "\n").dropFirst(2)
        let ends = lines.map { line in
            DisplayWidth.of(String(line.prefix { !"●".contains($0) }.dropLast(line.hasSuffix("●") ? 0 : 1)))
        }
        #expect(ends.count == 3)
        #expect(Set(ends).count == 1, "\(sample.ladder.asText)")
        #expect(!sample.ladder.asText.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
    }

    /// Texts that would end or change something in one of the formats.
    static let hostile = [
        "<script>alert(1)</script>", "</text><image href=\"http://example.org/x\"/>",
        "\"><a xlink:href='javascript:1'>",
        "]]><x>", "end", "a;b#c%%d", "p0->>p1: x", "&amp;&#x3c;", "\u{0}\u{8}", "\u{2069}\u{202E}abc", "`click`",
    ]

    @Test(arguments: hostile) func hostileTextsStayTexts(_ text: String) throws {
        var sample = LadderSample()
        sample.open(1, .switchboard, signIn: SignIn(number: 1, account: text))
        try sample.message("text/plain; charset=UTF-8", text, on: 1)
        let ladder = sample.ladder

        let parser = XMLParser(data: Data(ladder.asSVG.utf8))
        let names = ElementNames()
        parser.delegate = names
        #expect(parser.parse())
        #expect(names.elements.isSubset(of: ["svg", "style", "line", "path", "g", "text"]))
        #expect(names.attributes.allSatisfy { !$0.hasPrefix("on") && !$0.contains("href") })

        let lines = ladder.asMermaid.split(separator: "\n", omittingEmptySubsequences: false)
        // The heading, two parties, the opening, the message, the end of the last line.
        #expect(lines.count == 6)
        #expect(lines[1...4].allSatisfy { $0.hasPrefix("    p") })
        let labels = lines[4].drop { $0 != ":" }.dropFirst(2)
        #expect(!labels.contains { "<>;\"%&`".contains($0) } || labels.contains("#"))
        #expect(!labels.split(separator: " ").contains { $0.lowercased() == "end" })

        for output in [ladder.asText, ladder.asSVG, ladder.asMermaid] {
            #expect(!output.unicodeScalars.contains { $0 == "\u{0}" || $0 == "\u{8}" || $0 == "\u{202E}" })
        }
    }

    @Test func mermaidNamesPartiesAndArrows() throws {
        var sample = LadderSample()
        sample.open(1, .dispatch)
        try sample.client("VER 1 MSNP8", on: 1, .dispatch)
        try sample.client("PNG", on: 1, .dispatch)
        #expect(
            sample.ladder.asMermaid == """
                sequenceDiagram
                    participant p0 as 10.0.0.1
                    participant p1 as DS c1
                    p0-)p1: 15:28:18.123 open
                    p0->>p1: VER 1 MSNP8
                    p0--)p1: 1 × PNG

                """)
    }

    @Test func anEmptyLadderIsDrawn() {
        let ladder = LadderSample().ladder
        #expect(ladder.asText.isEmpty)
        #expect(ladder.asMermaid == "sequenceDiagram\n")
        #expect(XMLParser(data: Data(ladder.asSVG.utf8)).parse())
    }
}

private final class ElementNames: NSObject, XMLParserDelegate {
    var elements: Set<String> = []
    var attributes: Set<String> = []

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes found: [String: String]
    ) {
        elements.insert(name)
        attributes.formUnion(found.keys)
    }
}
