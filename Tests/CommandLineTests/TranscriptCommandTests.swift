// transcript as people run it, and the messages that decode shows alone.

import Foundation
import Testing

@Suite(.timeLimit(.minutes(2))) struct TranscriptCommandTests {
    @Test func aDisplayPictureStandsInThePage() async throws {
        let archived = try await ExportCommandTests.Archived("transfers.pcap")
        let page = try await archived.run("transcript", "--format", "html")
        #expect(page.code == 0)
        #expect(page.output.contains("<img src=\"data:image/png;base64,"))
        #expect(page.output.contains("showed a display picture"))
        let text = try await archived.run("transcript")
        #expect(text.code == 0 && text.output.contains("song.mp3") && !text.output.contains("data:image"))
    }

    @Test func messagesAloneAreShown() async throws {
        let demo = ShownCommand.root.appending(path: "captures/demo.pcap").path
        let alone = try await Program(["decode", demo, "--where", "event == message"]).outcome()
        #expect(alone.code == 0 && alone.output.contains("message alice@example.com"))
        // Where the payload is shown, its words are not said twice.
        let all = try await Program(["decode", demo]).outcome()
        #expect(!all.output.contains("message alice@example.com"))
    }
}
