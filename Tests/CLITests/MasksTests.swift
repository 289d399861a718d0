// Masks as scripts see them: the same within a capture or an archive, and in no other.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct MasksTests {
    private static let cookie = "17262740.1050826919.32308"

    private static func masks(_ text: String) -> [String] {
        text.matches(of: /‹secret:[0-9a-f]{6}›/).map { String($0.0) }
    }

    /// A capture with a cookie in it, and text in front that makes it another capture.
    private static func capture(_ words: String) -> SmallCapture {
        var capture = SmallCapture()
        capture.add([
            .c("VER 1 MSNP8 CVR0"), .s("VER 1 MSNP8"), .c("CVR 2 \(words)"), .c("XFR 5 SB"),
            .s("XFR 5 SB 198.51.100.2:1863 CKI \(cookie)"), .c("OUT"),
        ])
        capture.add([.c("USR 1 alice@example.com \(cookie)"), .s("USR 1 OK alice@example.com Alice"), .c("OUT")])
        return capture
    }

    @Test func aCaptureHasMasksOfItsOwn() async throws {
        let scratch = try Scratch()
        let (one, other) = (scratch.path("one.pcap"), scratch.path("other.pcap"))
        try Self.capture("a").write(to: one)
        try Self.capture("b").write(to: other)
        let first = Self.masks(try await Program.run("decode", one).output)
        #expect(first.count == 2 && Set(first).count == 1)
        #expect(Self.masks(try await Program.run("decode", one, "--format", "jsonl").output).first == first.first)
        // Compressed, through a pipe, from a file on standard input: it is the same capture.
        for line in [
            "gzip -c '\(one)' > '\(one).gz' && $0 decode '\(one).gz'", "cat '\(one)' | $0 decode -",
            "$0 decode - < '\(one)'", "gzip -c '\(one)' | $0 decode -",
        ] {
            let outcome = try await Program.shell(line)
            #expect(Self.masks(outcome.output) == first, "\(line): \(outcome.errors)")
        }
        #expect(Self.masks(try await Program.run("decode", other).output).first != first.first)
        let pasted = scratch.path("log.txt")
        try Data("C: VER 1 MSNP8 CVR0\nS: VER 1 MSNP8\nC: USR 3 MD5 S 0123456789abcdef\n".utf8).write(
            to: URL(fileURLWithPath: pasted))
        let log = Self.masks(try await Program.run("decode", pasted).output)
        let again = Self.masks(try await Program.run("decode", pasted).output)
        #expect(log.count == 1 && again == log)
    }

    @Test func anArchiveHasMasksOfItsOwn() async throws {
        let scratch = try Scratch()
        let file = scratch.path("one.pcap")
        try Self.capture("a").write(to: file)
        var all: [String] = []
        for name in ["a.sqlite", "b.sqlite"] {
            let archive = ["BUTTERFLYNET_ARCHIVE": scratch.path(name)]
            #expect(try await Program.run("import", file, environment: archive).code == 0)
            let shown = Self.masks(try await Program.run("show", "r1", environment: archive).output)
            #expect(shown.count == 2 && Set(shown).count == 1)
            let exported = Self.masks(try await Program.run("export", environment: archive).output)
            #expect(Set(exported) == Set(shown))
            #expect(try await Self.masks(Program.run("show", "r1", environment: archive).output) == shown)
            all += shown.prefix(1)
        }
        all += Self.masks(try await Program.run("decode", file).output).prefix(1)
        #expect(Set(all).count == 3, "\(all)")
    }

    @Test func aLiveLogAndItsArchiveAgree() async throws {
        let scratch = try Scratch()
        let archive = ["BUTTERFLYNET_ARCHIVE": scratch.path("a.sqlite")]
        let live = try await Program.run(
            "demo", "--once", "--listen", "127.0.0.1:0", "--archive", scratch.path("a.sqlite"))
        #expect(live.code == 0)
        let shown = try await Program.run("show", "r1", environment: archive)
        #expect(!Self.masks(live.output).isEmpty)
        // The log has the redirects that were changed twice.
        #expect(Set(Self.masks(live.output)) == Set(Self.masks(shown.output)))
        let database = try Data(contentsOf: URL(fileURLWithPath: scratch.path("a.sqlite")))
        #expect(!database.isEmpty)
    }
}
