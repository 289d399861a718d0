// `relay --metrics` and `doctor` as users start them.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct MetricsCommandTests {
    /// Runs a shell command and returns what it printed, and its code.
    private func shell(_ command: String) throws -> (output: String, code: Int32) {
        try runProgram(["/bin/sh", "-c", command])
    }

    private func isInstalled(_ program: String) -> Bool {
        let found = ["/usr/bin", "/usr/local/bin"].contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
        }
        if !found { print("SKIPPED: MetricsCommandTests: \(program) is not installed (tools/other-programs-setup)") }
        return found
    }

    /// The value of a sample.
    private func value(_ sample: String, in text: String) -> Int? {
        text.split(separator: "\n").first { $0.hasPrefix("\(sample) ") }.flatMap { Int($0.split(separator: " ")[1]) }
    }

    /// The counts equal those of the archive after a run, and Prometheus' own tool accepts the format and the names.
    @Test func theCountsAreThoseOfTheArchive() async throws {
        guard isInstalled("curl") else { return }
        let scratch = try Scratch()
        let sandbox = try Program(["sandbox", "--port", "0", "--quiet", "--ready-file", scratch.path("sandbox")])
        let server = try await port(in: "sandbox", scratch, sandbox)
        let archive = scratch.path("a.sqlite")
        let relay = try Program([
            "relay", "--upstream", "127.0.0.1:\(server)", "--listen", "0", "--metrics", "127.0.0.1:0", "--archive",
            archive, "--ready-file", scratch.path("relay"),
        ])
        let door = try await port(in: "relay", scratch, relay)
        let ready = try object(String(decoding: try scratch.read("relay"), as: UTF8.self))
        let url = try #require(ready["metrics"] as? String)
        for _ in 0..<3 {
            let caller = try Caller("127.0.0.1:\(door)", Array("VER 1 MSNP8 CVR0\r\nOUT\r\n".utf8))
            _ = caller.isHungUp()
        }
        let text = try await relay.wait(for: "three connections") { () -> String? in
            let (text, _) = try shell("curl -sf \(url)")
            let ended = text.matches(of: /butterflynet_connections_total\{[^}]*\} ([0-9]+)/)
            return ended.compactMap { Int($0.output.1) }.reduce(0, +) == 3 ? text : nil
        }
        if isInstalled("promtool") {
            let (complaints, code) = try shell("curl -sf \(url) | promtool check metrics")
            #expect(code == 0 && complaints.isEmpty, "\(complaints)")
            // The tool finds something where there is something.
            #expect(try shell("printf 'a_total{x=\"1\"} 1\\na_total{x=\"1\"} 2\\n' | promtool check metrics").code != 0)
        }
        relay.terminate()
        #expect(try await relay.outcome().code == 143)
        let shown = try await Program.run("stats", "--archive", archive, "--format", "jsonl")
        let sums = try object(try #require(shown.lines.first))
        let frames = text.matches(of: /butterflynet_frames_total\{[^}]*\} ([0-9]+)/).compactMap { Int($0.output.1) }
        #expect(frames.reduce(0, +) > 0 && sums["frames"] as? Int == frames.reduce(0, +), "\(shown.output)")
        let received = ["client", "server"].compactMap {
            value("butterflynet_received_bytes_total{side=\"\($0)\"}", in: text)
        }
        #expect(sums["bytes"] as? Int == received.reduce(0, +))
    }

    private func port(in file: String, _ scratch: Scratch, _ program: Program) async throws -> Int {
        try await program.wait(for: file) {
            let text = (try? scratch.read(file)).map { String(decoding: $0, as: UTF8.self) } ?? ""
            return text.firstMatch(of: /:([0-9]+)"/).flatMap { Int($0.output.1) }
        }
    }

    // MARK: doctor

    @Test func theDoctorSaysWhatToType() async throws {
        let outcome = try await Program.run("doctor", "--listen", "127.0.0.1:0", "--no-archive")
        #expect(outcome.code == 0, "\(outcome.output)")
        #expect(outcome.output.contains("ok     listen       127.0.0.1:0 is free."))
        #expect(outcome.output.contains("What to type in the client, for the relay at 127.0.0.1:0"))
        #expect(outcome.output.contains(#"HKCU\Software\Microsoft\MessengerService"#))
        // Only the ways that are open.
        let plain = try await Program.run("doctor", "--listen", "0", "--doors", "msnp", "--no-archive")
        #expect(!plain.output.contains("SOCKS") && plain.output.contains("MessengerService"))
    }

    @Test func aFailedCheckIsCodeOneAndALineToType() async throws {
        let outcome = try await Program.run(
            "doctor", "--listen", "0", "--upstream", "127.0.0.1:1", "--from", "127.0.0.1", "--format", "jsonl")
        #expect(outcome.code == 1 && outcome.errors.isEmpty)
        let lines = try outcome.lines.map { try object($0) }
        let checks = lines.filter { $0["event"] as? String == "check" }
        let upstream = try #require(checks.first { $0["name"] as? String == "upstream" })
        #expect(upstream["outcome"] as? String == "failed")
        #expect(upstream["type"] as? [String] == ["nc -vz 127.0.0.1 1"])
        #expect(Set(checks.compactMap { $0["name"] as? String }).count == 11)
        let settings = lines.filter { $0["event"] as? String == "client_setting" }
        #expect(settings.count == 32 && Set(lines.compactMap { $0["event"] as? String }).count == 2)
    }

    @Test func theDoctorFindsARunningRelayAndItsArchive() async throws {
        let scratch = try Scratch()
        let archive = scratch.path("a.sqlite")
        let relay = try await Running.start("--archive", archive)
        let outcome = try await Program.run("doctor", "--listen", relay.address, "--archive", archive)
        #expect(outcome.output.contains("A relay (process "), "\(outcome.output)")
        #expect(outcome.output.contains("records into it"), "\(outcome.output)")
        relay.program.terminate()
        _ = try await relay.program.outcome()
        // A damaged archive is said to be one.
        try scratch.write([UInt8](repeating: 0x41, count: 8_192), to: "b.sqlite")
        let damaged = try await Program.run("doctor", "--listen", "0", "--archive", scratch.path("b.sqlite"))
        #expect(damaged.code == 1 && damaged.output.contains("it is not an SQLite file"), "\(damaged.output)")
    }

    /// What a supervisor or a container's health check runs.
    @Test func theDoctorAsksWhetherARelayIsReady() async throws {
        let scratch = try Scratch()
        let sandbox = try Program(["sandbox", "--port", "0", "--quiet", "--ready-file", scratch.path("sandbox")])
        let server = try await port(in: "sandbox", scratch, sandbox)
        let relay = try Program([
            "relay", "--upstream", "127.0.0.1:\(server)", "--listen", "0", "--metrics", "127.0.0.1:0", "--no-archive",
            "--ready-file", scratch.path("relay"),
        ])
        let door = try await port(in: "relay", scratch, relay)
        let file = try object(String(decoding: try scratch.read("relay"), as: UTF8.self))
        let url = try #require(file["metrics"] as? String)
        let address = try #require(url.firstMatch(of: /127[0-9.]+:[0-9]+/).map { String($0.output) })
        let ready = try await Program.run("doctor", "--ready", address)
        #expect(ready.code == 0 && ready.output == "ok     ready        The relay at \(address) serves clients.\n")
        // Nothing listens at the upstream's port any more, which the next client shows.
        sandbox.terminate()
        _ = try await sandbox.outcome()
        _ = try Caller("127.0.0.1:\(door)", Array("VER 1 MSNP8 CVR0\r\n".utf8)).isHungUp()
        let not = try await Program.run("doctor", "--ready", address, "--format", "jsonl")
        #expect(not.code == 1 && not.output.contains("not ready: upstream_not_reached."), "\(not.output)")
        relay.terminate()
        _ = try await relay.outcome()
        let gone = try await Program.run("doctor", "--ready", address)
        #expect(gone.code == 1 && gone.output.contains("Nothing answers at \(address)"), "\(gone.output)")
    }

    @Test(arguments: [["--upstream", "a:0"], ["--from", "a:1"], ["--doors", "x"], ["--advertise", "0.0.0.0"]])
    func wrongUsage(_ arguments: [String]) async throws {
        let outcome = try await Program(["doctor"] + arguments).outcome()
        #expect(outcome.code == 2 && outcome.output.isEmpty)
    }
}
