// What is chosen by time, people and several identifiers.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct SelectionTests {
    private func conns(_ outcome: Program.Outcome) throws -> Set<Int> {
        #expect(outcome.code == 0, "\(outcome.errors)")
        return Set(try outcome.lines.compactMap { try object($0)["conn"] as? Int })
    }

    @Test func severalIdentifiers() async throws {
        let archived = try await ExportCommandTests.Archived("demo.pcap")
        #expect(try conns(await archived.run("show", "c1", "c3", "--format", "jsonl")) == [1, 3])
        #expect(try conns(await archived.run("export", "c2", "v5")) == [2, 5])
        let both = try await archived.run("transcript", "v5", "v8")
        let one = try await archived.run("transcript", "v5")
        #expect(both.code == 0 && both.output == one.output)
        let listed = try await archived.run("sessions", "s1", "c3", "--format", "jsonl")
        #expect(listed.lines.count == 2 && listed.output.hasPrefix("{\"event\":\"session\",\"id\":\"s1\""))
        for command in ["show", "export", "transcript", "sessions"] {
            let outcome = try await archived.run(command, "c1", "s99")
            #expect(outcome.code == 1 && outcome.errors.contains("s99"), "\(command): \(outcome.errors)")
        }
        let sent = try await ExportCommandTests.Archived("transfers.pcap")
        let scratch = try Scratch()
        let few = try await sent.run("extract", "c2", "c3", "--into", scratch.path("few"), "--format", "jsonl")
        let all = try await sent.run("extract", "--into", scratch.path("all"), "--format", "jsonl")
        #expect(!few.lines.isEmpty && few.lines.count < all.lines.count)
    }

    @Test func people() async throws {
        let archived = try await ExportCommandTests.Archived("demo.pcap", "sign-in-msnp12.pcap")
        let shown = try conns(await archived.run("show", "--with", "bob@example.com", "--format", "jsonl"))
        let exported = try conns(await archived.run("export", "--with", "BOB"))
        #expect(!shown.isEmpty && shown == exported)
        #expect(
            try conns(await archived.run("show", "--with", "bob", "--with", "alice", "--format", "jsonl")).count
                < shown.count)
        let talk = try await archived.run("transcript", "--with", "bob@example.com")
        #expect(talk.code == 0 && talk.lines.count(where: { $0.hasPrefix("===") }) == 1)
        #expect(
            try await archived.run("transcript", "--with", "nobody").errors.contains(
                "no conversation of this selection"))
        #expect(try await archived.run("search", "butterfly", "--with", "bob").lines.count > 1)
        #expect(try await archived.run("search", "butterfly", "--with", "zoe").output.isEmpty)
        let listed = try await archived.run("sessions", "--with", "bob@example.com", "--format", "jsonl")
        #expect(listed.lines.count == 2 && !listed.output.contains("anna@example.com"))
        // A capture is read twice for this; standard input cannot be.
        let capture = Repository.capture("demo.pcap")
        let decoded = try conns(await Program.run("decode", capture, "--with", "bob", "--format", "jsonl"))
        #expect(!decoded.isEmpty && decoded.count < 8)
        #expect(try await Program.run("decode", "-", "--with", "bob").code == 2)
    }

    @Test func times() async throws {
        let archived = try await ExportCommandTests.Archived("demo.pcap", "sign-in-msnp12.pcap")
        let old = try await archived.run("sessions", "--until", "2010", "--format", "jsonl")
        let new = try await archived.run("sessions", "--since", "2010", "--format", "jsonl")
        let all = try await archived.run("sessions", "--format", "jsonl")
        #expect(old.lines.count > 0 && new.lines.count > 0 && old.lines.count + new.lines.count == all.lines.count)
        let events = try await archived.run("show", "r1", "--format", "jsonl", "--since", "2026-11-21T01:41:30.57Z")
        let times = try events.lines.compactMap { try object($0)["time"] as? String }
        #expect(!times.isEmpty && times.allSatisfy { $0 >= "2026-11-21T01:41:30.57" })
        let found = try await archived.run("search", "butterfly", "--until", "2010")
        #expect(found.output.isEmpty)
        let talk = try await archived.run("transcript", "--since", "2026-11-21T01:41:30.58Z")
        #expect(talk.output.contains("===") && !talk.output.contains("The one with the butterfly"), "\(talk.output)")
        #expect(try await archived.run("show", "r1", "--since", "2031").errors.contains("no event matches"))
        #expect(try conns(await archived.run("export", "--since", "2026")).count == 8)
    }

    @Test func mistakes() async throws {
        let archived = try await ExportCommandTests.Archived("demo.pcap")
        for (arguments, word) in [
            (["transcript", "bob@example.com"], "--with bob@example.com"), (["show", "account == x"], "--with"),
            (["show", "s1", "--since", "noon"], "2005-05-06"), (["sessions", "--with", ""], "--with needs"),
            (["sessions", "--since", "2005", "--until", "2004"], "--until is before"), (["show"], "--since"),
            (["sessions", "--where", "c2s_bytes > x"], "column 13"),
            (["sessions", "--where", "mesages > 1"], "“messages”"),
        ] {
            let outcome = try await archived.run(arguments)
            #expect(outcome.code == 2 && outcome.output.isEmpty, "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.contains(word), "\(arguments): \(outcome.errors)")
        }
    }

    /// All keys that `sessions` and `search` print can be filtered, except those that are read after the filter.
    @Test func everyKeyOfListsCanBeFiltered() async throws {
        let archived = try await ExportCommandTests.Archived("demo.pcap")
        func keys(_ value: Any, _ path: String = "") -> Set<String> {
            switch value {
            case let object as [String: Any]:
                object.reduce(into: []) { $0.formUnion(keys($1.value, path.isEmpty ? $1.key : "\(path).\($1.key)")) }
            case let list as [Any]: list.reduce(into: []) { $0.formUnion(keys($1, path)) }
            default: [path]
            }
        }
        for (command, left) in [
            (["sessions"], ["event"]), (["search", "butterfly"], ["event", "before", "after", "matches", "copies"]),
        ] {
            let listed = try await archived.run(command + ["--format", "jsonl"])
            let paths = try listed.lines.reduce(into: Set<String>()) { $0.formUnion(keys(try object($1))) }
            #expect(paths.count > 8)
            for path in paths where !left.contains(String(path.prefix { $0 != "." })) {
                let outcome = try await archived.run(command + ["--where", "has \(path)"])
                #expect(outcome.code == 0 && !outcome.output.isEmpty, "\(path): \(outcome.errors)")
            }
        }
        for filter in ["messages > 1", "findings == 0", "id == s1", "id == v5", "end == closed", "time_first > 2026"] {
            let outcome = try await archived.run("sessions", "--where", filter)
            #expect(outcome.code == 0 && !outcome.output.isEmpty, "\(filter): \(outcome.errors)")
        }
    }
}
