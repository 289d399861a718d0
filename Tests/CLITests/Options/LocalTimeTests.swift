// Times in the system's zone, on both sides of each change of its offset.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct LocalTimeTests {
    /// A capture whose first packets come before a second since 1970, and the others from it on.
    private func capture(around second: Int64, in scratch: Scratch) throws -> String {
        var capture = SmallCapture(at: (second - 5) * 1_000_000_000)
        capture.add([.c("VER 1 MSNP7 CVR0"), .s("VER 1 MSNP7"), .c("INF 2"), .s("INF 2 MD5"), .c("OUT")])
        let path = scratch.path("\(second).pcap")
        try capture.write(to: path)
        return path
    }

    @Test(
        arguments: [
            // Berlin: 1999-03-28 and 2005-10-30 at 01:00 UTC.
            ("Europe/Berlin", 922_582_800, "1999-03-28 +01:00", "01:59:59.000000+01:00", "03:00:00.000000+02:00"),
            ("Europe/Berlin", 1_130_634_000, "2005-10-30 +02:00", "02:59:59.000000+02:00", "02:00:00.000000+01:00"),
            // India changes nothing.
            ("Asia/Kolkata", 922_582_800, "1999-03-28 +05:30", "06:29:59.000000+05:30", "06:30:00.000000+05:30"),
            ("Asia/Kolkata", 1_130_634_000, "2005-10-30 +05:30", "06:29:59.000000+05:30", "06:30:00.000000+05:30"),
            // St John's changes a minute after midnight.
            ("America/St_Johns", 923_196_660, "1999-04-04 -03:30", "00:00:59.000000-03:30", "01:01:00.000000-02:30"),
            ("America/St_Johns", 1_130_639_460, "2005-10-30 -02:30", "00:00:59.000000-02:30", "23:01:00.000000-03:30"),
            ("UTC", 1_130_639_460, "2005-10-30 +00:00", "02:30:59.000000+00:00", "02:31:00.000000+00:00"),
        ] as [(String, Int64, String, String, String)])
    func bothSidesOfAChange(zone: String, second: Int64, date: String, before: String, after: String) async throws {
        let scratch = try Scratch()
        let path = try capture(around: second, in: scratch)
        let local = try await Program.run("decode", "--local", "--detail", "0", path, environment: ["TZ": zone])
        #expect(local.code == 0 && local.lines.first.map { $0 == date } ?? false, "\(local.output)")
        for time in [before, after] { #expect(local.lines.contains { $0.hasPrefix("\(time) ") }, "\(local.output)") }
        // Each line has its zone.
        #expect(local.lines.allSatisfy { $0.contains(/^\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d |^\d{4}-\d\d-\d\d [+-]/) })
        // JSON has UTC, and without the option everything has.
        let json = try await Program.run("decode", "--local", "--format", "jsonl", path, environment: ["TZ": zone])
        let plain = try await Program.run("decode", "--format", "jsonl", path)
        #expect(json.output == plain.output && json.output.contains("Z\""))
        let utc = try await Program.run("decode", "--detail", "0", path, environment: ["TZ": zone])
        #expect(utc.lines.first?.hasSuffix(" UTC") == true)
        #expect(try await Program.run("decode", "--detail", "0", path).output == utc.output)
    }

    /// The zone applies to the times on the command line as well.
    @Test func timesOnTheCommandLineAreLocalToo() async throws {
        let scratch = try Scratch()
        let path = try capture(around: 922_582_800, in: scratch)
        func lines(_ arguments: String...) async throws -> Int {
            let outcome = try await Program(
                ["decode", path, "--format", "jsonl"] + arguments, environment: ["TZ": "Europe/Berlin"]
            ).outcome()
            #expect(outcome.code == 0, "\(outcome.errors)")
            return outcome.lines.count
        }
        let all = try await lines()
        let later = try await lines("--since", "1999-03-28 01:00")
        #expect(later > 0 && later < all)
        #expect(try await lines("--local", "--since", "1999-03-28 03:00") == later)
        #expect(try await lines("--since", "1999-03-28 03:00") == 0)
        #expect(try await lines("--since", "1999-03-28T03:00:00+02:00") == later)
        #expect(try await lines("--local", "--where", "time >= 1999-03-28 03:00") == later)
        #expect(try await lines("--until", "1999-03-28 00:59") == all - later)
        #expect(try await lines("--since", "1999-03-28", "--until", "1999-03-28") == all)
    }

    @Test func listsAndTranscriptsHaveTheZone() async throws {
        let archived = try await ExportCommandTests.Archived("demo.pcap")
        func text(_ arguments: String...) async throws -> String {
            try await archived.run(arguments + ["--local"], environment: ["TZ": "Asia/Kolkata"]).output
        }
        let short = try await text("sessions")
        #expect(short.contains("2026-11-21 07:11–07:11+05:30"), "\(short)")
        let sessions = try await text("sessions", "--tree")
        #expect(sessions.contains("2026-11-21T07:11:30+05:30 – 07:11:30+05:30  alice@example.com"), "\(sessions)")
        let found = try await text("search", "butterfly")
        #expect(found.contains("2026-11-21 +05:30") && found.contains("> 07:11:30+05:30  bob@example.com: The one"))
        let talk = try await text("transcript")
        #expect(talk.contains("--- 2026-11-21 +05:30\n[07:11:30") && !talk.contains("UTC"), "\(talk)")
        let page = try await text("transcript", "--format", "html")
        #expect(page.contains("– 2026-11-21 07:11:30 +05:30, c") && page.contains("<h3>2026-11-21 +05:30</h3>"))
        #expect(page.contains("Z\">07:11:30</time>"))
        let log = try await text("transcript", "--format", "xml")
        #expect(log.contains("Date=\"2026-11-21\" Time=\"07:11:30\" DateTime=\"2026-11-21T01:41:30."))
        #expect(try await text("show", "c1").hasPrefix("2026-11-21 +05:30\n07:11:30."))
    }
}
