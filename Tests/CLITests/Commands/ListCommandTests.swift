// sessions, talks, contacts and stats as people run them.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ListCommandTests {
    private typealias Archived = ExportCommandTests.Archived

    /// The demo and transfers as two recordings.
    private func archived() async throws -> Archived {
        let archived = try await Archived("demo.pcap")
        #expect(try await archived.run("import", Repository.capture("transfers.pcap")).code == 0)
        return archived
    }

    @Test func aLineForEachSignIn() async throws {
        let archived = try await archived()
        let outcome = try await archived.run("sessions")
        #expect(outcome.code == 0)
        let lines = outcome.lines
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("s2  2026-11-21 01:41–01:41  bob@example.com (bob)"))
        #expect(lines[1].hasPrefix("s1  2026-11-21 01:41–01:41  alice@example.com (alice)  "))
        #expect(lines[1].contains("  2 talks  5 messages") && lines[1].contains("  MSNP12  MSNMSGR 6.2.0205  "))
        #expect(lines[1].hasSuffix("demo.pcap"))
        #expect(lines[2].hasPrefix("r2  2005-06-28 23:06–23:06  without a sign-in"))
        // The columns stand below each other.
        #expect(Set(lines.map { $0.range(of: "  /")?.lowerBound.utf16Offset(in: $0) }).count == 1)
        #expect(outcome.errors == "butterflynet: 2 sign-ins, 11 connections, 10 messages\n")
        #expect(try await archived.run("sessions", "--quiet").errors.isEmpty)
    }

    @Test func theLimit() async throws {
        let archived = try await archived()
        let outcome = try await archived.run("sessions", "--limit", "1")
        #expect(outcome.lines.count == 1 && outcome.output.hasPrefix("s2 "))
        #expect(outcome.errors.contains("1 of 3 lines; --limit N for more"))
        #expect(outcome.errors.contains("2 sign-ins, 11 connections, 10 messages"))
        func ids(_ arguments: String...) async throws -> [String?] {
            try await Program(
                ["sessions", "--format", "jsonl"] + arguments, environment: ["BUTTERFLYNET_ARCHIVE": archived.archive]
            ).outcome().lines.map { try object($0)["id"] as? String }
        }
        #expect(try await ids() == [nil, "s1", "s2"])
        #expect(try await ids("--limit", "2") == ["s2", "s1"])
        #expect(try await ids("s1") == ["s1"])
        #expect(try await ids("BOB") == ["s2"])
        #expect(try await ids("r2") == [nil])
        #expect(try await ids("v8") == ["s1"])
        #expect(try await archived.run("sessions", "nobody").errors == "butterflynet: nothing to list\n")
    }

    @Test func aSessionHasItsTimesAndSums() async throws {
        let archived = try await archived()
        let outcome = try await archived.run("sessions", "--format", "jsonl", "s1")
        #expect(outcome.errors.isEmpty)
        let session = try object(outcome.output)
        #expect(session["name"] as? String == "alice" && session["messages"] as? Int == 5)
        #expect(session["findings"] as? Int == 0)
        let connections = try #require(session["connections"] as? [[String: Any]])
        #expect(session["time_first"] as? String == connections.first?["time_first"] as? String)
        let last = connections.compactMap { $0["time_last"] as? String }.max()
        #expect(session["time_last"] as? String == last)
        let keys = outcome.output.matches(of: /"(\w+)":/).prefix(13).map { String($0.1) }
        #expect(
            keys == [
                "event", "id", "sign_in", "account", "dialect", "client_program", "recording", "origin", "name",
                "time_first", "time_last", "messages", "findings",
            ])
    }

    @Test func theTree() async throws {
        let archived = try await archived()
        let lines = try await archived.run("sessions", "--tree").lines
        #expect(lines[0].hasPrefix("--  2005-06-28T23:06:40 – 23:06:41  connections without a sign-in  (r2: "))
        #expect(lines[1].hasPrefix("    c9  23:06:40  SB  10.0.0.1:1025 → 10.0.0.2:1863  21 commands, "))
        #expect(lines[2].hasPrefix("        v9  anna@example.com, ben@example.org: 0 messages, session "))
        #expect(lines.count == 19)
    }

    /// Both ends of the demo's conversations are recorded: each conversation is listed once.
    @Test func talks() async throws {
        let archived = try await archived()
        let outcome = try await archived.run("talks")
        #expect(outcome.code == 0 && outcome.errors == "butterflynet: 2 talks, 5 messages\n")
        let lines = outcome.lines
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("v5  2026-11-21 01:41–01:41  alice, bob             5 messages  "))
        #expect(lines[1].hasPrefix("v9  2005-06-28 23:06–23:06  anna@example.com, Ben"))
        #expect(try await archived.run("talks", "ben").lines.count == 1)
        #expect(try await archived.run("talks", "c8").lines.count == 1)
        let unknown = try await archived.run("talks", "s9")
        #expect(unknown.code == 1 && unknown.errors.contains("there is no s9"))
        let json = try await archived.run("talks", "--format", "jsonl", "--limit", "1")
        #expect(json.errors.isEmpty && json.lines.count == 1)
        let talk = try object(json.output)
        #expect(talk["event"] as? String == "talk" && talk["ids"] as? [String] == ["v5", "v6", "v7", "v8"])
        #expect(talk["participants"] as? [String] == ["alice@example.com", "bob@example.com"])
        #expect(talk["messages"] as? Int == 5)
        // As many as the transcript has.
        let transcript = try await archived.run("transcript", "v5")
        #expect(transcript.lines.count { $0.contains("] alice: ") || $0.contains("] bob: ") } == 5)
        #expect((talk["last_text"] as? String).map { transcript.output.contains($0) } == true)
    }

    @Test func aTalkSeenFourTimesIsCountedOnce() async throws {
        let archived = try await Archived("two-views.pcap")
        let talk = try object(try await archived.run("talks", "--format", "jsonl").output)
        #expect(talk["ids"] as? [String] == ["v1", "v2", "v3", "v4"])
        let spoken = try await archived.run("transcript").lines.count { $0.contains("Anna: ") || $0.contains("Ben: ") }
        #expect(talk["messages"] as? Int == spoken)
    }

    @Test func contacts() async throws {
        let archived = try await archived()
        let outcome = try await archived.run("contacts")
        #expect(outcome.code == 0 && outcome.errors.isEmpty)
        let lines = outcome.lines
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("alice@example.com  alice  1 talk  5 messages  2026-11-21 01:41"))
        #expect(lines[0].hasSuffix("  forward, allow, reverse"))
        #expect(lines[1].hasPrefix("bob@example.com    bob ") && lines[1].hasSuffix("  forward, reverse"))
        #expect(lines[2].hasPrefix("ben@example.org    Ben "))
        let json = try await archived.run("contacts", "--format", "jsonl", "BEN")
        let contact = try object(json.output)
        #expect(contact["event"] as? String == "contact" && contact["name"] as? String == "Ben")
        #expect(contact["talks"] as? Int == 1 && contact["messages"] as? Int == 0)
    }

    @Test func stats() async throws {
        let archived = try await archived()
        let text = try await archived.run("stats")
        #expect(text.code == 0 && text.errors.isEmpty)
        #expect(text.output.contains("recordings   2: import 2\n"))
        #expect(text.output.contains("time         2005-06-28 23:06–2026-11-21 01:41 UTC\n"), "\(text.output)")
        #expect(text.output.contains("sign-ins     2: MSNP12 1, MSNP7 1\n"))
        let sums = try object(try await archived.run("stats", "--format", "jsonl").output)
        #expect(sums["event"] as? String == "stats" && sums["connections"] as? Int == 11)
        #expect(sums["messages"] as? Int == 10 && sums["recordings"] as? Int == 2)
        let findings = try #require(sums["findings_by_name"] as? [[String: Any]])
        #expect(findings.compactMap { $0["count"] as? Int }.reduce(0, +) == sums["findings"] as? Int)
    }

    /// Lines are cut on a terminal only.
    @Test func linesFitTheTerminal() async throws {
        let archived = try await archived()
        let line = "script -qec \"$0 sessions --archive \(archived.archive)\" /dev/null"
        let outcome = try await Program([], environment: ["COLUMNS": "50"], shell: line).outcome()
        guard outcome.code != 127 else { return print("SKIPPED: ListCommandTests.linesFitTheTerminal: no script") }
        let lines = outcome.output.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("s") }
        #expect(lines.count == 2 && lines.allSatisfy { $0.count == 50 && $0.hasSuffix("…") }, "\(outcome.output)")
    }

    @Test func anEmptyArchiveHasSums() async throws {
        let archived = try await Archived("demo.pcap")
        #expect(try await archived.run("delete", "--yes", "r1").code == 0)
        for command in ["sessions", "talks", "contacts"] {
            let outcome = try await archived.run(command)
            #expect(outcome.code == 0 && outcome.output.isEmpty)
            #expect(outcome.errors == "butterflynet: nothing to list\n")
        }
        let stats = try await archived.run("stats")
        #expect(stats.code == 0 && stats.output.contains("recordings   0\n"))
    }

    @Test func theContactListAtAMoment() async throws {
        let archived = try await archived()
        let outcome = try await archived.run("contacts", "--at", "2026-11-21T01:41:30.59Z")
        #expect(outcome.code == 0 && outcome.errors.isEmpty)
        #expect(
            outcome.lines == [
                "s1  2026-11-21T01:41:30.590000Z  alice@example.com  (alice)  online",
                "   bob@example.com  bob  online  forward, reverse",
                "s2  2026-11-21T01:41:30.590000Z  bob@example.com  (bob)  online",
                "   alice@example.com  alice  online  Contacts  forward, allow, reverse",
            ])
        let early = try await archived.run("contacts", "s2", "--at", "2026-11-21T01:41:30.568Z", "--format", "jsonl")
        let list = try object(early.output)
        #expect(list["id"] as? String == "s2" && list["status"] is NSNull)
        #expect((list["items"] as? [Any])?.isEmpty == true && list["complete"] as? Bool == false)
        let before = try await archived.run("contacts", "--at", "2004")
        #expect(before.output.isEmpty && before.errors.contains("nobody was signed in at 2004-01-01"))
        #expect(try await archived.run("contacts", "--at", "soon").code == 2)
        #expect(try await archived.run("contacts", "--at", "2004", "--since", "2004").code == 2)
    }
}
