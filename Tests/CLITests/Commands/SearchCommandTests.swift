// butterflynet search, as people and scripts run it.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct SearchCommandTests {
    /// Matches of one conversation in a row are one block; both ends of it are named.
    @Test func oneBlockForOneConversation() async throws {
        let archived = try await ExportCommandTests.Archived("two-views.pcap")
        let outcome = try await archived.run("search", "this")
        #expect(outcome.code == 0 && outcome.errors.isEmpty)
        let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
        let match = try #require(lines.first { $0.hasPrefix("  > ") })
        #expect(match.contains("ben@example.org: this window, then?"))
        #expect(lines.count { $0.hasPrefix("  > ") } == 1, "\(outcome.output)")
        let heading = try #require(lines.first)
        #expect(heading.hasPrefix("v") && heading.contains(", v") && heading.contains("2005-06-28 UTC"))
        let all = try await archived.run("search", "yes", "--format", "jsonl")
        let objects = try all.lines.map { try object($0) }
        #expect(objects.allSatisfy { $0["event"] as? String == "message" && $0["text"] as? String == "yes" })
        #expect(
            objects.allSatisfy { $0["matches"] as? [[Int]] == [[0, 3]] && ($0["copies"] as? [String])?.count == 1 })
        for key in ["time", "ns", "conn", "dir", "from", "id", "participants", "conversation", "before", "after"] {
            #expect(objects.allSatisfy { $0[key] != nil }, "\(key)")
        }
    }

    @Test func peopleAndFiles() async throws {
        let archived = try await ExportCommandTests.Archived("transfers.pcap")
        let text = try await archived.run("search", "notes")
        #expect(text.code == 0 && text.output.contains("files\n    v"), "\(text.output)")
        #expect(text.output.contains("anna@example.com: notes.txt  (2350 bytes)"))
        let file = try object(try #require(await archived.run("search", "notes", "--format", "jsonl").lines.last))
        #expect(file["event"] as? String == "file" && file["name"] as? String == "notes.txt")
        let people = try await archived.run("search", "ben", "--format", "jsonl")
        let person = try #require(try people.lines.map { try object($0) }.first { $0["event"] as? String == "person" })
        #expect(person["account"] as? String == "ben@example.org" && person["conversation_count"] as? Int ?? 0 > 0)
        // A condition on messages holds for no person.
        let filtered = try await archived.run("search", "ben", "--where", "from == anna@example.com")
        #expect(!filtered.output.contains("people\n"))
    }

    @Test func whatMayHelpWhenNothingIsFound() async throws {
        let archived = try await ExportCommandTests.Archived("two-views.pcap")
        let outcome = try await archived.run("search", "five", "OR", "butterfly", "b*y")
        #expect(outcome.code == 0 && outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("butterflynet: nothing was found\n"))
        #expect(outcome.errors.contains("OR is searched as a word") && outcome.errors.contains("\"b*y\""))
        #expect(outcome.errors.contains("must contain all words"))
        #expect(try await archived.run("search", "five", "--quiet").errors.isEmpty)
    }

    /// A long message is shown around its match; what would move a terminal's cursor is shown, not obeyed.
    @Test func longAndHostileTexts() async throws {
        let scratch = try Scratch()
        var capture = SmallCapture()
        let long =
            String(repeating: "filler ", count: 500) + "needle\u{1B}[2J" + String(repeating: " filler", count: 500)
        capture.add([
            .c("USR 1 alice@example.com 17.25"), .s("USR 1 OK alice@example.com Alice"),
            .s("JOI bob@example.com %1B%5B31m%20needle"),
            .s("MSG bob@example.com Bob", "Content-Type: text/plain\r\n\r\n\(long)"),
        ])
        try capture.write(to: scratch.path("a.pcap"))
        let archive = scratch.path("a.sqlite")
        #expect(try await Program.run("import", "--archive", archive, scratch.path("a.pcap")).code == 0)
        let outcome = try await Program.run("search", "needle", "--archive", archive)
        let line = try #require(outcome.lines.first { $0.hasPrefix("  > ") })
        #expect(line.utf8.count < 400 && line.contains(": …") && line.hasSuffix("…") && line.contains("needle␛[2J"))
        #expect(outcome.output.contains("people\n    bob@example.com  \"␛[31m needle\""))
        #expect(!outcome.output.contains("\u{1B}"))
    }
}
