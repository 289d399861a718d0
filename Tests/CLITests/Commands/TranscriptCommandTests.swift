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
                "] * Ben joined", " acknowledged] Anna: hello Ben",
                " acknowledged] Ben: I was just calling you",
                " acknowledged] Ben: this window, then?", "] Anna: yes", "] Anna: yes",
                " acknowledged] Ben: or that one", "] * Anna left", " refused] Ben: gone?",
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
