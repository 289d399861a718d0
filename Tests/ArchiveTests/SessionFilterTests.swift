// Which connections a filter leaves in the list of what was recorded.

import Events
import TestSupport
import Testing

@testable import Archive

@Suite struct SessionFilterTests {
    private func archive(_ scratch: Scratch) throws -> Archive {
        try Archive.importing(sampleCapture(["Good morning"]), in: scratch)
    }

    /// A connection has the values of its ends and those of its conversation at the same time.
    @Test func endsAndConversationCanBeAskedForTogether() throws {
        let scratch = try Scratch()
        let archive = try archive(scratch)
        let all = try archive.list().flatMap(\.connections)
        let switchboard = try #require(all.first { $0.conversation?.session == "4711" })
        let found = try archive.list("client == \(switchboard.ends.client) and conversation == 4711")
        #expect(found.flatMap(\.connections).map(\.id) == [switchboard.id])
        #expect(try archive.list("client == 203.0.113.9:1 and conversation == 4711").isEmpty)
        #expect(
            try archive.list("has reason and has conversation").flatMap(\.connections).map(\.id) == [switchboard.id])
    }

    /// `!=` holds where none of the values is equal, those of the conversation included.
    @Test func whoIsInAConversationIsNotUnequal() throws {
        let scratch = try Scratch()
        let archive = try archive(scratch)
        let all = try archive.list().flatMap(\.connections)
        for filter in ["to != bob@example.com", "not to == bob@example.com", "conversation != 4711"] {
            let left = try archive.list(filter).flatMap(\.connections)
            #expect(left.map(\.id) == all.filter { $0.conversation == nil }.map(\.id), "\(filter)")
        }
        #expect(try archive.list("to != carol@example.com").flatMap(\.connections).count == all.count)
    }
}
