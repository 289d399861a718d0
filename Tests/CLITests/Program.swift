// The built program, started as people and scripts start it.

import Foundation
import Synchronization
import TestSupport
import Testing

/// A run of the program.
final class Program: Sendable {
    struct Outcome: Sendable {
        var code: Int32
        var wasKilled: Bool
        var output: String
        var errors: String
        var lines: [Substring] { output.split(separator: "\n") }
    }

    static let path = builtProgram ?? "butterflynet"

    private let process: ChildProcess
    private let words: [String]
    private let scratch: Scratch
    private let ended = Mutex(false)

    /// Starts the program; its output goes into files, which never fill up.
    ///
    /// - Parameter current: the folder it is started in; the tests' own where none is given.
    init(
        _ arguments: [String], environment: [String: String] = [:], shell: String? = nil, folder current: URL? = nil
    ) throws {
        scratch = try Scratch()
        words = shell.map { ["-c", "set -o pipefail; \($0)", Self.path] } ?? arguments
        // Every run has an archive of its own, unless the test names one.
        let own = ["BUTTERFLYNET_ARCHIVE": scratch.path("own.sqlite")]
        process = try ChildProcess(
            shell == nil ? Self.path : "/bin/bash", words,
            environment: ProcessInfo.processInfo.environment.merging(own) { $1 }.merging(environment) { $1 },
            folder: current?.path, output: scratch.path("output"), errors: scratch.path("errors"))
    }

    /// The path of a file that goes away with the run.
    func file(_ name: String) -> String { scratch.path(name) }

    func interrupt() { process.send(SIGINT) }
    func terminate() { process.send(SIGTERM) }

    /// Whether the program has installed a handler for a signal.
    func handles(_ signal: Int32) -> Bool {
        let status = (try? String(contentsOfFile: "/proc/\(process.id)/status", encoding: .utf8)) ?? ""
        let mask = status.firstMatch(of: /SigCgt:\s*([0-9a-f]+)/).flatMap { UInt64($0.output.1, radix: 16) }
        return (mask ?? 0) & 1 << UInt64(signal - 1) != 0
    }

    /// What is on standard output so far.
    var output: String { text("output") }

    /// What is on standard error so far.
    var errors: String { text("errors") }

    private func text(_ name: String) -> String {
        String(decoding: (try? scratch.read(name)) ?? [], as: UTF8.self)
    }

    /// Waits for an effect of the run. It polls, since files do not notify.
    func wait<Answer>(for what: String, seconds: Int = 90, _ look: () throws -> Answer?) async throws -> Answer {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            if let answer = try look() { return answer }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("waited \(seconds) s for \(what); errors: \(text("errors"))")
        throw CancellationError()
    }

    /// Waits for the ready file of a relay and returns its text.
    func ready(_ file: String) async throws -> (address: String, pid: pid_t) {
        let data = try await wait(for: "the ready file") { FileManager.default.contents(atPath: file) }
        let ready = try object(String(decoding: data, as: UTF8.self))
        #expect(Set(ready.keys) == ["listening", "pid"])
        let addresses = try #require(ready["listening"] as? [String])
        #expect(addresses.count == 1)
        return (try #require(addresses.first), pid_t(try #require(ready["pid"] as? Int)))
    }

    /// Waits for the end.
    func outcome() async throws -> Outcome {
        do {
            let ending = try await wait(for: "the end of \(words)") { process.ending }
            let (code, wasKilled) =
                switch ending {
                case .exit(let code): (code, false)
                case .signal(let number): (number, true)
                }
            return Outcome(code: code, wasKilled: wasKilled, output: text("output"), errors: text("errors"))
        } catch {
            process.send(SIGKILL)
            throw error
        }
    }

    /// Starts the program and waits for its end.
    static func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Outcome {
        try await Program(arguments, environment: environment).outcome()
    }

    static func run(_ arguments: [String]) async throws -> Outcome { try await Program(arguments).outcome() }

    /// Starts a shell line in which `$0` is the program.
    static func shell(_ line: String) async throws -> Outcome { try await Program([], shell: line).outcome() }
}

/// A line of JSON.
func object(_ line: some StringProtocol) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
}
