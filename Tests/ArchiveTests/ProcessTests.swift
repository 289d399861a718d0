// The program itself, killed while it records, and on a disk that is full.

import Events
import Foundation
import Glibc
import MSNP
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import Archive

@Suite(.serialized) struct ProcessTests {
    /// How often the relay is killed; BUTTERFLYNET_KILLS sets another number.
    private static let kills = ProcessInfo.processInfo.environment["BUTTERFLYNET_KILLS"].flatMap { Int($0) } ?? 5

    /// What a client had that many seconds before the kill has to be there. Half a second is promised; beside the rest of
    /// the tests, which keep all processors busy, the program may not get to run for longer than that.
    private static let margin = ProcessInfo.processInfo.environment["BUTTERFLYNET_KILLS"] == nil ? 1.5 : 0.5

    @Test(arguments: 0..<kills)
    func whatTheClientHadIsThereAfterAKill(round: Int) async throws {
        let scratch = try Scratch()
        let server = try Babbler()
        guard let relay = try await RunningRelay(scratch, server.port) else { return }
        let listeners = try (0..<3).map { _ in try Listener(relay.port) }
        // A busy machine may take its time until the first bytes come; what is tested begins then.
        let patience = Date.now + 60
        while !listeners.allSatisfy({ $0.bytes(before: .now) > 0 }), Date.now < patience { try await pause(0.02) }
        try await pause(Double.random(in: 0.3...1.5) + Self.margin)
        relay.kill(SIGKILL)
        let killed = Date.now
        server.stop()
        let archive = try Archive.open(scratch.path("a.sqlite"))
        let connections = try archive.list().flatMap(\.connections)
        #expect(connections.count == listeners.count)
        for listener in listeners {
            let had = listener.bytes(before: killed - Self.margin)
            #expect(had > 0)
            let connection = try #require(connections.first { $0.ends.client == "127.0.0.1:\(listener.port)" })
            #expect(connection.end == .cutOff)
            let recorded = try serverBytes(archive, connection.id)
            #expect(recorded.count >= had, "\(recorded.count) of \(had); \(relay.words)")
            #expect(recorded.elementsEqual(Babbler.stream(recorded.count)))
        }
    }

    @Test func aFullDiskStopsNobody() async throws {
        let scratch = try Scratch()
        let server = try Babbler(pause: 2_000)
        guard let relay = try await RunningRelay(scratch, server.port) else { return }
        let listener = try Listener(relay.port)
        try await pause(0.4)
        guard try relay.limitFiles(to: "\(1 << 20):unlimited") else { return }
        let deadline = Date.now + 90
        while !relay.said("NOT RECORDING"), Date.now < deadline { try await pause(0.05) }
        #expect(relay.said("NOT RECORDING"))
        let before = listener.bytes(before: .now)
        // More than the backlog takes.
        while !relay.said("will be missing from it"), Date.now < deadline { try await pause(0.05) }
        #expect(relay.said("will be missing from it"))
        try await pause(0.5)
        #expect(listener.bytes(before: .now) > before + (1 << 20))
        #expect(try relay.limitFiles(to: "unlimited:unlimited"))
        while !relay.said("can be written again"), Date.now < deadline { try await pause(0.05) }
        #expect(relay.said("can be written again"))
        #expect(relay.words.components(separatedBy: "NOT RECORDING").count == 2)
        relay.kill(SIGTERM)
        let had = listener.bytes(before: .now)
        server.stop()
        let archive = try Archive.open(scratch.path("a.sqlite"))
        var total: UInt64 = 0
        var names: [String] = []
        try archive.replay(.connection(1)) { event in
            switch event.kind {
            case .frame(let frame, .server): total += UInt64(frame.bytes.count)
            case .noise(let noise, .server): total += UInt64(noise.bytes.count)
            case .gap(let bytes, _, .server): total += bytes
            case .finding(let finding): names.append(finding.name.text)
            default: break
            }
            return true
        }
        #expect(total >= UInt64(had))
        #expect(names == ["not_recorded"])
    }

    private func serverBytes(_ archive: Archive, _ id: ArchiveID) throws -> [UInt8] {
        var result: [UInt8] = []
        try archive.replay(id) { event in
            switch event.kind {
            case .frame(let frame, .server): result += frame.bytes
            case .noise(let noise, .server): result += noise.bytes
            default: break
            }
            return true
        }
        return result
    }
}

