// The recorder beside trouble: a locked archive, a removed one, another writer.

import Events
import Foundation
import GRDB
import MSNP
import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import Archive

@Suite struct RecorderTests {
    private let words = NIOLockedValueBox<[String]>([])

    private func recorder(_ path: String, most: Int = Backlog.most) throws -> Recorder {
        try Recorder(path: path, toolVersion: "test", most: most) { [words] line in
            words.withLockedValue { $0.append(line) }
        }
    }

    private func frame(_ text: String, _ connection: Int = 1, _ time: Int64, from side: Side = .client) -> Event {
        let frame = Frame(Array("PNG \(text)\r\n".utf8)) ?? nil
        let kind = frame.map { Event.Kind.frame($0, from: side) } ?? .opened(Endpoints(client: "a:1", server: "b:2"))
        return Event(time: Timestamp(nanoseconds: time), connection: connection, role: .notification, kind: kind)
    }

    private func opened(_ connection: Int = 1) -> Event {
        Event(
            time: Timestamp(nanoseconds: 1), connection: connection, role: .notification,
            kind: .opened(Endpoints(client: "127.0.0.1:\(connection)", server: "b:2")))
    }

    private func closed(_ connection: Int = 1) -> Event {
        Event(
            time: Timestamp(nanoseconds: 1_000_000_000), connection: connection, role: .notification,
            kind: .closed(
                Endpoints(client: "127.0.0.1:\(connection)", server: "b:2"), reason: .other("end"),
                client: Tally().sums,
                server: Tally().sums))
    }

    private func kinds(_ archive: Archive, _ id: ArchiveID) throws -> [Event.Kind] {
        var result: [Event.Kind] = []
        try archive.replay(id) { event in
            // The load is synthetic, and its commands have findings.
            if case .finding(let finding) = event.kind, finding.isDerived { return true }
            result.append(event.kind)
            return true
        }
        return result
    }

    private func clientBytes(_ kinds: [Event.Kind]) -> Int {
        kinds.reduce(0) { sum, kind in
            switch kind {
            case .frame(let frame, .client): sum + frame.bytes.count
            case .gap(let bytes, _, .client): sum + Int(bytes)
            default: sum
            }
        }
    }

    @Test func whatIsSaidIsInTheFileSoon() async throws {
        let scratch = try Scratch()
        let recorder = try recorder(scratch.path("a.sqlite"))
        _ = recorder.receive([opened()])
        let archive = try Archive.open(scratch.path("a.sqlite"))
        for number in 1...60 {
            _ = recorder.receive([frame("\(number)", 1, Int64(number) * 1_000_000)])
            try await pause(0.01)
        }
        try await pause(0.3)
        #expect(try kinds(archive, .connection(1)).count == 61)
        #expect(try archive.list().first?.connections.first?.end == .open)
        _ = recorder.receive([closed()])
        recorder.close()
        #expect(try kinds(archive, .connection(1)).count == 62)
        #expect(try archive.list().first?.connections.first?.end == .closed(.other("end")))
        #expect(try await archive.queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM block") } == 1)
        #expect(words.withLockedValue { $0 } == [])
    }

