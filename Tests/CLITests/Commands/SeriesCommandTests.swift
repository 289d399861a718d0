// `--series` and `--resume` of decode and import.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct SeriesCommandTests {
    /// A folder with three series: one of three files, two of one.
    private static func folder(_ scratch: Scratch) throws -> String {
        let folder = scratch.path("captures")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for day in 1...3 {
            var capture = SmallCapture(at: 1_000_000_000_000_000_000 + Int64(day) * 3_600_000_000_000)
            // From a port more each day.
            for _ in 1...day { capture.add([.c("VER 1 MSNP8 CVR0"), .s("VER 1 MSNP8 CVR0"), .c("OUT")]) }
            try capture.write(to: "\(folder)/north-\(day).pcap")
        }
        for (name, copy) in [("demo.pcap", "south.pcap"), ("transfers.pcap", "west.pcap")] {
            try FileManager.default.copyItem(atPath: Repository.capture(name), toPath: "\(folder)/\(copy)")
        }
        return folder
    }

    @Test func eachSeriesHasALineAndNumbersOfItsOwn() async throws {
        let scratch = try Scratch()
        let folder = try Self.folder(scratch)
        for jobs in ["1", "3"] {
            let outcome = try await Program.run(
                "decode", "--series", "auto", "--format", "jsonl", "--jobs", jobs, folder)
            #expect(outcome.code == 0)
            for (name, figures) in [
                ("north-#.pcap", "3 files, "), ("south.pcap", "1 file, 170 packets, 8 connections, "),
                ("west.pcap", "1 file, 92 packets, 3 connections, "),
            ] {
                #expect(outcome.errors.contains("butterflynet: \(folder)/\(name): \(figures)"), "\(outcome.errors)")
            }
            let objects = try outcome.lines.map { try object($0) }
            let opened = objects.filter { $0["event"] as? String == "opened" }.compactMap { $0["conn"] as? Int }
            #expect(opened.count > 10 && Set(opened).count == opened.count)
            var expected = 0
            for files in [(1...3).map { "north-\($0).pcap" }, ["south.pcap"], ["west.pcap"]] {
                let alone = try await Program(["decode", "--format", "jsonl"] + files.map { "\(folder)/\($0)" })
                    .outcome()
                expected += alone.lines.count
            }
            #expect(outcome.lines.count == expected)
            let quiet = try await Program.run(
                "decode", "--series", "auto", "--format", "jsonl", "--quiet", "--jobs", jobs, folder)
            #expect(quiet.errors.isEmpty && quiet.output == outcome.output)
        }
        let apart = try await Program.run("decode", "--series", "none", folder)
        #expect(apart.errors.contains("north-2.pcap: 1 file, "))
        let named = try await Program.run("decode", "--series", "(north|south|west)", folder)
        #expect(named.errors.contains("butterflynet: north: 3 files, "))
        let people = try await Program.run(
            "decode", "--series", "auto", "--with", "bob@example.com", "--format", "jsonl", "--events", "message",
            folder)
        let plain = try await Program.run(
            "decode", "--with", "bob@example.com", "--format", "jsonl", "--events", "message",
            Repository.capture("demo.pcap"))
        #expect(people.lines.count == plain.lines.count && plain.lines.count > 0)
    }

    /// An interrupted run leaves a beginning of its notes and of its output. From each one, the next run makes the whole.
    @Test func anInterruptedRunGoesOn() async throws {
        let scratch = try Scratch()
        let folder = try Self.folder(scratch)
        func run() async throws -> Program.Outcome {
            try await Program.shell(
                "\"$0\" decode --resume '\(scratch.path("notes"))' --format jsonl '\(folder)' >>'\(scratch.path("out"))'"
            )
        }
        try scratch.write("", to: "out")
        #expect(try await run().code == 0)
        let (notes, output) = (try scratch.read("notes"), try scratch.read("out"))
        let lines = notes.split(separator: 0x0A).map { Array($0) + [0x0A] }
        #expect(lines.count == 7)
        for count in 0...lines.count {
            // The output is at least as long as the last line says: it is written before that.
            let fields = count > 1 ? String(decoding: lines[count - 1], as: UTF8.self).split(separator: "\t") : []
            let least = fields.count > 6 ? try #require(Int(fields[6])) : 0
            let isBegun = fields.first == "began"
            for more in isBegun ? [0, 1, 1_000, output.count] : [0] {
                try scratch.overwrite(lines.prefix(count).joined() + (more == 1 ? Array("read\t12".utf8) : []), "notes")
                try scratch.overwrite(Array(output.prefix(min(output.count, least + more))), "out")
                let outcome = try await run()
                #expect(outcome.code == 0, "\(outcome.errors)")
                let isWhole = try scratch.read("out") == output && scratch.read("notes").count >= notes.count
                #expect(isWhole, "\(count) lines, \(more) bytes")
                let isCut = outcome.errors.contains("the last run was interrupted in ")
                #expect(isCut == (more > 0 && least < output.count))
            }
        }
        // Finished: nothing is read.
        let again = try await run()
        #expect(again.errors == "butterflynet: 3 series read before\n")
        #expect(try scratch.read("out") == output)
        // The wrong output.
        let replaced = try await Program.shell(
            "\"$0\" decode --resume '\(scratch.path("notes"))' --format jsonl '\(folder)' >'\(scratch.path("out"))'")
        #expect(replaced.code == 1 && replaced.errors.contains("go on behind it with >>"), "\(replaced.errors)")
    }

    @Test func aKilledRunGoesOn() async throws {
        let scratch = try Scratch()
        let folder = try Self.folder(scratch)
        let whole = try await Program.run("decode", "--series", "auto", "--format", "jsonl", folder).output
        try scratch.write("", to: "out")
        let line =
            "decode --resume '\(scratch.path("notes"))' --jobs 1 --format jsonl '\(folder)' >>'\(scratch.path("out"))'"
        // Killed after its first notes, wherever it is then.
        let killed = try await Program.shell(
            "\"$0\" \(line) & while kill -0 $! && ! grep -q ^read '\(scratch.path("notes"))'; do :; done; kill -9 $!; wait $!"
        )
        #expect(killed.code == 137 || killed.code == 0)
        #expect(try await Program.shell("\"$0\" \(line)").code == 0)
        #expect(String(decoding: try scratch.read("out"), as: UTF8.self) == whole)
    }

    @Test func changedAndDamagedSeries() async throws {
        let scratch = try Scratch()
        let folder = try Self.folder(scratch)
        try scratch.write("nothing", to: "captures/nothing.pcap")
        // Through a pipe: the place of an output file is another test's.
        func run(_ kind: String = "closed", _ more: String = "") async throws -> Program.Outcome {
            let files = ["nothing", "north-1", "south"].map { "'\(folder)/\($0).pcap'" }.joined(separator: " ")
            return try await Program.shell(
                "\"$0\" decode --resume '\(scratch.path("notes"))' --format jsonl --events \(kind) \(files) "
                    + "'\(Repository.capture("file-truncated.pcap"))' \(more) | cat")
        }
        let first = try await run()
        #expect(first.code == 3 && first.errors.contains("is damaged") && first.lines.count > 9)
        // What could not be read is tried again; damage stays in the exit code.
        let second = try await run()
        #expect(second.code == 3 && second.output.isEmpty && second.errors.contains("nothing.pcap: neither"))
        #expect(second.errors.contains("3 series read before, 1 of them damaged"), "\(second.errors)")
        // One more file: that series again, and no other.
        let third = try await run("closed", "'\(folder)/north-2.pcap'")
        #expect(
            third.lines.count == 2 && third.errors.contains("north-#.pcap: other files or options than"), "\(third)")
        // Other options: everything again.
        let other = try await run("opened")
        #expect(other.lines.count == first.lines.count, "\(other.errors)")
        // Without the unreadable file, only the damage is left.
        let damaged = try await Program.shell(
            "\"$0\" decode --resume '\(scratch.path("notes"))' --format jsonl --events closed "
                + "'\(Repository.capture("file-truncated.pcap"))' | cat")
        #expect(damaged.code == 3 && damaged.output.isEmpty)
    }

    @Test func importTakesSeries() async throws {
        let scratch = try Scratch()
        let folder = try Self.folder(scratch)
        let archive = scratch.path("a.sqlite")
        let arguments = ["import", "--archive", archive, "--resume", scratch.path("notes"), folder]
        let first = try await Program.run(arguments)
        #expect(first.code == 0)
        #expect(first.errors.contains("north-#.pcap: 3 files, "), "\(first.errors)")
        #expect(first.errors.contains("south.pcap: 1 file, 170 packets, 8 connections, 117 commands, 10 messages, "))
        let second = try await Program.run(arguments)
        #expect(second.code == 0 && second.errors == "butterflynet: 3 series read before\n")
        let recordings = try await Program.run("stats", "--archive", archive, "--format", "jsonl")
        #expect(recordings.output.contains("\"recordings\":3"), "\(recordings.output)")
        // Without the notes, the archive knows the files.
        let third = try await Program.run("import", "--archive", archive, "--series", "auto", folder)
        #expect(third.code == 0 && third.errors.contains("north-#.pcap: 3 files, 0 packets"), "\(third.errors)")
    }

    @Test func wrongUsage() async throws {
        let scratch = try Scratch()
        let capture = Repository.capture("demo.pcap")
        for (options, message) in [
            (["decode", "--series", "(", capture], "--series is auto, none or a regular expression"),
            (["decode", "--series", "", capture], "--series is auto, none or a regular expression"),
            (["decode", "--resume", scratch.path("x"), "-"], "--resume cannot recognise standard input"),
            (["import", "--resume", scratch.path("x"), "-"], "--resume cannot recognise standard input"),
            (["import", "--series", "auto", "--separately", capture], "--separately is --series none"),
        ] {
            let outcome = try await Program.run(options)
            #expect(outcome.code == 2 && outcome.errors.contains(message), "\(outcome.errors)")
        }
        // A file with something else in it is not written to.
        for text in ["notes of mine\n", "notes"] {
            let file = try scratch.write(text, to: "mine")
            let outcome = try await Program.run("decode", "--resume", file, capture)
            #expect(outcome.code == 1 && outcome.errors.contains("is not a file of --resume"))
            #expect(try scratch.read("mine") == Array(text.utf8))
        }
        let folder = try await Program.run("decode", "--resume", scratch.path("none/notes"), capture)
        #expect(folder.code == 1 && folder.errors.contains("cannot write "))
    }
}

extension Scratch {
    /// Replaces the content of a file, which stays the same file.
    fileprivate func overwrite(_ bytes: some Sequence<UInt8>, _ name: String) throws {
        let handle = try FileHandle(forWritingTo: url(name))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }
}