/// The program, relaying and recording.
private final class RunningRelay {
    let port: UInt16
    private let process: ChildProcess
    private let errors: String

    /// - Returns: nil where the program is not built; that is recorded as an issue.
    init?(_ scratch: Scratch, _ upstream: UInt16) async throws {
        guard let builtProgram else {
            Issue.record("the program is not built: swift build --product butterflynet")
            return nil
        }
        errors = scratch.path("errors")
        process = try ChildProcess(
            builtProgram,
            [
                "relay", "--upstream", "127.0.0.1:\(upstream)", "--listen", "127.0.0.1:0",
                "--archive", scratch.path("a.sqlite"), "--ready-file", scratch.path("ready"), "--quiet",
            ], errors: errors)
        let deadline = Date.now + 20
        var found: UInt16?
        while found == nil, Date.now < deadline {
            try await pause(0.02)
            let text = (try? String(contentsOfFile: scratch.path("ready"), encoding: .utf8)) ?? ""
            found = text.firstMatch(of: /127\.0\.0\.1:(\d+)/).flatMap { UInt16($0.1) }
        }
        port = try #require(found)
    }

    var words: String { (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "" }

    func said(_ text: String) -> Bool { words.contains(text) }

    /// Makes the disk look full: no file may grow beyond a size.
    ///
    /// - Returns: false, with a line on standard output, where this machine has no way to do that.
    func limitFiles(to limit: String) throws -> Bool {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/prlimit") else {
            print("SKIPPED: the full disk: there is no prlimit (util-linux)")
            return false
        }
        return try runProgram(["/usr/bin/prlimit", "--pid", "\(process.id)", "--fsize=\(limit)"]).code == 0
    }

    func kill(_ signal: Int32) {
        process.send(signal)
        process.waitForEnd()
    }
}

/// A server that talks all the time, the same to everybody.
private final class Babbler: Sendable {
    let port: UInt16
    private let descriptor: Int32
    private let isStopped = NIOLockedValueBox(false)

    /// The line with a number.
    private static func line(_ number: Int) -> [UInt8] {
        Array("NLN NLN user\(number)@example.com A%20name%20of%20some%20length 268435456\r\n".utf8)
    }

    /// The start of what every client receives.
    static func stream(_ count: Int) -> [UInt8] {
        var result: [UInt8] = []
        var number = 0
        while result.count < count {
            result += line(number)
            number += 1
        }
        return Array(result.prefix(count))
    }

    /// - Parameter pause: how many microseconds lie between two pieces of 8 KiB.
    init(pause: UInt32 = 20_000) throws {
        (descriptor, port) = try Loopback.listen()
        let (descriptor, isStopped) = (descriptor, isStopped)
        Thread.detachNewThread {
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                Thread.detachNewThread { Self.talk(client, isStopped, pause) }
            }
        }
    }

    private static func talk(_ client: Int32, _ isStopped: NIOLockedValueBox<Bool>, _ pause: UInt32) {
        var number = 0
        while !isStopped.withLockedValue({ $0 }) {
            var piece: [UInt8] = []
            while piece.count < 8_192 {
                piece += line(number)
                number += 1
            }
            guard send(client, piece, piece.count, Int32(MSG_NOSIGNAL)) == piece.count else { break }
            usleep(pause)
        }
        close(client)
    }

    func stop() {
        isStopped.withLockedValue { $0 = true }
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }
}

/// A client that notes how much it had when.
private final class Listener: Sendable {
    let port: UInt16
    private let had = NIOLockedValueBox<[(at: Date, bytes: Int)]>([])

    init(_ server: UInt16) throws {
        let descriptor = try Loopback.connect(to: server)
        port = Loopback.port(of: descriptor)
        let hello = Array("VER 1 MSNP12 CVR0\r\n".utf8)
        _ = send(descriptor, hello, hello.count, Int32(MSG_NOSIGNAL))
        let had = had
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            var total = 0
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                total += count
                had.withLockedValue { [total] in $0.append((.now, total)) }
            }
            close(descriptor)
        }
    }

    /// How many bytes had come by then. The last line of them may have been cut anywhere.
    func bytes(before time: Date) -> Int {
        let total = had.withLockedValue { $0.last { $0.at <= time }?.bytes ?? 0 }
        return max(0, total - 100)
    }
}