    @Test func aLockedArchiveStopsNobody() async throws {
        let scratch = try Scratch()
        let recorder = try recorder(scratch.path("a.sqlite"), most: 8 << 20)
        _ = recorder.receive([opened()])
        try await pause(0.3)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: scratch.path("a.sqlite"), configuration: configuration)
        var sent = 0
        do {
            try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
            _ = recorder.receive([frame("0", 1, 2)])
            let deadline = Date.now + 60
            while words.withLockedValue({ $0.isEmpty }), Date.now < deadline { try await pause(0.01) }
            // More than the backlog holds; the caller is not asked to wait.
            let long = String(repeating: "x", count: 7_000)
            for number in 1...3_000 {
                #expect(recorder.receive([frame(long, 1, Int64(number) * 1_000_000)]))
                sent += 1
            }
            // Before the archive can be written again, so that all of this is one gap.
            _ = recorder.receive([closed()])
            try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        }
        let deadline = Date.now + 60
        while words.withLockedValue({ $0.last != "the archive can be written again" }), Date.now < deadline {
            try await pause(0.01)
        }
        recorder.close()
        let archive = try Archive.open(scratch.path("a.sqlite"))
        let kinds = try kinds(archive, .connection(1))
        #expect(clientBytes(kinds) == 7 + sent * 7_006)
        let findings = kinds.compactMap { if case .finding(let finding) = $0 { finding.name.text } else { nil } }
        #expect(findings == ["not_recorded"])
        #expect(words.withLockedValue { $0.count { $0.hasPrefix("NOT RECORDING") } } == 1)
        #expect(words.withLockedValue { $0.last } == "the archive can be written again")
        if case .closed = kinds.last {} else { Issue.record("the end is missing") }
    }

    @Test func anArchiveThatIsLockedFromTheStartIsUsedLater() throws {
        let scratch = try Scratch()
        _ = try Archive.openOrCreate(scratch.path("a.sqlite"))
        let other = try DatabaseQueue(path: scratch.path("a.sqlite"))
        let recorder = try other.writeWithoutTransaction { db in
            try db.execute(sql: "BEGIN EXCLUSIVE")
            let recorder = try self.recorder(scratch.path("a.sqlite"))
            _ = recorder.receive([opened(), frame("1", 1, 2)])
            try db.execute(sql: "COMMIT")
            return recorder
        }
        recorder.close()
        let said = words.withLockedValue { $0 }
        #expect(!said.contains { $0.contains("could not be recorded") }, "\(said)")
        #expect(try kinds(Archive.open(scratch.path("a.sqlite")), .connection(1)).count == 2)
        #expect(words.withLockedValue { $0.first?.hasPrefix("NOT RECORDING") } == true)
    }

    @Test func aRemovedArchiveIsMadeAgain() async throws {
        let scratch = try Scratch()
        let recorder = try recorder(scratch.path("a.sqlite"))
        var gap = frame("", 1, 2)
        gap.kind = .gap(bytes: 5, offset: 0, from: .server)
        _ = recorder.receive([opened(), frame("before", 1, 2), gap])
        try await pause(0.3)
        for name in ["a.sqlite", "a.sqlite-wal", "a.sqlite-shm"] {
            try FileManager.default.removeItem(atPath: scratch.path(name))
        }
        _ = recorder.receive([frame("after", 1, 3)])
        try await pause(0.3)
        recorder.close()
        let kinds = try kinds(Archive.open(scratch.path("a.sqlite")), .connection(1))
        #expect(clientBytes(kinds) == 12 + 11)
        // What was missing already is missing on the same side.
        #expect(kinds.contains { if case .gap(5, 0, .server) = $0 { true } else { false } })
        #expect(
            kinds.contains { if case .finding(let finding) = $0 { finding.name.text == "not_recorded" } else { false } }
        )
        #expect(words.withLockedValue { $0.count { $0.contains("REMOVED") } } == 1)
    }

    @Test func twoRecordersAndAnImportShareAnArchive() async throws {
        let scratch = try Scratch()
        let path = scratch.path("a.sqlite")
        let capture = try scratch.write(sampleCapture(), to: "a.pcap")
        try await withThrowingTaskGroup { group in
            for _ in 1...2 {
                let recorder = try recorder(path)
                group.addTask {
                    _ = recorder.receive((1...5).map { opened($0) })
                    for number in 1...300 {
                        _ = recorder.receive((1...5).map { frame("\(number)", $0, Int64(number) * 1_000) })
                        try await pause(0.002)
                    }
                    _ = recorder.receive((1...5).map { closed($0) })
                    recorder.close()
                }
            }
            group.addTask { try Archive.openOrCreate(path).importAll([capture]) }
            try await group.waitForAll()
        }
        let archive = try Archive.open(path)
        let connections = try archive.list().flatMap(\.connections)
        #expect(connections.count == 13)
        for connection in connections where connection.ends.server == "b:2" {
            #expect(try kinds(archive, connection.id).count == 302)
        }
        #expect(try archive.texts("hello").count == 1)
        #expect(words.withLockedValue { $0 } == [])
    }
}
