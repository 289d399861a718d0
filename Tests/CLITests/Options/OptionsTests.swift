// Options at their edges, files of passwords, exit codes, and messages when something is missing.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct OptionsTests {
    /// The upstream's port is checked last: an error about it or about another option shows which one was refused.
    @Test(arguments: [
        ("--ports", "5-5", true), ("--ports", "5", true), ("--ports", "5-6", true), ("--ports", "6-5", false),
        ("--ports", "5-6-7", false), ("--dial", "b:1=c:2", true), ("--dial", "b:1=c:0", false),
        ("--dial", "b=c=d", false), ("--detail", "3", true), ("--detail", "4", false), ("--detail", "9", false),
    ])
    func whatIsTaken(_ option: String, _ value: String, _ isTaken: Bool) async throws {
        let outcome = try await Program.run("relay", "--upstream", "a:0", option, value)
        #expect(outcome.code == 2 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("--upstream needs a port") == isTaken, "\(outcome.errors)")
    }

    @Test func withoutAPortTheAdvertisedAddressHasTheRelaysOwn() async throws {
        for (advertised, port) in [("192.0.2.7", nil), ("192.0.2.7:1999", "1999")] as [(String, String?)] {
            let program = try Program([
                "relay", "--upstream", "127.0.0.1:1", "--listen", "127.0.0.1:0", "--advertise", advertised,
            ])
            let line = try await program.wait(for: "the guide") {
                program.errors.split(separator: "\n").first { $0.contains("Redirects will send clients to ") }
            }
            let door = try #require(program.errors.firstMatch(of: #/listens at 127\.0\.0\.1:(\d+) /#)).1
            #expect(line.hasSuffix("192.0.2.7:\(port ?? String(door))."), "\(line)")
            program.terminate()
            _ = try await program.outcome()
        }
    }

    private static let salt = "1013928519.693957190"
    /// MD5 of the salt and "secret one".
    private static let answer = "968458cec92ac353e97b4d369e3774dd"

    @Test(arguments: [
        ("alice@example.com secret one\n", "right"), ("bob@example.com x\nalice@example.com secret one\n", "right"),
        ("# alice@example.com is not here\nalice@example.com secret one", "right"),
        ("alice@example.com secret two\n", "wrong"), ("# bob\n\n", nil),
    ])
    func filesOfPasswords(_ text: String, _ verdict: String?) async throws {
        let said = try await verdicts(text)
        #expect(said == (verdict.map { [$0] } ?? []))
    }

    @Test func filesOfPasswordsMayHaveWindowsLineEnds() async throws {
        let said = try await verdicts("bob@example.com x\r\nalice@example.com secret one\r\n")
        #expect(said == ["right"])
    }

    /// The verdict on the answer in a sign-in by MD5, with a file of passwords.
    private func verdicts(_ text: String) async throws -> [String] {
        let scratch = try Scratch()
        var capture = SmallCapture()
        capture.add([
            .c("VER 1 MSNP7 CVR0"), .s("VER 1 MSNP7"), .c("INF 2"), .s("INF 2 MD5"),
            .c("USR 3 MD5 I alice@example.com"), .s("USR 3 MD5 S \(Self.salt)"), .c("USR 4 MD5 S \(Self.answer)"),
            .s("USR 4 OK alice@example.com Alice"),
        ])
        try capture.write(to: scratch.path("a.pcap"))
        let passwords = try scratch.write(text, to: "passwords")
        let outcome = try await Program.run(
            "decode", "--detail", "2", "--passwords", passwords, scratch.path("a.pcap"))
        #expect(outcome.code == 0, "\(outcome.errors)")
        return ["right", "wrong"].filter { outcome.output.contains("the answer is \($0)") }
    }

    @Test func aCommentWithoutAPasswordIsNoMistakeAndALineWithoutOneIs() async throws {
        let scratch = try Scratch()
        var capture = SmallCapture()
        capture.add([.c("VER 1 MSNP7 CVR0"), .s("VER 1 MSNP7")])
        try capture.write(to: scratch.path("a.pcap"))
        let comment = try scratch.write("#nothing\n", to: "comment")
        #expect(try await Program.run("decode", "--passwords", comment, scratch.path("a.pcap")).code == 0)
        let wrong = try scratch.write("alice@example.com x\nnothing\n", to: "wrong")
        let outcome = try await Program.run("decode", "--passwords", wrong, scratch.path("a.pcap"))
        #expect(outcome.code == 1 && outcome.errors.contains("line 2"))
    }

    @Test func exitCodesOfWhatIsReadInPart() async throws {
        let scratch = try Scratch()
        var capture = SmallCapture()
        capture.add([.c("VER 1 MSNP7 CVR0"), .s("VER 1 MSNP7"), .c("OUT")])
        let whole = scratch.path("whole.pcap")
        try capture.write(to: whole)
        let cut = try scratch.write(scratch.read("whole.pcap").dropLast(5), to: "cut.pcap")
        let none = try scratch.write("no capture at all", to: "none.txt")
        for (files, code) in [([whole], 0), ([cut], 3), ([whole, none], 3), ([none], 1)] {
            let decoded = try await Program(["decode"] + files).outcome()
            #expect(decoded.code == code, "\(files): \(decoded.errors)")
            #expect((code == 0) == decoded.errors.isEmpty)
            let archive = scratch.path("\(UUID().uuidString).sqlite")
            let imported = try await Program(["import", "--quiet", "--archive", archive] + files).outcome()
            #expect(imported.code == code, "\(files): \(imported.errors)")
        }
    }

    @Test func resultsOnAFullDiskAreAFailure() async throws {
        guard FileManager.default.fileExists(atPath: "/dev/full") else {
            return print("SKIPPED: there is no /dev/full")
        }
        let scratch = try Scratch()
        var capture = SmallCapture()
        capture.add([.c("VER 1 MSNP7 CVR0"), .s("VER 1 MSNP7")])
        try capture.write(to: scratch.path("a.pcap"))
        let outcome = try await Program.shell("\"$0\" decode '\(scratch.path("a.pcap"))' >/dev/full")
        #expect(outcome.code == 1 && outcome.errors.contains("cannot write the results"))
    }

    /// A chat with a hole in it, as an archive; the second message is not there.
    private func archive(_ scratch: Scratch, texts: Int = 3) async throws -> String {
        var capture = SmallCapture()
        var talk: [SmallCapture.Segment] = [
            .c("USR 1 alice@example.com 17.4"), .s("USR 1 OK alice@example.com Alice"), .c("CAL 2 bob@example.com"),
            .s("CAL 2 RINGING 11"), .s("JOI bob@example.com Bob"),
        ]
        for number in 0..<texts {
            talk.append(.c("MSG \(number + 3) N", "Content-Type: text/plain\r\n\r\nword number \(number)"))
        }
        capture.add(talk)
        try capture.write(to: scratch.path("a.pcap"))
        let archive = scratch.path("a.sqlite")
        try #require(try await Program.run("import", "--archive", archive, scratch.path("a.pcap")).code == 0)
        return archive
    }

    @Test func theSameFileIsImportedOnce() async throws {
        let scratch = try Scratch()
        let archive = try await archive(scratch)
        let capture = scratch.path("a.pcap")
        let again = try await Program.run("import", "--archive", archive, capture)
        #expect(again.code == 0 && again.errors.contains("was already imported on "))
        let other = scratch.path("b.sqlite")
        let twice = try await Program.run("import", "--archive", other, capture, capture)
        #expect(twice.code == 0 && twice.errors.contains("is the same as another of these files"))
        let tree = try await Program.run("sessions", "--tree", "--archive", other)
        #expect(tree.lines.count { $0.contains("  SB  ") } == 1)
    }

    @Test func whetherThereMayBeMore() async throws {
        let scratch = try Scratch()
        let archive = try await archive(scratch)
        func said(_ limit: String) async throws -> String {
            try await Program.run("search", "--archive", archive, "word", "--limit", limit).errors
        }
        #expect(try await said("2").contains("first 2 matches; --limit N for more"))
        #expect(try await said("4").isEmpty)
        for limit in ["0", "-1"] {
            let outcome = try await Program.run("search", "--archive", archive, "word", "--limit=\(limit)")
            #expect(outcome.code == 2 && outcome.errors.contains("--limit is 1 or more"))
        }
    }

    @Test func anEmptyVariableNamesNoArchive() async throws {
        let scratch = try Scratch()
        let program = try Program(["sessions"], environment: ["BUTTERFLYNET_ARCHIVE": ""], folder: scratch.folder)
        let outcome = try await program.outcome()
        #expect(outcome.code == 1 && outcome.errors.contains("there is no archive at butterflynet.sqlite"))
    }

    @Test func sessionsSayWhatIsMissing() async throws {
        let scratch = try Scratch()
        let archive = scratch.path("a.sqlite")
        let hole = Repository.capture("tcp-hole.pcap")
        try #require(try await Program.run("import", "--archive", archive, hole).code == 0)
        let outcome = try await Program.run("sessions", "--tree", "--archive", archive)
        #expect(outcome.output.contains(#/, \d+ bytes, \d+ missing/#))
    }

    @Test func theReadyFileCanBeRead() async throws {
        let scratch = try Scratch()
        let file = scratch.path("ready")
        let program = try Program([
            "relay", "--upstream", "127.0.0.1:1", "--listen", "127.0.0.1:0", "--quiet", "--ready-file", file,
        ])
        try await program.wait(for: "the ready file") { FileManager.default.fileExists(atPath: file) ? () : nil }
        #expect(try scratch.permissions("ready") == 0o600)
        program.terminate()
        _ = try await program.outcome()
    }

    @Test func messagesThatAFilterAsksForArePrinted() async throws {
        let scratch = try Scratch()
        _ = try await archive(scratch, texts: 2)
        let outcome = try await Program.run("decode", scratch.path("a.pcap"), "--where", "event == message")
        #expect(outcome.code == 0 && outcome.lines.count { $0.contains("message alice@example.com") } == 2)
    }
}
