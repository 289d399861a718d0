// A relay that runs: its ready file, its log, its end.

import Foundation
import TestSupport
import Testing

/// A relay that listens.
struct Running {
    let program: Program
    let address: String

    static func start(_ more: String..., upstream: String = "127.0.0.1:1") async throws -> Running {
        let scratch = try Scratch()
        let ready = scratch.path("ready")
        let program = try Program(
            ["relay", "--upstream", upstream, "--listen", "127.0.0.1:0", "--ready-file", ready] + more)
        let (address, pid) = try await program.ready(ready)
        #expect(kill(pid, 0) == 0)
        return Running(program: program, address: address)
    }

    /// Sends a line, and waits until the other side has closed the connection.
    func knock(_ line: String) throws {
        #expect(try Caller(address, Array(line.utf8)).isHungUp())
    }
}

/// A client that has sent something; its connection is closed at the end of the test.
final class Caller {
    private let descriptor: Int32

    init(_ address: String, _ bytes: [UInt8]) throws {
        let port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
        descriptor = try Loopback.connect(to: port)
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    deinit { close(descriptor) }

    /// Whether the other side closes the connection in time.
    func isHungUp(seconds: Int = 20) -> Bool {
        var timeout = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, 0)
        return count == 0 || count < 0 && errno != EAGAIN
    }
}

