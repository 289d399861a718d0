// transcript as people run it, and the messages that decode shows alone.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct TranscriptCommandTests {
    @Test func aDisplayPictureStandsInThePage() async throws {
        let archived = try await ExportCommandTests.Archived("transfers.pcap")
        let page = try await archived.run("transcript", "--format", "html")
        #expect(page.code == 0)
        #expect(page.output.components(separatedBy: "data:image/png;base64,").count == 2)
        #expect(page.output.contains("<i class=\"large e1\" role=\"img\" aria-label=\"display picture\">"))
        #expect(page.output.contains("showed a display picture"))
        let text = try await archived.run("transcript")
        #expect(text.code == 0 && text.output.contains("song.mp3") && !text.output.contains("data:image"))
        #expect(text.output.contains("* Anna showed a display picture"))
        // The capture has no acknowledgements: none is missing.
        #expect(!text.output.contains("acknowledged"))
    }

    /// The ending of the file's name chooses the format.
    @Test func formatsByEnding() async throws {
        let archived = try await ExportCommandTests.Archived("two-views.pcap")
        let scratch = try Scratch()
        for (ending, beginning) in [
            ("md", "## Anna \\<anna\\@example.com\\>, Ben"), ("jsonl", "{\"event\":\"conversation\",\"id\":\"v1\","),
            ("html", "<!DOCTYPE html>"), ("xml", "<?xml"), ("txt", "=== Anna"),
        ] {
            let file = scratch.path("a.\(ending)")
            let outcome = try await archived.run("transcript", "--output", file)
            #expect(outcome.code == 0 && outcome.errors.contains("MessageLog.xsl") == (ending == "xml"))
            let text = String(decoding: try scratch.read("a.\(ending)"), as: UTF8.self)
            #expect(text.hasPrefix(beginning), "\(text.prefix(80))")
        }
        let page = String(decoding: try scratch.read("a.html"), as: UTF8.self)
        #expect(page.contains("<title>Anna, Ben, 2005-06-28</title>") && page.contains("<section id=\"v1\">"))
        let standard = try await archived.run("transcript", "--output", "-")
        #expect(standard.code == 0 && standard.output.hasPrefix("=== Anna"))
    }

    /// A talk that two clients' connections show, over two switchboards at once, with what became of each message.
    @Test func aTalkSeenFourTimesIsToldOnce() async throws {
        let archived = try await ExportCommandTests.Archived("two-views.pcap")
        let text = try await archived.run("transcript")
        #expect(text.code == 0)
        let lines = text.lines.map { $0.hasPrefix("[") ? String($0.dropFirst(9)) : String($0) }
        #expect(
            lines == [
                "=== Anna <anna@example.com>, Ben <ben@example.org>  (c1, c2, c3, c4)", "--- 2005-06-28 UTC",
                "] * Ben joined", "] Anna: hello Ben", "] Ben: I was just calling you", "] Ben: this window, then?",
                "] Anna: yes", "] Anna: yes", "] Ben: or that one", "] * Anna left", " not delivered] Ben: gone?",
            ])
        // Whichever connection is named.
        #expect(try await archived.run("transcript", "v4").output == text.output)
    }

    @Test func messagesAloneAreShown() async throws {
        let demo = Repository.capture("demo.pcap")
        let alone = try await Program(["decode", demo, "--where", "event == message"]).outcome()
        #expect(alone.code == 0 && alone.output.contains("message alice@example.com"))
        // Where the payload is shown, its text is not repeated.
        let all = try await Program(["decode", demo]).outcome()
        #expect(!all.output.contains("message alice@example.com"))
    }
}
