// The conversations of whole captures: as many messages as the frames have.

import Analysis
import Captures
import Events
import Foundation
import MSNP
import Payloads
import TestSupport
import Testing
import Transcripts

@Suite struct CaptureConversationsTests {
    private func read(_ path: String) -> Reading {
        var events: [Event] = []
        _ = Captures.decode([path]) { event in
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
        var shown = 0
        for (conversation, entries) in zip(reading.conversations, entries) {
            let count = entries.count { if case .text = $0.what { true } else { false } }
            shown += count
            // Where two clients of a session were captured, its messages are shown once.
            var sessions: Set<ChatSegment.Carrier> = []
            let seen = conversation.segments.filter { sessions.insert($0.carrier).inserted }.map(\.connection)
            let expected = seen.map { texts(reading, on: $0) }.reduce(0, +)
            if seen.count == conversation.segments.count {
                #expect(count == expected, "\(name): a conversation has \(count) messages, not \(expected)")
            } else {
                #expect(count >= expected, "\(name): a conversation has \(count) messages, fewer than \(expected)")
            }
        }
        let connections = Set(reading.events.map(\.connection))
        let shadows = reading.conversations.contains { Set($0.segments.map(\.carrier)).count < $0.segments.count }
        if !shadows { #expect(shown == connections.map { texts(reading, on: $0) }.reduce(0, +), "\(name)") }
    }

    @Test func demo() {
        let reading = read(Repository.capture("demo.pcap"))
        compare(reading, "demo")
        // Four messages, a nudge, and one more on another switchboard, all once.
        #expect(reading.conversations.count == 1)
        #expect(reading.texts().count == 5 && Set(reading.texts()).count == 5)
        #expect(reading.written(ChatText()).components("sent a nudge") == 1)
    }

    @Test func sharedCaptures() throws {
        let paths = SharedFolder.captureFiles(neededFor: "conversations of real captures")
        guard !paths.isEmpty else { return }
        var count = 0
        for path in paths where path.hasSuffix(".pcap") {
            let reading = read(path)
            compare(reading, URL(filePath: path).lastPathComponent)
            count += reading.conversations.count
        }
        #expect(count > 2)
    }
}
