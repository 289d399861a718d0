// The formats of a transcript, and what must not get into them.

import Events
import Foundation
import FoundationXML
import Payloads
import Testing
import Transcripts

@Suite struct FormatTests {
    /// Three people, with every kind of entry.
    static let group: TranscriptScenario = {
        var scenario = TranscriptScenario()
        scenario.open(7)
        scenario.c(7, "VER 1 MSNP8 CVR0")
        scenario.close(7)
        scenario.call(1, ["bob", "carol"], session: 11)
        scenario.c(1, "MSG 4 A", text: "Hello\r\nall", format: "FN=MS%20Sans%20Serif; EF=BIUS; CO=ff; CS=0; PF=22")
        scenario.s(1, "ACK 4")
        scenario.s(
            1, "MSG bob@example.com Bob", text: "(pie) <3 & \"so\"", format: "FN=Comic; EF=; CO=80ffff; CS=0; PF=22")
        scenario.s(1, "MSG carol@example.com Carol", text: "שלום", format: "FN=; EF=; CO=0; CS=b1; PF=0; RL=1")
        scenario.s(1, "MSG bob@example.com Bob", body("text/x-msnmsgr-datacast", "ID: 1\r\n\r\n"))
        scenario.s(
            1, "MSG bob@example.com Bob", body("text/x-msnmsgr-datacast", "ID: 2\r\nData: <msnobj SHA1D=\"w=\"/>\r\n"))
        scenario.s(1, "MSG bob@example.com Bob", body("text/x-msnmsgr-datacast", "ID: 3\r\nData: <msnobj/>\r\n"))
        scenario.s(1, "MSG bob@example.com Bob", body("text/x-msnmsgr-datacast", "ID: 4\r\nData: rolls his eyes\r\n"))
        scenario.s(1, "MSG carol@example.com Carol", body("image/gif", "base64:R0lGODlhAQ=="))
        scenario.s(1, "MSG carol@example.com Carol", body("text/x-mms-emoticon", "(pie)\t<msnobj SHA1D=\"p=\"/>\t"))
        scenario.s(1, "MSG carol@example.com Carol", text: "a (pie)!")
        let offer =
            "Application-Name: File Transfer\r\nInvitation-Command: INVITE\r\nInvitation-Cookie: 5\r\n"
            + "Application-File: notes.txt\r\nApplication-FileSize: 4100\r\n"
        scenario.c(1, "MSG 5 N", body("text/x-msmsgsinvite; charset=UTF-8", offer))
        scenario.s(
            1, "MSG bob@example.com Bob",
            body("text/x-msmsgsinvite; charset=UTF-8", "Invitation-Command: ACCEPT\r\nInvitation-Cookie: 5\r\n"))
        scenario.s(
            1, "MSG bob@example.com Bob",
            body("text/x-msmsgsinvite", "Invitation-Command: CANCEL\r\nInvitation-Cookie: 5\r\nCancel-Code: FAIL\r\n"))
        scenario.s(1, "MSG bob@example.com Bob", body("text/x-clientcaps", "Client-Name: x\r\n"))
        scenario.lose(1, 1)
        scenario.s(1, "BYE carol@example.com")
        scenario.wait(86_400 / 40)
        scenario.close(1)
        return scenario
    }()

    private static func body(_ type: String, _ text: String) -> [UInt8] {
        Array("MIME-Version: 1.0\r\nContent-Type: \(type)\r\n\r\n\(text)".utf8)
    }

