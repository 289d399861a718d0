// What goes into the archive comes out of it: captures, and what a relay saw.

import Analysis
import Events
import Foundation
import MSNP
import NIOConcurrencyHelpers
import NIOPosix
import Relay
import Sandbox
import TestSupport
import Testing

@testable import Archive

@Suite struct RoundTripTests {
    @Test func aMadeCaptureComesBack() throws {
        let scratch = try Scratch()
        let path = try scratch.write(sampleCapture(), to: "a.pcap")
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.importAll([path])
        let expected = decoded([path])
        #expect(expected.count == 3)
        #expect(expected.values.joined().contains { $0.contains("\"event\":\"gap\"") })
        #expect(expected.values.joined().contains { $0.contains("\"event\":\"noise\"") })
        #expect(try archive.lines(.recording(1)) == expected)
        #expect(try archive.lines(.connection(3)) == [3: expected[3] ?? []])
        #expect(try archive.lines(.conversation(3)) == [3: expected[3] ?? []])
        #expect(try archive.lines(.signIn(1)) == expected)
    }

    /// A reader pays only for what it uses.
    @Test func aReplayComputesWhatIsRequested() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(in: scratch)
        func replayed(_ detail: EventDetail) throws -> (digests: Int, messages: Int, others: Int) {
            var counts = (digests: 0, messages: 0, others: 0)
            try archive.replay(nil, detail) { event in
                switch event.kind {
                case .closed(_, _, let client, _): counts.digests += client.sha256.isEmpty ? 0 : 1
                case .message: counts.messages += 1
                default: counts.others += 1
                }
                return true
            }
            return counts
        }
        let (none, messages, all) = (try replayed(.none), try replayed(EventDetail(.messages)), try replayed(.all))
        #expect(none.digests == 0 && none.messages == 0 && messages.digests == 0)
        #expect(messages.messages > 0 && messages.messages == all.messages && messages.others <= all.others)
        #expect(all.digests == 3)
    }

    /// What a file's own connection carries was agreed on elsewhere: such a finding is kept, not made again.
    @Test func findingsOnFilesOwnConnectionsAreKept() throws {
        let scratch = try Scratch()
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        func event(_ connection: Int, _ role: Role, _ kind: Event.Kind) -> Event {
            Event(time: Timestamp(nanoseconds: 1_000), connection: connection, role: role, kind: kind)
        }
        let finding = Finding(.ftpSizeDiffers, "A file of 2 bytes arrived, but 3 were offered.", side: .server)
        let ends = Endpoints(client: "10.0.0.1:1", server: "10.0.0.2:6891")
        let line = try #require(Frame(Array("FIL 2\r\n".utf8)))
        var events: [Event] = []
        for (connection, role) in [(1, Role.fileTransfer), (2, .peerToPeer), (3, .switchboard)] {
            events += [
                event(connection, .unknown, .opened(ends)), event(connection, role, .frame(line, from: .server)),
                event(connection, role, .finding(finding)),
                event(connection, role, .closed(ends, reason: .closed, client: Tally().sums, server: Tally().sums)),
            ]
        }
        try archive.importing([], toolVersion: "0", now: Timestamp(nanoseconds: 0)) { sink in
            _ = sink.receive(events)
            return []
        }
        for _ in 0..<2 {
            var kept: [Int] = []
            try archive.replay(nil) { event in
                if case .finding(let found) = event.kind, found == finding { kept.append(event.connection) }
                return true
            }
            // On a switchboard it would follow from the bytes, which here it does not.
            #expect(kept == [1, 2])
            _ = try archive.reindex()
        }
    }

    @Test func everythingIsAllRecordingsInOrderOfTime() throws {
        let scratch = try Scratch()
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        #expect(throws: ArchiveError.self) { try archive.replay(nil) { _ in true } }
        for name in ["a.pcap", "b.pcap"] { try archive.importAll([try scratch.write(sampleCapture([name]), to: name)]) }
        var lines = Lines()
        var opened: [Timestamp] = []
        var order: [(Timestamp, Int)] = []
        try archive.replay(nil) { event in
            lines.append(event)
            order.append((event.time, event.connection))
            if case .opened = event.kind { opened.append(event.time) }
            return true
        }
        #expect(opened.count == 6 && opened == opened.sorted())
        // Both captures have the same times: at each of them, the events of the first come first.
        #expect(!zip(order, order.dropFirst()).contains { $1 < $0 })
        let both = try archive.lines(.recording(1)).merging(try archive.lines(.recording(2))) { $1 }
        #expect(both.count == 6 && lines.byConnection == both)
    }

    @Test func everySharedCaptureComesBack() throws {
        for path in SharedFolder.captureFiles(neededFor: "round trips of real captures") {
            let scratch = try Scratch()
            let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
            try archive.importAll([path])
            let expected = decoded([path])
            guard !expected.isEmpty else { continue }
            // Not shown when it fails: messages of people in these captures are not for test logs.
            let isEqual = try archive.lines(.recording(1)) == expected
            #expect(isEqual, "\(path)")
            _ = try archive.reindex()
            let isEqualStill = try archive.lines(.recording(1)) == expected
            #expect(isEqualStill, "\(path)")
        }
    }

    @Test func longConnectionsAreCutIntoBlocksAndComeBack() throws {
        let scratch = try Scratch()
        var capture = CaptureMaker()
        let chat = (0..<400).map { index -> (Side, String, isCaptured: Bool) in
            let side: Side = index % 3 == 0 ? .server : .client
            return (side, message("\(index) " + String(repeating: "long ", count: 200), from: side), true)
        }
        capture.connection(from: 2, port: 4_000, [(.client, "USR 1 alice@example.com 1.1\r\n", true)] + chat)
        let path = try scratch.write(capture.bytes, to: "a.pcap")
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.importAll([path])
        #expect(try archive.lines(.recording(1)) == decoded([path]))
        #expect(try archive.texts("399").count == 1)
    }

    @Test func theArchiveHoldsWhatTheLogPrinted() async throws {
        let scratch = try Scratch()
        let group = MultiThreadedEventLoopGroup.singleton
        let recorder = try Recorder(path: scratch.path("a.sqlite"), toolVersion: "test") { _ in }
        let log = Collector()
        let sandbox = try await Sandbox.start(on: group)
        let relay = try await RelayServer.start(
            RelayOptions(upstream: sandbox.dispatch, listen: HostPort("127.0.0.1", 0)), group: group,
            sink: EventSinks([log, recorder]), report: { _ in })
        try await DemoChat.run(door: relay.listenAddress, group: group)
        await relay.stop()
        await sandbox.stop()
        recorder.close()
        let archive = try Archive.open(scratch.path("a.sqlite"))
        let expected = log.lines.withLockedValue { $0.byConnection }
        #expect(expected.count == 8)
        #expect(Set(try archive.lines(.recording(1)).values.map(Self.plain)) == Set(expected.values.map(Self.plain)))
        #expect(try archive.list().compactMap(\.account).sorted() == ["alice@example.com", "bob@example.com"])
        #expect(
            try archive.list().allSatisfy {
                $0.connections.first?.role == .dispatch && $0.connections.contains { $0.conversation?.messages == 4 }
            })
    }

    /// Lines without the numbers of connections, which two that open at once may get in another order.
    private static func plain(_ lines: [String]) -> [String] {
        lines.map {
            $0.replacing(/"conn":\d+/, with: "").replacing(/"sign_in":\d+/, with: "").replacing(
                /connection-\d+/, with: "")
        }
    }
}

/// Keeps what a log would print.
final class Collector: LiveEventSink {
    let lines = NIOLockedValueBox(Lines())

    func receive(_ events: [Event]) -> Bool {
        lines.withLockedValue { lines in
            for event in events { lines.append(event) }
        }
        return true
    }

    func whenReady(_ callback: @escaping @Sendable () -> Void) { callback() }
}