@Suite(.timeLimit(.minutes(1))) struct RunningTests {
    @Test(arguments: [true, false])
    func aSignalEndsItWithEverythingWritten(interrupt: Bool) async throws {
        let relay = try await Running.start("--format", "jsonl", "--quiet")
        // Right away: no signal is lost between the ready file and the wait for it.
        if interrupt { relay.program.interrupt() } else { relay.program.terminate() }
        let outcome = try await relay.program.outcome()
        #expect(outcome.code == (interrupt ? 130 : 143) && !outcome.wasKilled)
        let first = try object(try #require(outcome.lines.first))
        #expect(first["event"] as? String == "listening" && first["address"] as? String == relay.address)
        #expect(outcome.errors.isEmpty)
    }

    @Test func aRefusingUpstreamIsOneLineAndTheRelayLives() async throws {
        let relay = try await Running.start("--format", "jsonl", "--quiet")
        try relay.knock("VER 1 MSNP8\r\n")
        try relay.knock("VER 2 MSNP8\r\n")
        relay.program.terminate()
        let outcome = try await relay.program.outcome()
        #expect(outcome.code == 143)
        let events = try outcome.lines.map { try object($0) }
        // The client's bytes were not forwarded, but they were sent.
        for number in 1...2 {
            let own = events.filter { $0["conn"] as? Int == number }.map { $0["event"] as? String }
            #expect(own == ["opened", "frame", "closed"])
        }
        #expect(events.count == 7)
        let errors = outcome.errors.split(separator: "\n")
        #expect(errors.count == 2 && errors.allSatisfy { $0.hasPrefix("butterflynet: ") && $0.contains("127.0.0.1:1") })
    }

    @Test func itSaysWhereItListensAndHowToGetThere() async throws {
        let relay = try await Running.start("--advertise", "192.0.2.7:1999")
        relay.program.interrupt()
        let outcome = try await relay.program.outcome()
        #expect(outcome.errors.contains("listens at \(relay.address)") && outcome.errors.contains("192.0.2.7:1999"))
        #expect(outcome.errors.contains("messenger.hotmail.com") && outcome.errors.contains("MessengerService"))
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 2 && lines[0].hasSuffix(" UTC") && lines[1].contains("listening on"))
    }

    /// The relay connects to its server once at start, and says what it found.
    @Test func itSaysWhetherTheServerCanBeReached() async throws {
        let dead = try await Running.start()
        try await dead.program.wait(for: "the result") {
            dead.program.errors.contains("127.0.0.1:1 cannot be reached now: connection refused") ? () : nil
        }
        dead.program.interrupt()
        let outcome = try await dead.program.outcome()
        #expect(outcome.errors.hasSuffix("No client connected; nothing was recorded.\n"), "\(outcome.errors)")
    }

    /// The number of a connection on the screen is its identifier in the archive, also in the second run.
    @Test func numbersOnTheScreenAreThoseOfTheArchive() async throws {
        let scratch = try Scratch()
        let archive = scratch.path("a.sqlite")
        for _ in 0..<2 {
            let demo = try await Program.run(
                "demo", "--once", "--listen", "127.0.0.1:0", "--format", "jsonl", "--archive", archive)
            #expect(demo.errors.contains(" show r"), "\(demo.errors)")
            let opened = try demo.lines.map { try object($0) }.filter { $0["event"] as? String == "opened" }
            try #require(opened.count == 8)
            for event in opened {
                let number = try #require(event["conn"] as? Int)
                let shown = try await Program.run("show", "c\(number)", "--format", "jsonl", "--archive", archive)
                let first = try object(try #require(shown.lines.first))
                #expect(first["conn"] as? Int == number && first["client"] as? String == event["client"] as? String)
            }
            let signIns = try demo.lines.compactMap { try object($0)["sign_in"] as? Int }
            for number in Set(signIns) {
                let shown = try await Program.run("show", "s\(number)", "--archive", archive)
                #expect(shown.code == 0 && !shown.output.isEmpty)
            }
        }
    }

    @Test func coloursWhereTheyAreWanted() async throws {
        let always = try await Program.run(
            "demo", "--once", "--listen", "127.0.0.1:0", "--color", "always", environment: ["NO_COLOR": "1"])
        #expect(always.code == 0 && always.output.contains("\u{1B}[3"))
        for environment in [[:], ["NO_COLOR": "1"]] {
            let plain = try await Program.run("demo", "--once", "--listen", "127.0.0.1:0", environment: environment)
            #expect(plain.code == 0 && !plain.output.contains("\u{1B}"))
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct DemoTests {
    @Test func onceIsWholeAndRedirectsEachClientThreeTimes() async throws {
        let outcome = try await Program.run("demo", "--once", "--listen", "127.0.0.1:0", "--format", "jsonl")
        #expect(outcome.code == 0)
        let events = try outcome.lines.map { try object($0) }
        #expect(events.first?["event"] as? String == "listening")
        let rewritten = events.filter { $0["event"] as? String == "rewritten" }
        let byAccount = Dictionary(grouping: rewritten) { $0["account"] as? String ?? "" }.mapValues(\.count)
        // Each is sent to the notification server, asks for a switchboard once, and is called to one once.
        #expect(byAccount == ["alice@example.com": 3, "bob@example.com": 3], "\(byAccount)")
        let texts = events.filter { $0["event"] as? String == "message" }
        #expect(texts.count == 10 && texts.allSatisfy { ($0["text"] as? String)?.isEmpty == false })
        let opened = events.count { $0["event"] as? String == "opened" }
        #expect(opened == 8 && events.count { $0["event"] as? String == "closed" } == 8)
        #expect(events.count { $0["event"] as? String == "noise" } == 0)
        #expect(Set(events.compactMap { $0["sign_in"] as? Int }) == [1, 2])
    }

    /// Its last lines say what was seen and what to do next, also where both streams go to one place; nothing is recorded.
    @Test func itEndsWithWhatWasSeenAndRecordsNothing() async throws {
        let scratch = try Scratch()
        let archive = scratch.path("a.sqlite")
        let outcome = try await Program.shell(
            "BUTTERFLYNET_ARCHIVE='\(archive)' \"$0\" demo --once --listen 127.0.0.1:0 2>&1")
        #expect(outcome.code == 0)
        let demo = try #require(outcome.output.range(of: "That was the demo"))
        #expect(!outcome.output[demo.upperBound...].contains("#"), "no event comes after it")
        #expect(outcome.output.hasSuffix("demo --archive FILE records it.\n\n"))
        #expect(!FileManager.default.fileExists(atPath: archive))
    }

    @Test func aClosedPipeEndsItQuietly() async throws {
        let outcome = try await Program.shell("\"$0\" demo --once --quiet --listen 127.0.0.1:0 | head -1")
        #expect(outcome.code == 0 && outcome.lines.count == 1 && outcome.errors.isEmpty, "\(outcome)")
        let relay = try await Program.shell("\"$0\" demo --quiet --listen 127.0.0.1:0 | head -3")
        #expect(relay.code == 0 && relay.lines.count == 3 && relay.errors.isEmpty, "\(relay)")
    }

    @Test func aLogThatCannotBeWrittenIsAFailure() async throws {
        guard FileManager.default.fileExists(atPath: "/dev/full") else {
            print("SKIPPED: there is no /dev/full")
            return
        }
        let outcome = try await Program.shell("\"$0\" demo --once --quiet --listen 127.0.0.1:0 > /dev/full")
        #expect(outcome.code == 1)
        #expect(outcome.errors.split(separator: "\n").contains { $0.contains("the end of the log is missing") })
    }

    @Test func aSignalDuringTheDemo() async throws {
        let demo = try Program(["demo", "--listen", "127.0.0.1:0", "--format", "jsonl", "--quiet"])
        try await demo.wait(for: "the first line") { demo.output.contains("\n") ? () : nil }
        demo.interrupt()
        let outcome = try await demo.outcome()
        #expect(outcome.code == 130 && !outcome.wasKilled && outcome.errors.isEmpty, "\(outcome.errors)")
        for line in outcome.lines { _ = try object(line) }
        #expect(outcome.output.hasSuffix("\n"))
    }

    @Test func quietPrintsNoAdvice() async throws {
        let outcome = try await Program.run("demo", "--once", "--quiet", "--listen", "127.0.0.1:0")
        #expect(outcome.code == 0 && outcome.errors.isEmpty && !outcome.output.isEmpty)
    }

    @Test func aFilterChoosesWhatIsPrinted() async throws {
        let outcome = try await Program.run(
            "demo", "--once", "--quiet", "--listen", "127.0.0.1:0", "--format", "jsonl", "--where",
            "event == rewritten and verb in {XFR RNG}")
        #expect(outcome.code == 0 && outcome.lines.count == 6)
    }
}
