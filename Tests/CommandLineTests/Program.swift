// The built program, started as people and scripts start it.

import Foundation
import Synchronization
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

    /// Where the build puts the program: beside the tests.
    static let path: String = {
        let beside = Bundle(for: Program.self).bundleURL.deletingLastPathComponent()
        let built = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(".build/debug")
        let here = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return [here, beside, built].map { $0.appendingPathComponent("butterflynet").path }
            .first { FileManager.default.isExecutableFile(atPath: $0) } ?? "butterflynet"
    }()

    private let process = Process()
    private let folder: URL
    private let ended = Mutex(false)

    /// Starts the program; its output goes into files, which never fill up.
    ///
    /// - Parameter current: the folder it is started in; the tests' own where none is given.
    init(
        _ arguments: [String], environment: [String: String] = [:], shell: String? = nil, folder current: URL? = nil
    ) throws {
        if let current { process.currentDirectoryURL = current }
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("butterflynet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in ["output", "errors"] { try Data().write(to: folder.appendingPathComponent(name)) }
        if let shell {
            process.executableURL = URL(fileURLWithPath: "/bin/bash")
            process.arguments = ["-c", "set -o pipefail; \(shell)", Self.path]
        } else {
            process.executableURL = URL(fileURLWithPath: Self.path)
            process.arguments = arguments
        }
        // Every run has an archive of its own, unless the test names one.
        let own = ["BUTTERFLYNET_ARCHIVE": folder.appendingPathComponent("own.sqlite").path]
        process.environment = ProcessInfo.processInfo.environment.merging(own) { $1 }.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: folder.appendingPathComponent("output"))
        process.standardError = try FileHandle(forWritingTo: folder.appendingPathComponent("errors"))
        try process.run()
    }

    deinit {
        if process.isRunning { process.terminate() }
        try? FileManager.default.removeItem(at: folder)
    }

    /// The path of a file that goes away with the run.
    func file(_ name: String) -> String { folder.appendingPathComponent(name).path }

    func interrupt() { process.interrupt() }
    func terminate() { process.terminate() }

    /// What is on standard output so far.
    var output: String { text("output") }

    /// What is on standard error so far.
    var errors: String { text("errors") }

    private func text(_ name: String) -> String {
        let data = (try? Data(contentsOf: folder.appendingPathComponent(name))) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    /// Waits for something that the run brings about; looks often, for files tell nobody.
    func wait<Answer>(for what: String, seconds: Int = 90, _ look: () throws -> Answer?) async throws -> Answer {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            if let answer = try look() { return answer }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("waited \(seconds) s for \(what); errors: \(text("errors"))")
        throw CancellationError()
    }

    /// Waits for the end.
    func outcome() async throws -> Outcome {
        do {
            try await wait(for: "the end of \(process.arguments ?? [])") { process.isRunning ? nil : () }
        } catch {
            kill(process.processIdentifier, SIGKILL)
            throw error
        }
        return Outcome(
            code: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
            output: text("output"), errors: text("errors"))
    }

    /// Starts the program and waits for its end.
    static func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Outcome {
        try await Program(arguments, environment: environment).outcome()
    }

    /// Starts a shell line in which `$0` is the program.
    static func shell(_ line: String) async throws -> Outcome { try await Program([], shell: line).outcome() }
}

/// A line of JSON.
func object(_ line: some StringProtocol) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
}
