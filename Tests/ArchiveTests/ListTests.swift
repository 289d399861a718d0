// Short lists: sign-ins with sums, parts of talks, people, statistics.

import Events
import Foundation
import GRDB
import MSNP
import Query
import TestSupport
import Testing

@testable import Archive

@Suite struct ListTests {
    /// Two captures, each with a sign-in and a conversation, in two recordings.
    private func archive(_ scratch: Scratch) throws -> Archive {
        let archive = try Archive.importing(in: scratch)
        try archive.importAll([scratch.write(sampleCapture(["Another day", "yes", "well"]), to: "b.pcap")])
        return archive
    }

    private func signIns(_ archive: Archive, _ query: SessionQuery) throws -> (all: [SignInSummary], SessionTotals) {
        var all: [SignInSummary] = []
        let totals = try archive.sessions(query) { part in
            if case .begins(let signIn) = part { all.append(signIn) }
            return true
        }
        return (all, totals)
    }

    private func parts(_ archive: Archive, _ query: SessionQuery = SessionQuery()) throws -> [TalkPart] {
        var parts: [TalkPart] = []
        try archive.talkParts(query) { part in
            parts.append(part)
            return true
        }
        return parts
    }

    @Test func signInsHaveSums() throws {
        let scratch = try Scratch()
        let archive = try archive(scratch)
        let (all, totals) = try signIns(archive, SessionQuery())
        let listed = try archive.list()
        for (signIn, whole) in zip(all, listed) {
            #expect(signIn.connections == Int64(whole.connections.count))
            #expect(signIn.messages == whole.connections.reduce(0) { $0 + ($1.conversation?.messages ?? 0) })
            #expect(signIn.findings == whole.connections.reduce(0) { $0 + $1.findings })
        }
        #expect(all.map(\.messages) == [2, 3] && all.map(\.conversations) == [1, 1])
        #expect(all.map { $0.file?.hasSuffix("a.pcap") } == [true, false])
        #expect(totals.lines == 2 && totals.signIns == 2 && totals.connections == 6 && totals.messages == 5)
    }

    @Test func theNewestComeFirstAndTheLimitKeepsTheSums() throws {
        let scratch = try Scratch()
        let archive = try archive(scratch)
        // The second recording is a moment later.
        try archive.queue.write {
            try $0.execute(
                sql: "UPDATE connection SET opened_ns = opened_ns + 1, last_ns = last_ns + 1 WHERE recording = 2")
        }
        var query = SessionQuery()
        (query.newestFirst, query.limit, query.includesConnections) = (true, 1, false)
        let (all, totals) = try signIns(archive, query)
        #expect(all.map(\.id) == [.signIn(2)])
        #expect(totals.lines == 2 && totals.messages == 5)
        query.limit = nil
        #expect(try signIns(archive, query).all.map(\.id) == [.signIn(2), .signIn(1)])
    }

    @Test(arguments: [
        (["s1"], [1]), (["s2"], [2]), (["r2"], [2]), (["s1", "r2"], [1, 2]), (["ALICE"], [1, 2]),
        (["alice", "s2"], [2]), (["bob"], []), (["alice", "example"], [1, 2]), (["alice", "nobody"], []),
    ])
    func identifiersAndWordsRestrict(arguments: [String], expected: [Int64]) throws {
        let scratch = try Scratch()
        let archive = try archive(scratch)
        let (all, _) = try signIns(archive, SessionQuery(selection: ListSelection(arguments)))
        #expect(all.map(\.id) == expected.map { .signIn($0) })
    }

    @Test func oneConnectionOfASignIn() throws {
        let scratch = try Scratch()
        let archive = try archive(scratch)
        for id in ["c3", "v3"] {
            let (all, totals) = try signIns(archive, SessionQuery(selection: ListSelection([id])))
            #expect(all.map(\.id) == [.signIn(1)] && all.map(\.connections) == [1] && all.map(\.messages) == [2])
            #expect(totals.connections == 1)
        }
        // c2 is no conversation.
        for id in ["v2", "s9", "c99"] {
            #expect(throws: ArchiveError.self) { try signIns(archive, SessionQuery(selection: ListSelection([id]))) }
        }
        let filtered = try signIns(archive, SessionQuery(filter: try Filter("role == SB", for: .sessions)))
        #expect(filtered.all.map(\.connections) == [1, 1] && filtered.1.messages == 5)
    }

