// Talks as rows: the same as joining all parts at once, however they came into the archive.

import Analysis
import Events
import Foundation
import GRDB
import MSNP
import TestSupport
import Testing

@testable import Archive

/// Conversations of invented people over many switchboards.
private struct TalkMaker {
    var random: SeededGenerator
    private var number = 0
    private(set) var events: [Event] = []

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// Adds one switchboard.
    ///
    /// - Parameter start: in seconds.
    mutating func add(own: String, with others: [String], start: Int, messages: Int, session: String?) {
        number += 1
        var now = Int64(1_100_000_000 + start) * 1_000_000_000
        let context = ConnectionContext(
            connection: number, role: .switchboard, dialect: Dialect(12),
            signIn: SignIn(number: own == "alice@example.com" ? 1 : 2, account: own))
        var tracker = ConnectionTracker(connection: number, analysis: Archive.storedAnalysis)
        func emit(_ kind: Event.Kind) {
            tracker.observe(Event(time: Timestamp(nanoseconds: now), context: context, kind: kind)) {
                events.append($0)
            }
            now += 1_000_000_000
        }
        func frame(_ text: String, from side: Side) {
            if let frame = Frame(Array(text.utf8)) { emit(.frame(frame, from: side)) }
        }
        let ends = Endpoints(client: "10.0.0.1:400\(number)", server: "10.0.0.2:1863")
        emit(.opened(ends))
        if let session {
            frame("ANS 1 \(own) 17.25 \(session)\r\n", from: .client)
        } else {
            frame("USR 1 \(own) 17.25\r\n", from: .client)
        }
        for other in others { frame("JOI \(other) \(other.prefix(3)) 0\r\n", from: .server) }
        for index in 0..<messages {
            let sender = others.first ?? "carol@example.com"
            let isOwn = Bool.random(using: &random)
            let text = message("text \(number) \(index)", from: isOwn ? .client : .server, by: sender)
            frame(text, from: isOwn ? .client : .server)
            now += Int64.random(in: 0...120, using: &random) * 1_000_000_000
        }
        if Bool.random(using: &random), let other = others.first { frame("BYE \(other)\r\n", from: .server) }
        let closed = Event.Kind.closed(ends, reason: .closed, client: Tally().sums, server: Tally().sums)
        tracker.end(Event(time: Timestamp(nanoseconds: now), context: context, kind: closed)) { events.append($0) }
    }

    /// Many switchboards of the same few people, near each other and far apart.
    mutating func addMany(_ count: Int) {
        let people = ["alice@example.com", "bob@example.com", "carol@example.com", "dora@example.com"]
        var start = 0
        for _ in 0..<count {
            start += [10, 600, 1_500, 2_200, 9_000].randomElement(using: &random) ?? 0
            let own = Bool.random(using: &random) ? people[0] : people[1]
            var others = people.filter { $0 != own }.shuffled(using: &random)
            others = Array(others.prefix(Int.random(in: 1...2, using: &random)))
            let session = Bool.random(using: &random) ? "\(Int.random(in: 1...3, using: &random))" : nil
            add(
                own: own, with: others, start: start, messages: Int.random(in: 0...6, using: &random), session: session)
        }
        // As they happened.
        events = events.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(
            \.element)
    }
}

@Suite struct TalkRowTests {
    /// The rows of an archive, and what joining everything at once gives.
    private static func rows(_ path: String) throws -> (rows: [String], joined: [String]) {
        try DatabaseQueue(path: path).writeWithoutTransaction { (db: Database) throws in
            let rows = try String.fetchAll(
                db,
                sql: """
                    SELECT talk.id || ' ' || talk.messages || ' ' || talk.first_ns || ' ' || talk.last_ns || ' '
                    || group_concat(connection, ',') FROM (SELECT * FROM talk_part ORDER BY talk, number) AS part
                    JOIN talk ON talk.id = part.talk GROUP BY talk.id ORDER BY talk.first_ns, talk.id
                    """)
            let joined = try TalkDerivation.joined(db).map { parts, messages in
                let first = parts.map(\.first.nanoseconds).min() ?? 0
                let last = parts.map(\.last.nanoseconds).max() ?? 0
                return "\(parts[0].connection) \(messages) \(first) \(last) "
                    + parts.map { "\($0.connection)" }.joined(separator: ",")
            }
            return (rows, joined)
        }
    }

