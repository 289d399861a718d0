// The program where something runs out: nobody reads its log, or the system has no file left.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)), .serialized) struct BoundsTests {
    /// A relay whose log goes into a pipe that nobody reads until the test does.
    private struct Unread {
        let program: Program
        let address: String
        let scratch: Scratch
        let pid: pid_t

        static func start(_ flags: String) async throws -> Unread {
            let scratch = try Scratch()
            let (fifo, ready) = (scratch.path("log"), scratch.path("ready"))
            let line =
                "mkfifo \(fifo); exec 3<>\(fifo); exec \"$0\" relay --upstream 127.0.0.1:1 --listen 127.0.0.1:0 --quiet "
                + "--format jsonl --bytes \(flags) --ready-file \(ready) >\(fifo)"
            let program = try Program([], shell: line)
            let (address, pid) = try await program.ready(ready)
            return Unread(program: program, address: address, scratch: scratch, pid: pid)
        }

        /// Reads the log away, for ever.
        func readOn() {
            let descriptor = open(scratch.path("log"), O_RDONLY)
            Thread.detachNewThread {
                var buffer = [UInt8](repeating: 0, count: 65_536)
                while read(descriptor, &buffer, buffer.count) > 0 {}
                close(descriptor)
            }
        }

        func end() async throws {
            program.terminate()
            _ = try await program.outcome()
        }
    }

    /// A first line and 60 KB of commands.
    private let talk = Array("VER 1 MSNP8\r\n".utf8) + Array(String(repeating: "PNG xxxxxxxxxx\r\n", count: 3_700).utf8)

    @Test func withAnArchiveAnUnreadLogStopsNobody() async throws {
        let relay = try await Unread.start("")
        for _ in 0..<30 { #expect(try Caller(relay.address, talk).isHungUp()) }
        try await relay.program.wait(for: "a line") {
            relay.program.errors.contains("left out of the log, and connections do not wait") ? () : nil
        }
        relay.readOn()
        try await relay.program.wait(for: "a line") { relay.program.errors.contains("has caught up") ? () : nil }
        try await relay.end()
    }

    @Test func withoutOneChatsWaitForTheReaderAndStandardErrorSaysSo() async throws {
        let relay = try await Unread.start("--no-archive")
        var waiting: Caller?
        // The analysis may be behind, so many can come before the log is full.
        for _ in 0..<1_000 where waiting == nil {
            let caller = try Caller(relay.address, talk)
            if !caller.isHungUp(seconds: 2) { waiting = caller }
        }
        let caller = try #require(waiting, "somebody has to wait")
        try await relay.program.wait(for: "a line", seconds: 2) {
            relay.program.errors.contains("connections wait for the reader of standard output") ? () : nil
        }
        relay.readOn()
        #expect(caller.isHungUp())
        try await relay.program.wait(for: "a line") { relay.program.errors.contains("connections continue") ? () : nil }
        try await relay.end()
    }

    /// Processor time of a process in seconds.
    private func cpu(of pid: pid_t) throws -> Double {
        let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        let fields = try #require(stat.split(separator: ")").last).split(separator: " ")
        let (user, system) = (try #require(Double(fields[11])), try #require(Double(fields[12])))
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// - Parameter late: whether the limit comes only after the relay has started, so that it does not know of it.
    @Test(arguments: [false, true])
    func noFileLeftIsNoReasonToSpin(late: Bool) async throws {
        let scratch = try Scratch()
        let ready = scratch.path("ready")
        let program = try Program(
            [],
            shell:
                "\(late ? "" : "ulimit -n 64;") exec \"$0\" relay --upstream 127.0.0.1:1 --listen 127.0.0.1:0 --quiet "
                + "--no-archive --ready-file \(ready)")
        let (address, pid) = try await program.ready(ready)
        if late {
            guard FileManager.default.isExecutableFile(atPath: "/usr/bin/prlimit") else {
                return print("SKIPPED: there is no prlimit (util-linux)")
            }
            try #require(try runProgram(["/usr/bin/prlimit", "--pid", "\(pid)", "--nofile=30:30"]).code == 0)
        }
        // They send nothing, so each keeps its place until its time limit.
        var callers = try (0..<100).map { _ in try Caller(address, []) }
        try await program.wait(for: "a line") { program.errors.contains("new clients wait") ? () : nil }
        let before = try cpu(of: pid)
        try await Task.sleep(for: .seconds(2))
        #expect(try cpu(of: pid) - before < 0.5, "a listener that spins takes a whole processor")
        callers.removeAll()
        // When the others have left, there is room again.
        let caller = try Caller(address, Array("VER 1 MSNP8\r\n".utf8))
        #expect(caller.isHungUp(seconds: 60))
        #expect(program.errors.components(separatedBy: "new clients wait").count == 2)
        program.terminate()
        #expect(try await program.outcome().code == 143)
    }
}
