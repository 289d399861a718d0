// A relay that runs: its ready file, its log, its end.

import Foundation
import Testing

/// A relay that listens.
struct Running {
    let program: Program
    let address: String

    static func start(_ more: String..., upstream: String = "127.0.0.1:1") async throws -> Running {
        let ready = FileManager.default.temporaryDirectory.appendingPathComponent("ready-\(UUID().uuidString)").path
        let program = try Program(
            ["relay", "--upstream", upstream, "--listen", "127.0.0.1:0", "--ready-file", ready] + more)
        defer { try? FileManager.default.removeItem(atPath: ready) }
        let data = try await program.wait(for: "the ready file") { FileManager.default.contents(atPath: ready) }
        let object = try object(String(decoding: data, as: UTF8.self))
        #expect(Set(object.keys) == ["listening", "pid"])
        let pid = try #require(object["pid"] as? Int)
        #expect(kill(pid_t(pid), 0) == 0)
        let addresses = try #require(object["listening"] as? [String])
        #expect(addresses.count == 1)
        return Running(program: program, address: addresses[0])
    }

    /// Connects, says a line, and returns when the other side has hung up.
    func knock(_ line: String) throws {
        let port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        _ = line.withCString { send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
        var byte: UInt8 = 0
        #expect(recv(descriptor, &byte, 1, 0) <= 0)
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
        let events = try outcome.lines.map { try object($0)["event"] as? String }
        // What the client said went nowhere, but it was said.
        #expect(events == ["listening", "opened", "frame", "closed", "opened", "frame", "closed"])
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
