// Lists and readers whose memory does not grow with the number of connections.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ManyConnectionsTests {
    /// The largest memory of a command, in KiB; nil where there is no python3 to ask the system.
    private func peak(_ arguments: String, archive: String) async throws -> Int? {
        let script = """
            import resource, subprocess, sys
            code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
            print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
            """
        let outcome = try await Program(
            [], environment: ["BUTTERFLYNET_ARCHIVE": archive],
            shell: "python3 -c '\(script)' $0 \(arguments)"
        ).outcome()
        guard outcome.code != 127 else { return nil }
        let words = outcome.output.split { $0 == " " || $0 == "\n" }
        try #require(words.count == 2 && words[0] == "0", "\(arguments): \(outcome.output) \(outcome.errors)")
        return Int(words[1])
    }

    /// An archive of so many connections on which nobody signs in.
    private func archive(_ count: Int, in folder: Scratch) async throws -> String {
        var capture = SmallCapture()
        for number in 0..<count { capture.add([.c("USR 1 a\(number)@example.com 17.1")]) }
        let (file, archive) = (folder.path("\(count).pcap"), folder.path("\(count).sqlite"))
        try capture.write(to: file)
        let imported = try await Program(["import", file], environment: ["BUTTERFLYNET_ARCHIVE": archive]).outcome()
        try #require(imported.errors.contains("imported: \(count) connections"), "\(imported.errors)")
        return archive
    }

    @Test func memoryDoesNotGrowWithTheirNumber() async throws {
        let folder = try Scratch()
        let (few, many) = try await (archive(500, in: folder), archive(12_000, in: folder))
        for (number, command) in [
            "sessions", "sessions --tree", "sessions --format jsonl", "sessions --where \"role != NS\"", "talks",
            "stats",
            "transcript", "extract --into",
        ].enumerated() {
            func arguments(_ size: String) -> String {
                command.hasSuffix("into") ? "\(command) \(folder.path("\(size)-\(number)"))" : command
            }
            guard let small = try await peak(arguments("few"), archive: few),
                let large = try await peak(arguments("many"), archive: many)
            else { return print("SKIPPED: ManyConnectionsTests.memoryDoesNotGrowWithTheirNumber: there is no python3") }
            #expect(large - small < 5 << 10, "\(command): \(small) KiB of 500 connections, \(large) of 12,000")
        }
    }
}
