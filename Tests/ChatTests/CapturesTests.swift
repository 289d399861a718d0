// The conversations of whole captures: as many messages as the frames have.

import Captures
import Chat
import Foundation
import MSNP
import Messages
import Testing
import Transcript

@Suite struct CaptureConversationsTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func read(_ file: URL) -> Reading {
        var events: [Event] = []
        _ = Captures.decode([file.path]) { event in
            events.append(event)
            return true
        }
        return Reading(events: events)
    }

    /// How many texts the frames of a connection hold; of several parts, the last counts.
    private func texts(_ reading: Reading, on connection: Int) -> Int {
        reading.events.count { event in
            guard event.connection == connection, case .frame(let frame, _) = event.kind, frame.verb == "MSG",
                event.role == .switchboard || event.role == .unknown
            else { return false }
            let lines = String(decoding: frame.payload, as: UTF8.self).lowercased().split(
                separator: "\r\n\r\n", maxSplits: 1)
            guard let head = lines.first, head.contains("content-type: text/plain") else { return false }
            return !head.contains("chunks:")
        }
    }

    private func compare(_ reading: Reading, _ name: String) {
        let entries = reading.entries()
        var told = 0
        for (conversation, entries) in zip(reading.conversations, entries) {
            let count = entries.count { if case .text = $0.what { true } else { false } }
            told += count
            // Where two clients of a session were captured, its messages are told once.
            var sessions: Set<Strand.Carrier> = []
            let seen = conversation.strands.filter { sessions.insert($0.carrier).inserted }.map(\.connection)
            let expected = seen.map { texts(reading, on: $0) }.reduce(0, +)
            if seen.count == conversation.strands.count {
                #expect(count == expected, "\(name): a conversation has \(count) messages, not \(expected)")
            } else {
                #expect(count >= expected, "\(name): a conversation has \(count) messages, fewer than \(expected)")
            }
        }
        let connections = Set(reading.events.map(\.connection))
        let shadows = reading.conversations.contains { Set($0.strands.map(\.carrier)).count < $0.strands.count }
        if !shadows { #expect(told == connections.map { texts(reading, on: $0) }.reduce(0, +), "\(name)") }
    }

    @Test func demo() {
        let reading = read(Self.root.appending(path: "captures/demo.pcap"))
        compare(reading, "demo")
        // Four messages, a nudge, and one more on another switchboard, all once.
        #expect(reading.conversations.count == 1)
        #expect(reading.texts().count == 5 && Set(reading.texts()).count == 5)
        #expect(reading.written(ChatText()).components("sent a nudge") == 1)
    }

    @Test func sharedCaptures() throws {
        let named = ProcessInfo.processInfo.environment["BUTTERFLYNET_SHARED"].map { URL(filePath: $0) }
        let folder = (named ?? Self.root.deletingLastPathComponent().appending(path: "shared")).appending(
            path: "captures")
        guard FileManager.default.fileExists(atPath: folder.path) else {
            print(
                "SKIPPED: sharedCaptures: there is no \(folder.path); set BUTTERFLYNET_SHARED to the folder that has captures"
            )
            return
        }
        var count = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        where name.hasSuffix(".pcap") {
            let reading = read(folder.appending(path: name))
            compare(reading, name)
            count += reading.conversations.count
        }
        #expect(count > 2)
    }
}
