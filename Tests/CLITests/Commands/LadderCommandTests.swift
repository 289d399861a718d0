// ladder as people run it.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct LadderCommandTests {
    private typealias Archived = ExportCommandTests.Archived

    @Test func drawsASignInOverAllItsConnections() async throws {
        let archived = try await Archived("demo.pcap")
        let outcome = try await archived.run("ladder", "s1")
        #expect(outcome.code == 0 && outcome.errors.isEmpty)
        let lines = outcome.lines
        #expect(lines[0].split(separator: " ").joined(separator: " ") == "alice@example.com DS c1 NS c2 SB c5 SB c8")
        #expect(lines[1] == "2026-11-21 UTC")
        // Each redirect stands before the connection that it led to.
        let opened = lines.enumerated().filter { $0.element.contains("●") }
        #expect(opened.count == 4)
        for (id, (number, line)) in zip(["c2", "c5", "c8"], opened.dropFirst()) {
            #expect(lines[..<number].last { $0.contains("leads to") }?.hasSuffix("leads to \(id)") == true)
            #expect(line.contains("●  from c"), "\(line)")
        }
        #expect(outcome.output.contains("“Hi Bob! Guess which protocol this is.”"))
        #expect(outcome.output.contains(" × typing "))
        #expect(outcome.output.contains("‹secret:"))
        let unfolded = try await archived.run("ladder", "s1", "--unfold", "typing")
        #expect(!unfolded.output.contains(" × typing "))
        #expect(unfolded.lines.count > lines.count)
    }

    @Test func writesPicturesAndDiagrams() async throws {
        let archived = try await Archived("demo.pcap")
        let mermaid = try await archived.run("ladder", "s1", "--format", "mermaid")
        #expect(mermaid.output.hasPrefix("sequenceDiagram\n    participant p0 as alice@example.com\n"))
        let file = archived.file("ladder.svg").path
        let picture = try await archived.run("ladder", "s1", "s2", "--output", file)
        #expect(picture.code == 0 && picture.output.isEmpty)
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text.hasPrefix("<svg xmlns=") && text.hasSuffix("</svg>\n"))
        #expect(text.contains(">bob@example.com<") && text.contains(">alice@example.com<"))
        let repeated = try await archived.run("ladder", "s1", "--output", file)
        #expect(repeated.code == 1 && repeated.errors.contains("already exists"))
    }

    @Test func jsonLinesHavePartiesThenRows() async throws {
        let archived = try await Archived("demo.pcap")
        let lines = try await archived.run("ladder", "v5", "--format", "jsonl").lines.map { try object($0) }
        let parties = try #require(lines[0]["parties"] as? [[String: Any]])
        #expect(parties.map { $0["kind"] as? String } == ["client", "server"])
        #expect(parties.last?["conn"] as? Int == 5)
        #expect(lines[1]["kind"] as? String == "opened" && lines[1]["at"] as? String == "c5.1")
        #expect(lines.dropFirst().allSatisfy { ($0["from"] as? Int).map((0..<parties.count).contains) == true })
    }

    @Test func wrongIdentifiersAreExplained() async throws {
        let archived = try await Archived("demo.pcap")
        let unknown = try await archived.run("ladder", "s99")
        #expect(unknown.code == 1 && unknown.errors.contains("there is no s99"))
        #expect(try await archived.run("ladder", "alice").code == 2)
        #expect(try await archived.run("ladder").code == 2)
        #expect(try await archived.run("ladder", "s1", "--unfold", "everything").code == 2)
    }
}