    /// While a relay records, connection by connection, in whatever order they end.
    @Test(arguments: 0..<12) func recordedTalksAreThoseOfAllPartsAtOnce(seed: UInt64) throws {
        let scratch = try Scratch()
        var maker = TalkMaker(seed: seed)
        maker.addMany(40)
        let path = scratch.path("a.sqlite")
        let writer = ArchiveBatchWriter(path: path, toolVersion: "test") { Issue.record("\($0)") }
        try writer.open()
        var rest = maker.events[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...60, using: &maker.random)
            try writer.write([Backlog.Piece(began: 0, events: Array(rest.prefix(count)))])
            rest = rest.dropFirst(count)
            if Bool.random(using: &maker.random) { while try writer.completeTables() {} }
        }
        while try writer.completeTables() {}
        try writer.finish()
        let recorded = try Self.rows(path)
        #expect(recorded.rows == recorded.joined && recorded.rows.count > 3)
        // An import and reindex give the same.
        let imported = try record(maker.events, in: scratch, named: "b.sqlite")
        let rows = try Self.rows(imported)
        #expect(rows.rows == rows.joined)
        _ = try Archive.open(path).reindex()
        #expect(try Self.rows(path) == recorded)
    }

    /// After a deletion the rest is joined anew, and nothing of the deleted is left.
    @Test(arguments: 0..<6) func deletionSplitsTalks(seed: UInt64) throws {
        let scratch = try Scratch()
        var maker = TalkMaker(seed: seed)
        maker.addMany(30)
        let path = try record(maker.events, in: scratch)
        let archive = try Archive.openOrCreate(path)
        for connection: Int64 in [5, 12, 20] {
            _ = try archive.delete(.items([.connection(connection)]))
            let left = try Self.rows(path)
            #expect(left.rows == left.joined)
        }
        try archive.queue.read { (db: Database) throws in
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM pragma_foreign_key_check") == 0)
        }
    }

    @Test func theListIsReadInParts() throws {
        let scratch = try Scratch()
        var maker = TalkMaker(seed: 7)
        maker.addMany(60)
        let reader = try ArchiveReader(try record(maker.events, in: scratch))
        let all = try reader.talks(limit: 500).items
        #expect(all.count > 10)
        #expect(zip(all, all.dropFirst()).allSatisfy { $1.cursor < $0.cursor })
        for limit in [1, 2, 7] {
            var items: [TalkRow] = []
            var place = ListPlace.newest
            while true {
                let list = try reader.talks(place, limit: limit)
                items += list.items
                guard let next = list.next else { break }
                place = .after(next)
            }
            #expect(items.map(\.ids) == all.map(\.ids))
            let up = try reader.talks(.before(all[9].cursor), limit: 3)
            #expect(up.items.map(\.ids) == all[6..<9].map(\.ids) && up.previous != nil)
        }
        for talk in all {
            for connection in talk.connections { #expect(try reader.talk(of: connection)?.ids == talk.ids) }
            #expect(talk.messages == 0 || !talk.start.isEmpty)
            let items = try reader.all(.of(try #require(talk.ids.first)))
            #expect(Set(items.map(\.address.connection)) == Set(talk.connections))
        }
        let searched = try reader.talks(limit: 5) { $0.accounts.contains("dora@example.com") }
        #expect(searched.items.allSatisfy { $0.accounts.contains("dora@example.com") } && searched.items.count == 5)
    }

    /// Connections that were open when a relay was killed have a talk when the archive is opened again.
    @Test func cutOffConnectionsHaveTalks() throws {
        let scratch = try Scratch()
        var maker = TalkMaker(seed: 3)
        maker.add(own: "alice@example.com", with: ["bob@example.com"], start: 0, messages: 4, session: nil)
        let path = scratch.path("a.sqlite")
        let writer = ArchiveBatchWriter(path: path, toolVersion: "test") { Issue.record("\($0)") }
        try writer.open()
        try writer.write([Backlog.Piece(began: 0, events: maker.events.dropLast())])
        while try writer.completeTables() {}
        let reader = try ArchiveReader(path)
        #expect(try reader.talks(limit: 5).items.isEmpty)
        #expect(try reader.talk(of: 1)?.messages == 4)
        try DatabaseQueue(path: path).writeWithoutTransaction {
            try $0.execute(sql: "UPDATE recording SET process = 'gone'")
        }
        _ = try Archive.open(path)
        #expect(try reader.talks(limit: 5).items.map(\.messages) == [4])
    }
}
