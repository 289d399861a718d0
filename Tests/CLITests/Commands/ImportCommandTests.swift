// import as people run it: standard input, the files of connections, and Ctrl-C.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ImportCommandTests {
    @Test(arguments: ["demo.pcap", "file-gzip.pcap.gz", "demo.txt"]) func standardInputIsImportedOnce(
        capture: String
    ) async throws {
        let scratch = try Scratch()
        let file = Repository.capture("\(capture)")
        let archive = scratch.path("a.sqlite")
        let first = try await Program.shell("cat '\(file)' | \"$0\" import - --archive '\(archive)'")
        #expect(first.code == 0 && first.errors.contains("imported: "), "\(first.errors)")
        let again = try await Program.shell("\"$0\" import - --archive '\(archive)' <'\(file)'")
        #expect(again.code == 0 && again.errors.contains("standard input was already imported on "))
        let named = try await Program.run("import", file, "--archive", archive)
        #expect(named.code == 0 && named.errors.contains("was already imported on "))
        let listed = try await Program.run("sessions", "--format", "jsonl", "--archive", archive)
        #expect(listed.output.contains("\"file\":\"standard input\"") && !listed.output.contains("/dev/fd"))
    }

    @Test func whatIsNoCaptureOnStandardInput() async throws {
        let scratch = try Scratch()
        let archive = scratch.path("a.sqlite")
        let outcome = try await Program.shell("echo nothing | \"$0\" import - --archive '\(archive)'")
        #expect(outcome.code == 1 && outcome.errors.contains("standard input: neither a capture nor a log"))
        #expect(!outcome.errors.contains("/dev/fd"))
    }

    /// Of several captures, every connection knows its own.
    @Test func connectionsKnowTheirFiles() async throws {
        let scratch = try Scratch()
        let files = ["demo.pcap", "transfers.pcap"].map { Repository.capture($0) }
        let archive = scratch.path("a.sqlite")
        let decoded = try await Program(["decode", "--format", "jsonl"] + files).outcome()
        let opened = try decoded.lines.map { try object($0) }.filter { $0["event"] as? String == "opened" }
        #expect(Set(opened.compactMap { $0["file"] as? String }) == Set(files))
        try #require(try await Program(["import", "--archive", archive] + files).outcome().code == 0)
        let shown = try await Program.run("show", "r1", "--format", "jsonl", "--archive", archive)
        let archived = try shown.lines.map { try object($0) }.filter { $0["event"] as? String == "opened" }
        #expect(archived.map { $0["file"] as? String } == opened.map { $0["file"] as? String })
        let streams = try await Program(["streams"] + files).outcome().lines.map { try object($0) }
        #expect(Set(streams.compactMap { $0["file"] as? String }) == Set(files))
        for command in [["decode"] + files, ["show", "r1", "--archive", archive]] {
            let text = try await Program(command).outcome()
            let lines = text.lines.filter { $0.contains(" opened ") }
            #expect(lines.allSatisfy { line in files.contains { line.hasSuffix(", from \($0)") } }, "\(lines)")
        }
        let one = try await Program(["decode", files[0]]).outcome()
        #expect(!one.output.contains(", from "))
    }

    @Test func numbersHaveTheirNouns() async throws {
        let scratch = try Scratch()
        let outcome = try await Program.run(
            "import", Repository.capture("link-ethernet.pcap"), "--archive", scratch.path("a.sqlite"))
        #expect(outcome.errors.contains("imported: 1 connection, "), "\(outcome.errors)")
    }

    /// The file is so large that its digest takes minutes.
    @Test func ctrlCAddsNothing() async throws {
        let scratch = try Scratch()
        let archive = scratch.path("a.sqlite")
        try #require(
            try await Program.run("import", Repository.capture("link-ethernet.pcap"), "--archive", archive).code == 0)
        let large = try scratch.write("", to: "large.pcap")
        try #require(truncate(large, 1 << 36) == 0)
        let program = try Program(["import", large, "--archive", archive])
        try await program.wait(for: "its handler of Ctrl-C") { program.handles(SIGINT) ? () : nil }
        program.interrupt()
        let outcome = try await program.outcome()
        #expect(outcome.code == 130 && outcome.errors.contains("interrupted; nothing was added"), "\(outcome.errors)")
        #expect(try await Program.run("sessions", "--format", "jsonl", "--archive", archive).lines.count == 1)
        for end in ["-wal", "-shm"] { #expect(!FileManager.default.fileExists(atPath: archive + end)) }
    }
}