    @Test func text() {
        #expect(
            Self.group.written(ChatText()) == """
                === Alice A <alice@example.com>, Bob <bob@example.com>, Carol <carol@example.com>  (c1)
                --- 2005-05-06 UTC
                [15:28:24] * Bob joined
                [15:28:27] * Carol joined
                [15:28:28] Alice A: Hello
                           all
                [15:28:30] Bob: (pie) <3 & "so"
                [15:28:31] Carol: שלום
                [15:28:32] * Bob sent a nudge
                [15:28:33] * Bob sent a wink
                [15:28:34] * Bob sent a voice clip
                [15:28:35] * Bob rolls his eyes
                [15:28:36] * Carol drew something (7 bytes)
                [15:28:37] * Carol uses pictures for (pie)
                [15:28:38] Carol: a (pie)!
                [15:28:39] * Alice A offers the file "notes.txt" (4100 bytes)
                [15:28:40] * Bob accepts the invitation
                [15:28:41] * Bob declines or cancels (FAIL)
                [15:28:42] *** 1 byte is missing here
                [15:28:43] * Carol left

                """)
    }

    @Test func html() throws {
        let page = Self.group.written(ChatHTML(title: "Talk"))
        let start = try #require(page.range(of: "<section "))
        #expect(
            String(page[start.lowerBound...].prefix { $0 != "א" }).hasPrefix(
                """
                <section id="v1">
                <h2><bdi>Alice A</bdi> <bdi class="address">alice@example.com</bdi>, <bdi>Bob</bdi> <bdi class="address">bob@example.com</bdi>, <bdi>Carol</bdi> <bdi class="address">carol@example.com</bdi></h2>
                <p class="where">2005-05-06 15:28:20 – 2005-05-06 16:04:43 UTC, c1</p>
                <h3>2005-05-06</h3>
                <p><time datetime="2005-05-06T15:28:24.000000Z">15:28:24</time><bdi class="name" title="bob@example.com">Bob</bdi><span class="event">joined</span></p>
                <p><time datetime="2005-05-06T15:28:27.000000Z">15:28:27</time><bdi class="name" title="carol@example.com">Carol</bdi><span class="event">joined</span></p>
                <p class="own"><time datetime="2005-05-06T15:28:28.000000Z">15:28:28</time><bdi class="name" title="alice@example.com">Alice A</bdi><span class="text" dir="auto" style="font-family:&#39;MS Sans Serif&#39;,sans-serif;font-weight:bold;font-style:italic;text-decoration:underline line-through;--l:#dc0000;--d:#ff6767">Hello
                all</span></p>
                <p><time datetime="2005-05-06T15:28:30.000000Z">15:28:30</time><bdi class="name" title="bob@example.com">Bob</bdi><span class="text" dir="auto" style="font-family:&#39;Comic&#39;,sans-serif;--l:#6f6f38;--d:#ffff80">(pie) &lt;3 &amp; &quot;so&quot;</span></p>
                <p><time datetime="2005-05-06T15:28:31.000000Z">15:28:31</time><bdi class="name" title="carol@example.com">Carol</bdi><span class="text" dir="rtl" style="">שלום</span></p>
                """))
        #expect(page.contains("<img src=\"data:image/gif;base64,R0lGODlhAQ==\" alt=\"a drawing\""))
        #expect(page.contains("(pie)!") && page.hasSuffix("</section>\n</body>\n</html>\n"))
        Self.loadsNothing(page)
    }

    /// A recording without any acknowledgement says nothing about a single message.
    @Test func whereNothingIsAcknowledgedNothingIsMissing() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.c(1, "MSG 10 A", text: "hello?")
        scenario.s(1, "MSG bob@example.com Bob", text: "yes?")
        scenario.close(1)
        #expect(!scenario.written(ChatText()).contains("acknowledged"))
    }

    @Test func aDrawingThatIsNoGIFIsNoPicture() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.s(1, "MSG bob@example.com Bob", Self.body("image/gif", "base64:PHN2Zy8+"))
        let page = scenario.written(ChatHTML())
        #expect(page.contains("drew something (6 bytes)") && !page.contains("<img"))
    }

    @Test func picturesInTheirPlaces() {
        let image = "data:image/png;base64,AAAA"
        let page = Self.group.written(ChatHTML { $0 == "p=" ? image : nil })
        #expect(page.contains("a <i class=\"e1\" role=\"img\" aria-label=\"(pie)\">(pie)</i>!"))
        // The picture itself stands in the page once.
        #expect(page.components(image) == 1)
        // Bob's pie is his own business.
        #expect(page.contains("(pie) &lt;3") && page.components("<i class=\"") == 2 && page.components("<img") == 1)
        for evil in ["javascript:alert(1)", "http://example.net/x.png", "data:text/html,x", "data:image/svg+xml,x"] {
            #expect(!Self.group.written(ChatHTML { _ in evil }).contains(evil))
        }
        let quoted = Self.group.written(ChatHTML { _ in "data:image/png,\" onload=\"x" })
        #expect(!quoted.contains("\" onload") && !quoted.contains("<svg"))
        let styled = Self.group.written(ChatHTML { _ in "data:image/png;base64,AA)}body{background:url(//x" })
        #expect(!styled.contains("url("))
    }

    @Test func xml() throws {
        let log = Self.group.written(MessageLogXML())
        #expect(log.components("Delivery=\"acknowledged\"") == 1 && log.components("Delivery=") == 1)
        #expect(
            log.hasPrefix(
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <?xml-stylesheet type='text/xsl' href='MessageLog.xsl'?>
                <Log FirstSessionID="1" LastSessionID="1">
                <Join Date="2005-05-06" Time="15:28:24" DateTime="2005-05-06T15:28:24.000Z" SessionID="1"><User FriendlyName="Bob"/><Text Style="color:#545454; ">Bob has joined the conversation.</Text></Join>
                """))
        #expect(
            log.contains(
                """
                <Message Date="2005-05-06" Time="15:28:28" DateTime="2005-05-06T15:28:28.000Z" SessionID="1" Delivery="acknowledged"><From><User FriendlyName="Alice A"/></From><To><User FriendlyName="Bob"/><User FriendlyName="Carol"/></To><Text Style="font-family:MS Sans Serif; font-weight:bold; font-style:italic; text-decoration:underline line-through; color:#ff0000; ">Hello
                all</Text></Message>
                """))
        #expect(
            log.contains(
                """
                SessionID="1"><From><User FriendlyName="Alice A"/></From><File>notes.txt</File><Text Style="color:#545454; ">Alice A offers the file &quot;notes.txt&quot; (4100 bytes)</Text></Invitation>
                """))
        let elements = try Elements(log)
        #expect(elements.counts["Message"] == 11 && elements.counts["Join"] == 2 && elements.counts["Leave"] == 1)
        #expect(elements.counts["Invitation"] == 1 && elements.counts["InvitationResponse"] == 2)
    }

    @Test func markdown() {
        let text = Self.group.written(ChatMarkdown())
        #expect(
            text.hasPrefix(
                """
                ## Alice A \\<alice\\@example.com\\>, Bob \\<bob\\@example.com\\>, Carol \\<carol\\@example.com\\>

                v1 (c1)

                ### 2005-05-06 UTC

                - 15:28:24 **Bob** joined
                - 15:28:27 **Carol** joined
                - 15:28:28 **Alice A**: Hello\\
                  all
                - 15:28:30 **Bob**: (pie) \\<3 \\& "so"
                - 15:28:31 **Carol**: שלום
                - 15:28:32 **Bob** sent a nudge
                """))
        #expect(text.contains("- 15:28:42 *1 byte is missing here*\n"))
    }

    /// What begins a block, at the beginning of a line and elsewhere.
    @Test func linesThatBeginBlocks() {
        var scenario = TranscriptScenario()
        scenario.call(1, ["bob"], session: 11)
        scenario.s(
            1, "MSG bob@example.com Bob",
            text:
                "a\r\n- b\r\n+ c\r\n1. d\r\n  2) e\r\n===\r\n# f\r\n> g\r\n```\r\n| h |\r\nwww.x.org http://y 1.5 - ok")
        let text = scenario.written(ChatMarkdown())
        let lines = text.split(separator: "\n").drop { !$0.contains("**: a") }.map(String.init)
        #expect(
            lines == [
                #"- 15:28:24 **Bob**: a\"#, #"  \- b\"#, #"  \+ c\"#, #"  1\. d\"#, #"    2\) e\"#, #"  \===\"#,
                ##"  \# f\"##,
                #"  \> g\"#, #"  \`\`\`\"#, #"  \| h \|\"#, #"  www\.x.org http\://y 1\.5 - ok"#,
            ])
    }

    @Test func jsonLines() throws {
        let objects = try Self.group.written(ChatJSON()).split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(objects.map { $0["event"] as? String } == ["conversation"] + Array(repeating: "entry", count: 17))
        #expect(objects.allSatisfy { $0["id"] as? String == "v1" })
        let people = objects[0]["participants"] as? [[String: String]]
        #expect(people?.map { $0["name"] } == ["Alice A", "Bob", "Carol"])
        #expect(objects[0]["connections"] as? [String] == ["c1"])
        #expect(
            objects.dropFirst().map { $0["kind"] as? String } == [
                "joined", "joined", "text", "text", "text", "nudge", "wink", "voice_clip", "action", "drawing",
                "emoticons", "text", "invitation", "invitation", "invitation", "gap", "left",
            ])
        let hello = objects[3]
        #expect(hello["text"] as? String == "Hello\r\nall" && hello["delivery"] as? String == "acknowledged")
        #expect(hello["from"] as? String == "alice@example.com" && hello["name"] as? String == "Alice A")
        #expect(hello["own"] as? Bool == true && objects[16]["missing_bytes"] as? Int == 1)
    }

    // MARK: What peers write

    static let evil = [
        "<script>alert(1)</script>", "\"onload=alert(1) x=\"", "'onload=alert(1)//", "</style><script>",
        "url(http://x/)",
        "</span></p></section><iframe src=//x>", "]]><x>", "&#60;script&#62;",
        "\u{0}\u{1}\u{8}\u{B}\u{1B}[31m\u{7F}\u{9F}",
        "\u{202E}drow\u{2066}", "\u{FFFE}\u{FFFF}", "${x} {{x}} `x`", "--><!--", "javascript:alert(1)", "expression(x)",
    ]

    /// What they write stands in every place where something from the wire can stand.
    private static func hostile(_ evil: String) -> TranscriptScenario {
        let name = evil.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        var scenario = TranscriptScenario()
        scenario.open(1, at: "10.0.0.9:1863")
        scenario.c(1, "USR 1 alice@example.com 17.1")
        scenario.s(1, "USR 1 OK alice@example.com \(name)")
        scenario.s(1, "JOI \(evil.filter { !$0.isWhitespace && $0 != "\u{0}" })@x \(name)")
        scenario.s(1, "JOI bob@example.com \(name)")
        scenario.s(
            1, "MSG bob@example.com \(name)", text: evil, format: "FN=\(name); EF=\(evil); CO=\(evil); CS=0; PF=22")
        scenario.c(1, "MSG 5 A", text: evil, format: "FN=\(evil); EF=B; CO=12345678; CS=0; PF=22")
        scenario.c(1, "MSG 6 A", Array("Content-Type: text/plain\r\nP4-Context: \(evil)\r\n\r\n\(evil)".utf8))
        for type in [
            "text/x-mms-emoticon", "text/x-msnmsgr-datacast\r\nID: 2\r\nData: \(evil)",
            "text/x-msnmsgr-datacast\r\nID: 4\r\nData: \(evil)", "text/x-msnmsgr-datacast\r\nID: \(evil)", "image/gif",
            evil,
            "text/x-msmsgsinvite\r\nInvitation-Command: INVITE\r\nInvitation-Cookie: 1\r\nApplication-File: \(evil)",
            "text/x-msmsgsinvite\r\nInvitation-Command: \(evil)\r\nCancel-Code: \(evil)\r\nApplication-Name: \(evil)",
        ] {
            scenario.s(1, "MSG bob@example.com \(name)", body(type, "\(evil)\t<msnobj SHA1D=\"\(evil)\"/>\t"))
        }
        return scenario
    }

    @Test(arguments: evil) func nothingFromTheWireIsMarkup(_ evil: String) throws {
        let scenario = Self.hostile(evil)
        let plain = Self.hostile("harmless")
        let page = scenario.written(ChatHTML { _ in nil })
        Self.loadsNothing(page)
        #expect(page.components(separatedBy: "<p").count > 10)
        // What turns the direction of writing stands in texts alone, which are isolated.
        let outside = page.replacing(/<span class="text[^"]*" dir="[a-z]+" style="[^"]*">[^<]*<\/span>/, with: "")
        #expect(outside.unicodeScalars.allSatisfy { $0.properties.generalCategory != .format })
        // The same elements with the same attributes as if nothing had been tried.
        #expect(Self.skeleton(page) == Self.skeleton(plain.written(ChatHTML { _ in nil })))
        let log = scenario.written(MessageLogXML())
        #expect(try Elements(log).counts == Elements(plain.written(MessageLogXML())).counts)
        // Nothing reaches a terminal that it would obey.
        for text in [scenario.written(ChatText()), scenario.written(ChatMarkdown()), scenario.written(ChatJSON())] {
            #expect(
                text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
            #expect(!text.unicodeScalars.contains("\u{202E}"))
        }
        // As many list items and headings, and no character that begins markup.
        let markdown = scenario.written(ChatMarkdown())
        #expect(markdown.split(separator: "\n").count == plain.written(ChatMarkdown()).split(separator: "\n").count)
        let unescaped = markdown.replacing("**", with: "").replacing(/\\[!-~]/, with: "")
        #expect(!unescaped.contains { "`_{}[]<>|~&@$^".contains($0) }, "\(unescaped)")
        for line in scenario.written(ChatJSON()).split(separator: "\n") {
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
        }
    }

    /// The page's elements with the names of their attributes; `style` with the names of its declarations.
    private static func skeleton(_ page: String) -> [String] {
        page.split(separator: "<").dropFirst().map { piece in
            let tag = piece.prefix { $0 != ">" }
            var result = String(tag.prefix { $0 != " " })
            let pattern = /\s([a-z-]+)="([^"]*)"/
            for match in tag.matches(of: pattern) { result += " " + match.output.1 }
            // Whatever is left after those attributes would be an attribute of somebody else's.
            let rest = tag.replacing(pattern, with: "").dropFirst(result.prefix { $0 != " " }.count)
            return rest.isEmpty ? result : result + " + " + rest
        }
    }

    private static func loadsNothing(_ page: String) {
        // The only drawing is what brings the rules of pictures.
        let lower = page.replacing("<svg><style>", with: "").lowercased()
        #expect(lower.contains("default-src 'none'"))
        for word in [
            "<script", "<link", "<iframe", "<object", "<embed", "<base", "<form", "@import", " src=\"http", "<svg",
        ] {
            #expect(!lower.contains(word), "\(word)")
        }
        // In quotes and escaped this is only text; in a style it would not be.
        for style in page.matches(of: /style="([^"]*)"/) {
            let allowed =
                /(font-family:&#39;[\p{L}\p{N} -]+&#39;,sans-serif)?;?(font-weight:bold)?;?(font-style:italic)?;?(text-decoration:[a-z -]+)?;?(--l:#[0-9a-f]{6};--d:#[0-9a-f]{6})?/
            #expect(style.output.1.wholeMatch(of: allowed) != nil, "\(style.output.1)")
        }
    }
}

/// How often each element stands in a document that has to be well-formed.
final class Elements: NSObject, XMLParserDelegate {
    private(set) var counts: [String: Int] = [:]

    init(_ text: String) throws {
        super.init()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = self
        let isWellFormed = parser.parse()
        try #require(isWellFormed, "\(String(describing: parser.parserError)) line \(parser.lineNumber)")
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        counts[name, default: 0] += 1
    }
}