    /// The latest name, wherever it was shown.
    @Test func signInsHaveTheLatestName() throws {
        let scratch = try Scratch()
        let archive = try archive(scratch)
        #expect(try signIns(archive, SessionQuery()).all.map(\.name) == [nil, nil])
        try archive.queue.write { db in
            let later: Int64 = 1_200_000_000_000_000_000
            for (time, name) in [(5, "Old"), (9, "Alice 🦋"), (7, "Middle"), (10, "")] {
                try db.execute(
                    sql: """
                        INSERT INTO presence SELECT 2, ?, ?, id, 'NLN', ? FROM account
                        WHERE address = 'alice@example.com'
                        """, arguments: [1_000 + time, later + Int64(time), name])
            }
            // A contact list has the name of its time.
            try db.execute(
                sql: "INSERT INTO contact SELECT 2, id, 'Listed', '1' FROM account WHERE address = 'alice@example.com'")
        }
        #expect(try signIns(archive, SessionQuery()).all.map(\.name) == ["Alice 🦋", "Alice 🦋"])
        let byName = try signIns(archive, SessionQuery(selection: ListSelection(["alice 🦋"])))
        #expect(byName.all.count == 2)
    }

    @Test func partsOfTalks() throws {
        let scratch = try Scratch()
        let archive = try archive(scratch)
        let all = try parts(archive)
        #expect(all.map(\.id) == [.conversation(3), .conversation(6)])
        let first = try #require(all.first)
        #expect(first.own == "alice@example.com" && first.session == "4711" && first.messages == 2)
        #expect(first.people == [TalkPart.Person(account: "bob@example.com", name: "Bob B")])
        #expect(first.peopleAtEnd == ["bob@example.com"] && first.signIn == 1 && first.recording == 1)
        let last = try #require(try archive.lastMessage(on: [3, 6]))
        #expect(["how are you?", "well"].contains(last.text))
        #expect(try archive.lastMessage(on: [3])?.text == "how are you?")
        #expect(try archive.lastMessage(on: [3])?.from == "bob@example.com")
        #expect(try archive.lastMessage(on: [1]) == nil)
        #expect(try archive.messageCount(on: 3, after: first.first) == 2)
        #expect(try archive.messageCount(on: 3, after: first.last) == 0)
        func requested(_ words: String...) throws -> [Bool] {
            try parts(archive, SessionQuery(selection: ListSelection(words))).map(\.isRequested)
        }
        #expect(try requested("bob b") == [true, true])
        #expect(try requested("s2") == [false, true])
        #expect(try requested("v3") == [true, false])
        #expect(try requested("carol") == [false, false])
    }

    /// What went over the notification server is one part, with the times of its messages.
    @Test func directMessages() throws {
        func direct(_ command: String, _ text: String) -> String {
            let payload = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n\(text)"
            return "\(command) \(payload.utf8.count)\r\n\(payload)"
        }
        var capture = CaptureMaker()
        capture.connection(
            from: 2, port: 4_000,
            [
                (.client, "VER 1 MSNP15 CVR0\r\nUSR 3 SSO I alice@example.com\r\n", true),
                (.server, "VER 1 MSNP15\r\nUSR 3 OK alice@example.com 1 0\r\n", true),
                (.client, direct("UUM 5 yan@yahoo.example 32 1", "hello Yan"), true),
                (.server, direct("UBM yan@yahoo.example 32 1", "hi"), true), (.client, "PNG\r\n", true),
            ])
        let scratch = try Scratch()
        let archive = try Archive.importing(capture.bytes, in: scratch)
        let part = try #require(try parts(archive).first)
        #expect(part.id == .connection(1) && part.isDirect && part.messages == 2)
        #expect(part.own == "alice@example.com" && part.people.map(\.account) == ["yan@yahoo.example"])
        let connection = try #require(try archive.list().first?.connections.first)
        #expect(connection.opened < part.first && part.last < connection.last)
        #expect(try archive.contacts(SessionQuery()).map(\.account) == ["yan@yahoo.example"])
    }

