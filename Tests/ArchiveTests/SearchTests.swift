// Words in all scripts, found in the texts of messages.

import Events
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
}
