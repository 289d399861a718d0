// Words in all scripts, found in the texts of messages.

import Events
import GRDB
import MSNP
import Query
import TestSupport
import Testing

@testable import Archive

@Suite struct SearchTests {
    private static let texts = [
        "Good morning, shall we meet at the café?", "今天晚上我们去看电影吧", "พรุ่งนี้ไปเที่ยวทะเลกันไหม", "Привет, как дела?",
        "はい、明日です", "학교에서 만나요", "Straße und Übung", "ok", "I am 7 🦋 today", "مرحبا كيف حالك", "नमस्ते दुनिया",
        "Γειά σου Κόσμε",
    ]

    private func archive(_ scratch: Scratch) throws -> Archive {
        try Archive.importing(sampleCapture(Self.texts), in: scratch)
    }

    @Test(arguments: [
        ("morning", 0), ("MORNING", 0), ("morn", 0), ("meet", 0), ("at", 0), ("CAFÉ", 0), ("cafe", 0), ("电影", 1),
        ("电", 1),
        ("晚上我们", 1), ("ทะเล", 2), ("เที่ยว", 2), ("ไป", 2), ("ПРИВЕТ", 3), ("как", 3), ("明日", 4), ("です", 4), ("학교", 5),
        ("만", 5), ("übung", 6), ("STRASSE", -1), ("straße", 6), ("OK", 7), ("i", 8), ("7", 8), ("🦋", 8), ("كيف", 9),
        ("नमस्ते", 10),
        ("κόσμε", 11), ("orning", -1), ("电看", -1), ("?", 0), ("nothing", -1), ("\"", -1), ("*", -1), ("NOT", -1),
    ])
    func aWordIsFound(word: String, place: Int) throws {
        let scratch = try Scratch()
        let found = try archive(scratch).texts(word)
        if place < 0 { #expect(found == []) } else { #expect(found.contains(Self.texts[place])) }
    }

    @Test func allWordsMustBeThere() throws {
        let scratch = try Scratch()
        let archive = try archive(scratch)
        #expect(try archive.texts("meet", "good").count == 1)
        #expect(try archive.texts("meet", "电影").isEmpty)
        #expect(try archive.texts("we meet").count == 1)
        #expect(try archive.texts("meet we").isEmpty)
        #expect(try archive.texts("meet", "?").count == 1)
        #expect(try archive.texts("e", limit: 1).count <= 1)
    }

    /// However many messages are looked at at a time, the same ones come in the same order.
    @Test(arguments: [["hello"], ["hello", "world"], ["?"], ["hello", "?"], ["nothing"], ["☃"], ["3"]])
    func partsGiveWhatSortingGives(words: [String]) throws {
        let scratch = try Scratch()
        let texts = (0..<60).map {
            "hello \($0 % 4 == 0 ? "world" : "there") \($0)\($0 % 3 == 0 ? "?" : "") \($0 == 7 ? "☃" : "")"
        }
        let archive = try Archive.importing(sampleCapture(texts), in: scratch)
        func places(_ limits: SearchCandidates.Limits) throws -> [MessagePlace] {
            try archive.queue.read { db in
                let candidates = try SearchCandidates(words, .everything, db, limits: limits)
                var places: [MessagePlace] = []
                while true {
                    switch try candidates.next() {
                    case .message(let place): places.append(place)
                    case .part: #expect(candidates.isInParts || candidates.last != nil || places.isEmpty)
                    case .end: return places
                    }
                }
            }
        }
        let sorted = try places(SearchCandidates.Limits())
        #expect(sorted == sorted.sorted().reversed() && sorted.isEmpty == (words == ["nothing"]))
        for part in [1, 2, 7, 1_000] {
            // With words and signs together, whoever reads the message tests the signs.
            let found = try places(SearchCandidates.Limits(mostSorted: 0, part: part))
            #expect(words.count == 2 && words.contains("?") ? found.count >= sorted.count : found == sorted)
        }
    }

    /// A search without time says where it stopped, and goes on from there.
    @Test func aSearchGoesOnWhereItStopped() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(sampleCapture((0..<20).map { "hello \($0)" }), in: scratch)
        var texts: [String] = []
        let part = try archive.searchPart(["hello"], limit: .max, ReadControl(milliseconds: 0)) { found in
            texts.append(found.message.text)
            return true
        }
        // Few messages are sorted, which does not end early.
        #expect(part.stop == nil && !part.isMore && part.looked == 20)
        #expect(texts == (0..<20).reversed().map { "hello \($0)" })
        let cancelled = ReadControl()
        cancelled.cancel()
        #expect(throws: ReadControl.Cancelled.self) {
            _ = try archive.searchPart(["hello"], limit: 1, cancelled) { _ in true }
        }
    }

    /// Words of a message whose other parts never came, at the time when they came.
    @Test func whatCameOnlyInPartIsFound() throws {
        let scratch = try Scratch()
        var capture = CaptureMaker()
        let half = "Content-Type: text/plain\r\nMessage-ID: {1}\r\nChunks: 2\r\n\r\nimportant half"
        capture.connection(
            from: 2, port: 4_002, to: 1_863,
            [
                (.client, "USR 1 alice@example.com 17.25\r\n", true),
                (.server, "USR 1 OK alice@example.com Alice\r\nJOI bob@example.com Bob\r\n", true),
                (.server, "MSG bob@example.com Bob \(half.utf8.count)\r\n\(half)", true),
                (.client, message("what?"), true), (.server, "ACK 5\r\n", true),
            ])
        let archive = try Archive.importing(capture.bytes, in: scratch)
        var found: [FoundMessage] = []
        try archive.search(["important"], limit: 5) { one in
            found.append(one)
            return true
        }
        #expect(found.map(\.message.text) == ["important half…"] && found.map(\.message.from) == ["bob@example.com"])
        let later = try #require(found.first?.before.first)
        #expect(later.text == "what?" && found.allSatisfy { $0.message.time < later.time })
        // It is shown at the end of the connection, too.
        var incomplete: [String] = []
        try archive.replay(.recording(1)) { event in
            if case .message(let message) = event.kind, message.fragment != nil { incomplete.append(message.text) }
            return true
        }
        #expect(incomplete.map { $0.prefix(14) } == ["important half"])
    }

    @Test func whatWasSaidAroundItComesToo() throws {
        let scratch = try Scratch()
        let archive = try archive(scratch)
        var found: [FoundMessage] = []
        try archive.search(["明日"], limit: 5) { one in
            found.append(one)
            return true
        }
        #expect(found.count == 1)
        #expect(found.first?.before.map(\.text) == Array(Self.texts[2...3]))
        #expect(found.first?.after.map(\.text) == Array(Self.texts[5...6]))
        #expect(found.first?.conversation.session == "4711")
        #expect(found.first?.conversation.participants == ["alice@example.com", "bob@example.com"])
        #expect(found.first?.signIn?.account == "alice@example.com")
    }

    @Test func aFilterChoosesAmongWhatIsFound() throws {
        let scratch = try Scratch()
        let archive = try archive(scratch)
        var count = 0
        for filter in ["from == alice@example.com", "from == bob@example.com"] {
            try archive.search(["morning"], limit: 5, where: Filter(filter)) { _ in
                count += 1
                return true
            }
        }
        #expect(count == 1)
    }

    @Test func aStarStandsForTheRestOfAWord() throws {
        let scratch = try Scratch()
        let archive = try archive(scratch)
        #expect(try archive.texts("morn*").count == 1 && archive.texts("m*").count == 1)
        #expect(try archive.texts("*orning").isEmpty && archive.texts("mo*ing").isEmpty)
    }

    // MARK: Both ends of a conversation

    /// A switchboard session as both clients' connections show it, with a text that only one of them has.
    private static func bothEnds(_ texts: [String], session: String? = "4711") -> [UInt8] {
        var capture = CaptureMaker()
        for (own, other, port) in [("alice", "bob", 4_002), ("bob", "alice", 4_003)] {
            var chat: [(Side, String, isCaptured: Bool)] =
                own == "alice"
                ? [
                    (.client, "USR 1 alice@example.com 17.25\r\n", true),
                    (.server, "USR 1 OK alice@example.com Alice\r\n", true),
                ] : [(.client, "ANS 1 bob@example.com 17.25 \(session ?? "4711")\r\n", true)]
            if own == "alice", let session {
                chat.append((.client, "CAL 2 bob@example.com\r\n", true))
                chat.append((.server, "CAL 2 RINGING \(session)\r\n", true))
            }
            chat.append(
                (
                    .server,
                    own == "alice"
                        ? "JOI bob@example.com Bob\r\n" : "IRO 1 1 1 alice@example.com Alice\r\nANS 1 OK\r\n", true
                ))
            for (index, text) in texts.enumerated() {
                let isOwn = (index % 2 == 0) == (own == "alice")
                chat.append(
                    (
                        isOwn ? .client : .server,
                        message(text, from: isOwn ? .client : .server, by: "\(other)@example.com"), true
                    ))
            }
            capture.connection(from: own == "alice" ? 2 : 3, port: port, to: 1_865, chat)
        }
        return capture.bytes
    }

    private func found(_ archive: Archive, _ words: String..., limit: Int = 100) throws -> [FoundMessage] {
        var all: [FoundMessage] = []
        try archive.search(words, limit: limit) { one in
            all.append(one)
            return true
        }
        return all
    }

    @Test func aMessageRecordedAtBothEndsIsFoundOnce() throws {
        let scratch = try Scratch()
        let archive = try Archive.importing(Self.bothEnds(["one word", "word two", "word", "word"]), in: scratch)
        let all = try found(archive, "word")
        #expect(all.map(\.message.text) == ["word", "word", "word two", "one word"])
        #expect(all.allSatisfy { $0.conversations == [.conversation(1), .conversation(2)] })
        #expect(all.map(\.message.from) == ["bob", "alice", "bob", "alice"].map { "\($0)@example.com" })
        // The limit counts what is found, not its records.
        var isMore = false
        var count = 0
        for limit in [1, 3, 4] {
            isMore = try archive.search(["word"], limit: limit) { _ in
                count += 1
                return true
            }
            #expect(isMore == (limit < 4))
        }
        #expect(count == 8)
    }

    /// The same words in two sessions of the same people are two messages.
    @Test func anotherSessionIsAnotherMessage() throws {
        let scratch = try Scratch()
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.importAll([scratch.write(Self.bothEnds(["hello"]), to: "a.pcap")])
        try archive.importAll([scratch.write(Self.bothEnds(["hello"], session: "4712"), to: "b.pcap")])
        #expect(try found(archive, "hello").count == 2)
    }

    @Test func theLatestIsFirstWhateverWasImportedFirst() throws {
        let scratch = try Scratch()
        var late = CaptureMaker()
        for _ in 0..<20 {
            late.connection(
                from: 2, port: 1, to: 1_863,
                [(.client, "VER 1 MSNP8 CVR0\r\n", true), (.server, "VER 1 MSNP8\r\n", true)])
        }
        late.connection(
            from: 2, port: 4_002, to: 1_865,
            [
                (.client, "USR 1 alice@example.com 17.25\r\n", true),
                (.server, "USR 1 OK alice@example.com Alice\r\nJOI bob@example.com Bob\r\n", true),
                (.client, message("word, later"), true),
            ])
        let captures = try [("late", late.bytes), ("early", sampleCapture(["word"]))].map { name, bytes in
            try scratch.write(bytes, to: "\(name).pcap")
        }
        for (number, order) in [captures, captures.reversed()].enumerated() {
            let archive = try Archive.openOrCreate(scratch.path("\(number).sqlite"))
            for capture in order { try archive.importAll([capture]) }
            #expect(try found(archive, "word").map(\.message.text) == ["word, later", "word"])
        }
    }

    // MARK: Names

    @Test func peopleAreFoundByNameAndAddress() throws {
        let scratch = try Scratch()
        let archive = try archive(scratch)
        func people(_ words: String...) throws -> [FoundPerson] {
            var all: [FoundPerson] = []
            try archive.searchPeople(words, limit: 10) { one in
                all.append(one)
                return true
            }
            return all
        }
        #expect(try people("bob").map(\.account) == ["bob@example.com"])
        let bob = try #require(try people("bob", "b").first)
        #expect(bob.names == ["Bob B"] && bob.isContact && bob.conversations == [.conversation(3)])
        #expect(try people("CAROL").map(\.names) == [["Carol"]])
        #expect(try people("example").map(\.account).sorted() == people("example.com").map(\.account).sorted())
        #expect(try people("nobody").isEmpty && people("ob").isEmpty)
        #expect(try archive.searchPeople(["example"], limit: 1) { _ in true })
    }

    @Test func filesAreFoundByName() throws {
        let scratch = try Scratch()
        var capture = CaptureMaker()
        for number in 1...2 {
            let invitation = """
                MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsinvite; charset=UTF-8\r\n\r\n\
                Application-Name: File Transfer\r\nApplication-GUID: {5D3E02AB-6190-11d3-BBBB-00C04F795683}\r\n\
                Invitation-Command: INVITE\r\nInvitation-Cookie: \(number)\r\n\
                Application-File: Holiday notes \(number).jpg\r\nApplication-FileSize: 4711\r\n\r\n
                """
            capture.connection(
                from: 2, port: 4_000 + number, to: 1_865,
                [
                    (.client, "USR 1 alice@example.com 17.25\r\n", true),
                    (.server, "USR 1 OK alice@example.com Alice\r\nJOI bob@example.com Bob\r\n", true),
                    (.server, "MSG bob@example.com Bob \(invitation.utf8.count)\r\n\(invitation)", true),
                ])
        }
        let archive = try Archive.importing(capture.bytes, in: scratch)
        func files(_ words: String..., where filter: String? = nil) throws -> [FoundFile] {
            var all: [FoundFile] = []
            try archive.searchFiles(words, limit: 10, where: filter.map { try Filter($0) }) { one in
                all.append(one)
                return true
            }
            return all
        }
        #expect(try files("notes").map(\.name) == ["Holiday notes 2.jpg", "Holiday notes 1.jpg"])
        #expect(try files("NOTES", "1").map(\.bytes) == [4_711] && files("holi*", "2.jpg").count == 1)
        #expect(try files("otes").isEmpty && files("notes", where: "from == alice@example.com").isEmpty)
        #expect(try files("notes", where: "from == bob@example.com").count == 2)
        #expect(try archive.searchFiles(["jpg"], limit: 1) { _ in true })
    }
}
