// Entries of talks in parts: the same as a transcript of the whole, each once.

import Analysis
import Captures
import Charsets
import Crypto
import Events
import Foundation
import MSNP
import Payloads
import TestSupport
import Testing
import Transcripts

@testable import Archive

@Suite struct TalkPagesTests {
    private static func line(_ entry: ChatEntry) -> String {
        "\(entry.time.nanoseconds) \(entry.account) \(entry.name) \(entry.what)"
    }

    private static func sha1(_ bytes: [UInt8]) -> [UInt8] { Array(Insecure.SHA1.hash(data: bytes)) }

    /// The conversations of an archive as `transcript` writes them, by their first connection.
    private static func transcripts(_ archive: Archive) throws -> (index: ConversationIndex, lines: [[String]]) {
        let index = try ConversationIndex(
            archive.recordings(of: .everything), keepsPictures: false, sha1: sha1,
            replay: { try archive.replay(apart: $0, asked: .everything, EventDetail(SegmentFinder.analysis), emit: $1) }
        )
        let lines = try index.conversations.map { conversation in
            var lines: [String] = []
            var reader = ConversationReader(
                conversation, names: index.names, sideEvents: index.attachments.sideEvents, charsets: .iconv)
            for group in conversation.connectionGroups {
                try archive.replay(together: group, EventDetail(SegmentFinder.analysis)) { event in
                    reader.take(event) { lines.append(line($0)) }
                    return true
                }
            }
            reader.finish { lines.append(line($0)) }
            return lines
        }
        return (index, lines)
    }

    private static func pages(
        _ reader: ArchiveReader, _ connection: Int64, _ index: ConversationIndex, limit: Int, backwards: Bool
    ) throws -> [ChatEntry] {
        let conversation = try #require(try reader.conversation(of: connection))
        let connections = conversation.segments.map { Int64($0.connection) }
        let pages = TalkPages(
            conversation, names: index.names, sideEvents: index.attachments.sideEvents, sha1: sha1, charsets: .iconv)
        func page(_ direction: TalkPages.Direction) throws -> TalkPages.Page {
            try pages.page(direction, limit: limit) {
                try reader.piece(of: connections, around: $0, back: $1, ahead: $2, SegmentFinder.analysis)
            }
        }
        var entries: [ChatEntry] = []
        if backwards {
            var next = try page(.before(EventCursor(time: .max, connection: .max, number: .max)))
            entries = next.entries
            while let previous = next.previous {
                next = try page(.before(previous))
                #expect(!next.entries.isEmpty || next.previous == nil)
                entries = next.entries + entries
            }
        } else {
            var last = try page(.from(EventCursor(time: .min, connection: 0, number: 0)))
            entries = last.entries
            while let next = last.next {
                last = try page(.after(next))
                entries += last.entries
            }
        }
        return entries
    }

    @Test(arguments: ["demo", "two-views", "transfers", "client-wlm2009-to-older", "tcp-hole", "client-pidgin"])
    func partsAreThoseOfTheTranscript(capture: String) throws {
        let scratch = try Scratch()
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.importAll([Repository.capture("\(capture).pcap")])
        let (index, transcripts) = try Self.transcripts(archive)
        let reader = try ArchiveReader(archive.path)
        for (conversation, lines) in zip(index.conversations, transcripts) {
            guard case .switchboard? = conversation.segments.first?.carrier else { continue }
            let connection = Int64(conversation.segments[0].connection)
            guard try reader.talk(of: connection) != nil else { continue }
            for limit in [1, 2, 7, 200] {
                for backwards in [false, true] {
                    let entries = try Self.pages(reader, connection, index, limit: limit, backwards: backwards)
                    #expect(entries.map(Self.line) == lines, "\(capture) \(connection) \(limit) \(backwards)")
                    #expect(entries.allSatisfy { $0.address != nil })
                }
            }
        }
    }

    /// In the middle of a long talk a part is read without the rest: who takes part is known, and every text is there once.
    @Test func aLongTalkIsReadFromItsMiddle() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(sampleCapture((0..<3_000).map { "text \($0)" }), in: scratch)
        let (index, transcripts) = try Self.transcripts(archive)
        let reader = try ArchiveReader(archive.path)
        let lines = try #require(transcripts.first)
        #expect(lines.count > 3_000)
        #expect(try Self.pages(reader, 3, index, limit: 200, backwards: false).map(Self.line) == lines)
        #expect(try Self.pages(reader, 3, index, limit: 200, backwards: true).map(Self.line) == lines)
        let conversation = try #require(try reader.conversation(of: 3))
        let pages = TalkPages(conversation, names: index.names, sha1: Self.sha1)
        var events = 0
        let address = EventAddress(connection: 3, number: 2_500)
        let cursor = try #require(try reader.cursor(of: address))
        let page = try pages.page(.from(cursor), limit: 10) {
            let piece = try reader.piece(of: [3], around: $0, back: $1, ahead: $2, SegmentFinder.analysis)
            events += piece.events.count
            return piece
        }
        #expect(page.entries.count == 10 && events < 1_500)
        #expect(page.entries.first?.address == address)
        let place = try #require(lines.firstIndex(of: Self.line(page.entries[0])))
        #expect(page.entries.map(Self.line) == Array(lines[place..<place + 10]))
    }
}
