// butterflynet extract, as scripts run it.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct ExtractTests {
    /// An archive with the bundled capture of transfers, in a folder that goes away.
    private final class Setting {
        private let scratch: Scratch
        var archive: String { scratch.path("a.sqlite") }
        var into: String { scratch.path("sent") }

        init() async throws {
            scratch = try Scratch()
            let capture = Repository.capture("transfers.pcap")
            #expect(try await Program.run("import", "--quiet", "--archive", archive, capture).code == 0)
        }

        func extract(_ words: String...) async throws -> Program.Outcome {
            try await Program(["extract", "--archive", archive, "--into", into] + words).outcome()
        }

        func url(_ name: String) -> URL { URL(fileURLWithPath: into).appendingPathComponent(name) }

        var names: [String] { (try? scratch.names(in: "sent")) ?? [] }
    }

    @Test func everything() async throws {
        let setting = try await Setting()
        let outcome = try await setting.extract("--format", "jsonl")
        #expect(outcome.code == 3)
        let objects = try outcome.lines.map { try object($0) }
        let names = objects.map { $0["file"] as? String }
        #expect(names == ["picture-anna@example.com.png", nil, "notes.txt", "song.mp3"])
        #expect(objects.map { $0["method"] as? String } == ["p2p", "p2p", "msnftp", "p2p_direct"])
        #expect(objects.map { $0["complete"] as? Bool } == [true, false, true, true])
        #expect(objects[0]["sha1d"] as? String == "holds" && objects[0]["sha1c"] as? String == "holds")
        #expect(objects[1]["missing"] as? [[Int]] == [[150, 118]])
        #expect(setting.names == ["index.html", "notes.txt", "picture-anna@example.com.png", "song.mp3"])
        let song = FileManager.default.contents(atPath: setting.into + "/song.mp3")
        #expect(song == Data((0..<3_000).map { UInt8($0 * 7 % 251) }))
        // Once more: the same files are kept, and the page is replaced.
        let kept = setting.names
        #expect(try await setting.extract("--quiet").code == 3)
        #expect(setting.names == kept)
        // A file of another content has its name already, and so has a page that is not the program's.
        for name in ["song.mp3", "index.html"] { try Data("mine".utf8).write(to: setting.url(name)) }
        #expect(try await setting.extract("--quiet").code == 3)
        #expect(setting.names == (kept + ["index (2).html", "song (2).mp3"]).sorted())
        #expect(try Data(contentsOf: setting.url("song.mp3")) == Data("mine".utf8))
        #expect(try Data(contentsOf: setting.url("index.html")) == Data("mine".utf8))
    }

    @Test func someOfIt() async throws {
        let setting = try await Setting()
        // The name and the people of the direct link's file come from the conversation.
        let outcome = try await setting.extract("c3", "--format", "jsonl")
        #expect(outcome.code == 0)
        let objects = try outcome.lines.map { try object($0) }
        #expect(objects.map { $0["file"] as? String } == ["song.mp3"])
        #expect(objects[0]["from"] as? String == "ben@example.org" && setting.names == ["index.html", "song.mp3"])
    }

    /// Two sign-ins, each with a conversation in which a file of its account's name is offered and declined.
    private static func twoSignIns() -> SmallCapture {
        func invitation(_ command: String, _ more: String) -> String {
            "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsinvite; charset=UTF-8\r\n\r\n"
                + "Invitation-Command: \(command)\r\nInvitation-Cookie: 7\r\n\(more)\r\n"
        }
        var capture = SmallCapture()
        for name in ["ann", "bob"] {
            capture.add([
                .c("VER 1 MSNP8 CVR0"), .s("VER 1 MSNP8 CVR0"), .c("USR 2 TWN I \(name)@example.com"),
                .s("USR 2 TWN S lc=1033"), .c("USR 3 TWN S t=x"), .s("USR 3 OK \(name)@example.com \(name) 1 0"),
                .c("XFR 4 SB"), .s("XFR 4 SB 198.51.100.1:1863 CKI \(name).1"), .c("OUT"),
            ])
            capture.add([
                .c("USR 1 \(name)@example.com \(name).1"), .s("USR 1 OK \(name)@example.com \(name)"),
                .s("JOI carl@example.org Carl"),
                .c("MSG 2 N", invitation("INVITE", "Application-File: \(name).txt\r\nApplication-FileSize: 6")),
                .s("MSG carl@example.org Carl", invitation("CANCEL", "Cancel-Code: REJECT")), .c("OUT"),
            ])
        }
        return capture
    }

    @Test(
        arguments: [(nil, ["ann.txt", "bob.txt"]), ("s1", ["ann.txt"]), ("s2", ["bob.txt"])] as [(String?, [String])])
    func ofASignInOnly(id: String?, names: [String]) async throws {
        let scratch = try Scratch()
        let (capture, archive) = (scratch.path("a.pcap"), scratch.path("a.sqlite"))
        try Self.twoSignIns().write(to: capture)
        #expect(try await Program.run("import", "--quiet", "--archive", archive, capture).code == 0)
        let words = ["extract", "--format", "jsonl", "--archive", archive, "--into", scratch.path("sent")]
        let outcome = try await Program(words + (id.map { [$0] } ?? [])).outcome()
        #expect(outcome.code == 0)
        #expect(try outcome.lines.map { try object($0)["name"] as? String } == names)
    }

    @Test func whatIsNotWholeOnlyWhenAskedFor() async throws {
        let setting = try await Setting()
        #expect(try await setting.extract("v1", "--incomplete").code == 3)
        #expect(setting.names.contains("emoticon-anna@example.com.png.incomplete"))
    }

    @Test func mistakes() async throws {
        let setting = try await Setting()
        #expect(try await setting.extract("x9").code == 2)
        let missing = try await setting.extract("c99")
        #expect(missing.code == 1 && missing.errors.contains("there is no c99"))
        #expect(try await Program.run("extract", "--archive", setting.archive).code == 2)
        let file = setting.archive
        let outcome = try await Program.run("extract", "--archive", file, "--into", file)
        #expect(outcome.code == 1 && outcome.lines.isEmpty)
    }
}
