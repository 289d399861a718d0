// The gallery: links to every file, and nothing from peers that a browser would run.

import Events
import Foundation
import MSNP
import TestSupport
import Testing

@testable import Extraction

@Suite struct IndexPageTests {
    /// The page links each file by an encoded, relative address. What a browser may run is to be saved, and never embedded.
    @Test func everyFileIsLinked() throws {
        let scratch = try Scratch()
        var harness = ExtractionHarness(try OutputFolder(scratch.path("out")))
        try harness.ask(ExtractorTests.object(ExtractorTests.png), session: 5)
        try harness.send(ExtractorTests.png, session: 5)
        for (cookie, name) in [(7, "a b%20#?\".svg"), (8, "javascript:alert(1)"), (9, "ünï.txt")] {
            for text in [
                "Invitation-Command: INVITE\r\nApplication-File: \(name)\r\nApplication-FileSize: 6",
                "Invitation-Command: ACCEPT\r\nAuthCookie: 9330\(cookie)",
            ] {
                try harness.message(
                    "text/x-msmsgsinvite; charset=UTF-8", Array("Invitation-Cookie: \(cookie)\r\n\(text)\r\n".utf8),
                    from: "ann@example.com")
            }
            try harness.line("USR bob@example.com 9330\(cookie)", from: .client, on: cookie)
            try harness.line("FIL 6", from: .server, on: cookie)
            let noise = Noise(
                bytes: [0, 6, 0] + Array("<svg/>".utf8) + [1, 0, 0], reason: .fileData, offset: 0)
            try harness.add(.noise(noise, from: .server), on: cookie, role: .fileTransfer)
        }
        try harness.extractor.endOfRecording()
        let page = String(decoding: try scratch.read("out/" + harness.extractor.writeIndex()), as: UTF8.self)
        let names = try scratch.names(in: "out").filter { $0 != "index.html" }
        let links = page.matches(of: /<a rel="noreferrer" href="([^"]*)"( download="")?>/)
        let decoded = links.map { $0.output.1.removingPercentEncoding ?? "" }
        #expect(names.count == 4 && Set(decoded) == Set(names), "\(decoded)")
        for link in links {
            #expect(link.output.1.wholeMatch(of: /[A-Za-z0-9._%-]+/) != nil)
            let isPassive = ["png", "txt"].contains { link.output.1.hasSuffix(".\($0)") }
            #expect((link.output.2 == nil) == isPassive, "\(link.output.0)")
        }
        #expect(page.components(separatedBy: "<img ").count == 2)
        #expect(
            page.contains("<img loading=\"lazy\" width=\"160\" height=\"112\" src=\"picture-ann%40example.com.png\""))
        // Again, as in a second run: the page is the program's own and is replaced.
        #expect(try harness.extractor.writeIndex() == "index.html")
    }

    /// Names, accounts and reasons come from peers: on the page they are text, whatever they contain.
    @Test func nothingOnThePageIsMarkup() throws {
        let scratch = try Scratch()
        let evil = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'&\u{202E}\u{0}"
        let friendly = Data(evil.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }).base64EncodedString()
        var harness = ExtractionHarness(try OutputFolder(scratch.path("out")))
        try harness.ask(ExtractorTests.object(ExtractorTests.png, friendly: friendly), session: 5)
        try harness.send(ExtractorTests.png, session: 5)
        try harness.message(
            "text/x-msmsgsinvite",
            Array("Invitation-Command: INVITE\r\nInvitation-Cookie: 7\r\nApplication-File: \(evil)\r\n".utf8),
            from: "<script>@example.com")
        try harness.message(
            "text/x-msmsgsinvite",
            Array("Invitation-Command: ACCEPT\r\nInvitation-Cookie: 7\r\nAuthCookie: \(evil)\r\n".utf8),
            from: "<script>@example.com")
        try harness.message(
            "text/x-msmsgsinvite",
            Array("Invitation-Command: CANCEL\r\nInvitation-Cookie: 7\r\nCancel-Code: \(evil)\r\n".utf8),
            from: "<script>@example.com")
        try harness.extractor.endOfRecording()
        #expect(harness.extractor.extracts.count == 2)
        let page = String(decoding: try scratch.read("out/" + harness.extractor.writeIndex()), as: UTF8.self)
        #expect(page.contains("&lt;script&gt;") && page.contains("default-src 'none'; img-src 'self'"))
        let body = page.drop { $0 != "/" }
        #expect(!page.contains("<script") && !page.contains("\u{202E}") && !page.contains("\u{0}"))
        #expect(!body.contains("onerror=alert(1)>\""))
        // Every tag is one of the page's own, and every picture a file beside it.
        let tags = page.split(separator: "<").dropFirst().map { $0.prefix { $0 != ">" && $0 != " " } }
        let own: Set<Substring> = [
            "!DOCTYPE", "html", "head", "meta", "title", "/title", "style", "/style", "/head", "body", "h1", "/h1", "p",
            "/p", "main", "/main", "article", "/article", "h2", "/h2", "a", "/a", "figure", "/figure", "img", "details",
            "/details", "summary", "/summary", "dl", "/dl", "dt", "/dt", "dd", "/dd", "/body", "/html",
        ]
        #expect(tags.allSatisfy(own.contains))
        #expect(page.split(separator: "<img ").count == 2)
        var lines: [UInt8] = []
        for extract in harness.extractor.inOrder {
            Listing(isJSON: true).append(extract, to: &lines)
            Listing(isJSON: false).append(extract, to: &lines)
        }
        #expect(lines.split(separator: 0x0A).count == 4 && lines.allSatisfy { $0 == 0x0A || $0 >= 0x20 })
    }

    @Test func sizesForPeople() {
        let sizes: [UInt64] = [0, 1, 9_999, 10_000, 999_999, 1_449_999, 2_000_000_000]
        #expect(
            sizes.map(Extract.readable) == [
                "0 bytes", "1 byte", "9999 bytes", "10 KB", "999 KB", "1.4 MB", "2.0 GB",
            ])
    }
}