    @Test func peopleWhomAClientMet() throws {
        let scratch = try Scratch()
        let archive = try archive(scratch)
        let people = try archive.contacts(SessionQuery()).sorted { $0.account < $1.account }
        #expect(people.map(\.account) == ["bob@example.com", "carol@example.com"])
        #expect(people.map(\.name) == ["Bob B", "Carol"])
        #expect(people.map(\.lists) == ["11", ""])
        let bob = try #require(people.first)
        let (first, last) = (try #require(bob.first), try #require(bob.last))
        #expect(first < last)
        // Only the notification connection shows Carol.
        let talking = try archive.contacts(SessionQuery(filter: try Filter("role == SB", for: .sessions)))
        #expect(talking.map(\.account) == ["bob@example.com"])
    }

    @Test func sums() throws {
        let scratch = try Scratch()
        let archive = try archive(scratch)
        let sums = try archive.statistics()
        #expect(sums.recordings == [ArchiveStatistics.Count(name: "import", count: 2)])
        #expect(sums.dialects == [ArchiveStatistics.Count(name: "MSNP12", count: 2)])
        #expect(sums.programs == [ArchiveStatistics.Count(name: "MSNMSGR 7.0.0813", count: 2)])
        #expect(Set(sums.roles.map(\.name)) == ["DS", "NS", "SB"] && ArchiveStatistics.sum(sums.roles) == 6)
        #expect(sums.messages == 5 && sums.conversations == 2 && sums.files == 2 && sums.accounts == 3)
        let connections = try archive.list().flatMap(\.connections)
        #expect(sums.bytes == connections.reduce(0) { $0 + $1.bytes })
        #expect(sums.commands == connections.reduce(0) { $0 + $1.frames })
        #expect(sums.missingBytes == connections.reduce(0) { $0 + $1.missingBytes } && sums.missingBytes > 0)
        #expect(sums.first == connections.map(\.opened).min() && sums.last == connections.map(\.last).max())
        #expect(ArchiveStatistics.sum(sums.findings) == connections.reduce(0) { $0 + $1.findings })
        #expect(sums.transfers == 0 && sums.archiveBytes > sums.bytes)
    }

    /// What is not complete is not listed.
    @Test func anImportInProgressIsNotListed() throws {
        let scratch = try Scratch()
        let archive = try archive(scratch)
        try archive.queue.write { try $0.execute(sql: "UPDATE recording SET is_complete = 0 WHERE id = 2") }
        #expect(try signIns(archive, SessionQuery()).all.map(\.id) == [.signIn(1)])
        #expect(try parts(archive).map(\.id) == [.conversation(3)])
        #expect(try archive.contacts(SessionQuery()).count == 2)
        #expect(try archive.statistics().messages == 2)
    }

    /// A read-only archive of the first version has no column for files, and no table of transfers.
    @Test func anOldArchiveThatCannotBeWritten() throws {
        let scratch = try Scratch()
        let fixture = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/schema-1.sqlite")
        let path = try scratch.write(Array(Data(contentsOf: fixture)), to: "a.sqlite")
        let archive = try Archive(path, isReadOnly: true, waiting: 1)
        let (all, totals) = try signIns(archive, SessionQuery())
        #expect(all.map(\.file) == [nil] && all.map(\.origin) == ["sample.pcap"] && totals.messages == 3)
        #expect(try parts(archive).map(\.messages) == [3])
        let people = try archive.contacts(SessionQuery()).map(\.account).sorted()
        #expect(people == ["bob@example.com", "carol@example.com"])
        let sums = try archive.statistics()
        #expect(sums.messages == 3 && sums.transfers == nil)
    }

    /// Ten thousand connections of as many sign-ins: listed within a second, also in a build for tests.
    @Test func manySignIns() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(in: scratch)
        try archive.queue.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE number (n) AS (SELECT 10 UNION ALL SELECT n + 1 FROM number WHERE n < 10010)
                    INSERT INTO sign_in (id, recording, number, account, dialect)
                    SELECT n, 1, n, 'account' || n || '@example.com', 'MSNP8' FROM number;
                    INSERT INTO connection (id, recording, number, client, server, role, sign_in, opened_ns, last_ns)
                    SELECT id, 1, id, '10.0.0.1:1', '10.0.0.2:2', 'SB', id, id, id + 5 FROM sign_in WHERE id >= 10;
                    INSERT INTO conversation (id, session) SELECT id, id FROM connection WHERE id >= 10;
                    INSERT INTO account (address) SELECT account FROM sign_in WHERE id >= 10;
                    INSERT INTO participant (conversation, account, name, joined_ns)
                    SELECT connection.id, account.id, 'A', opened_ns FROM connection JOIN sign_in USING (id)
                    JOIN account ON account.address = sign_in.account WHERE connection.id >= 10;
                    INSERT INTO message (connection, frame, time_ns, said_by, sender, text)
                    SELECT connection.id, 1, opened_ns, 'C', 1, 'text' FROM connection WHERE id >= 10;
                    """)
        }
        var query = SessionQuery()
        (query.newestFirst, query.limit, query.includesConnections) = (true, 20, false)
        let clock = ContinuousClock()
        var totals = SessionTotals()
        let short = try clock.measure { totals = try signIns(archive, query).1 }
        #expect(totals.lines == 10_002 && totals.messages == 10_003)
        var count = 0
        let talks = try clock.measure { count = try parts(archive).count }
        #expect(count == 10_002)
        let people = try clock.measure { count = try archive.contacts(SessionQuery()).count }
        print("10,000 sign-ins: sessions \(short), talks \(talks), contacts \(people)")
        #expect(short < .seconds(5))
    }
}
