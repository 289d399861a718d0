// export as people run it: the file that comes out, and when none does.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ExportCommandTests {
    /// A folder with an archive of captures.
    final class Archived: Sendable {
        let scratch: Scratch
        var archive: String { scratch.path("a.sqlite") }

        init(_ captures: String...) async throws {
            scratch = try Scratch()
            let imported = try await run(["import"] + captures.map { Repository.capture("\($0)") })
            try #require(imported.code == 0)
        }

        func file(_ name: String) -> URL { scratch.url(name) }

        func run(_ arguments: String...) async throws -> Program.Outcome { try await run(arguments) }

        func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Program.Outcome {
            let all = environment.merging(["BUTTERFLYNET_ARCHIVE": archive]) { $1 }
            return try await Program(arguments, environment: all).outcome()
        }

        func decode(_ path: String) async throws -> Program.Outcome {
            try await run("decode", path, "--format", "jsonl", "--bytes", "--show-secrets")
        }
    }

    @Test(arguments: ["demo.pcap", "sign-in-msnp12.pcap", "tcp-one-sided.pcap", "link-ipv6.pcap"])
    func aCaptureComesBackThroughTheArchive(capture: String) async throws {
        let archived = try await Archived(capture)
        let file = archived.file("a.pcapng").path
        let exported = try await archived.run("export", "--format", "pcapng", "--output", file)
        #expect(exported.code == 0 && exported.output.isEmpty, "\(exported.errors)")
        let again = try await archived.decode(file)
        let before = try await archived.decode(Repository.capture("\(capture)"))
        let name = /,"file":"[^"]*"/
        #expect(again.code == 0 && again.output.replacing(name, with: "") == before.output.replacing(name, with: ""))
    }

    /// The ending of the file's name decides, unless the option does.
    @Test func theNameSaysTheFormat() async throws {
        let archived = try await Archived("link-ethernet.pcap")
        #expect(try await archived.run("export", "--output", archived.file("a.pcapng").path).code == 0)
        #expect(try archived.scratch.read("a.pcapng").starts(with: [0x0A, 0x0D, 0x0D, 0x0A]))
        #expect(try await archived.run("export", "--output", archived.file("a.json").path).code == 0)
        #expect(try archived.scratch.read("a.json").starts(with: "{".utf8))
        let other = try await archived.run("export", "--format", "jsonl", "--output", archived.file("b.pcapng").path)
        #expect(
            other.code == 0 && other.errors.contains("b.pcapng is written as jsonl, although its name suggests pcapng"))
        #expect(try archived.scratch.read("b.pcapng").starts(with: "{".utf8))
        #expect(try await archived.run("transcript", "--output", archived.file("a.HTML").path).code == 0)
        #expect(try archived.scratch.read("a.HTML").starts(with: "<!DOCTYPE html>".utf8))
    }

    /// Wireshark takes only port 1863 for MSN.
    @Test func otherPortsAreNamed() async throws {
        let scratch = try Scratch()
        let log = "C: VER 1 MSNP8 CVR0\nS: VER 1 MSNP8\nC: USR 2 TWN I a@example.com\n"
        let capture = try scratch.write(log, to: "log.txt")
        let archive = ["--archive", scratch.path("a.sqlite")]
        try #require(try await Program(["import", capture] + archive).outcome().code == 0)
        let usual = try await Program(["export", "--output", scratch.path("a.pcapng")] + archive).outcome()
        #expect(usual.code == 0 && !usual.errors.contains("wireshark"), "\(usual.errors)")
        let archived = try await Archived("demo.pcap")
        let exported = try await archived.run("export", "--output", archived.file("a.pcapng").path)
        let ports = try await archived.run("sessions", "--format", "jsonl").output.matches(
            of: /"role":"(?:DS|NS|SB)".*?"server":"[^"]*:([0-9]+)"/)
        let others = Set(ports.map { String($0.output.1) }).subtracting(["1863"])
        #expect(others.allSatisfy { exported.errors.contains("-d tcp.port==\($0),msnms ") }, "\(exported.errors)")
        #expect(others.isEmpty != exported.errors.contains("open it with: wireshark"))
    }

    @Test func jsonIsWhatShowPrints() async throws {
        let archived = try await Archived("sign-in-msnp12.pcap")
        let shown = try await archived.run("show", "r1", "--format", "jsonl", "--bytes", "--show-secrets")
        #expect(try await archived.run("export", "--show-secrets").output == shown.output)
        let masked = try await archived.run("export", "s1")
        #expect(masked.code == 0 && !masked.output.contains("53*1hAu8") && masked.output.contains("‹secret:"))
        #expect(try await archived.run("export", "v3").lines.allSatisfy { $0.contains("\"conn\":3") })
    }

    @Test func aFileIsItsOwnersAndNeverOverwritten() async throws {
        let archived = try await Archived("link-ethernet.pcap")
        let file = archived.file("a.jsonl")
        #expect(try await archived.run("export", "--output", file.path).code == 0)
        #expect(try archived.scratch.permissions("a.jsonl") == 0o600)
        let before = try Data(contentsOf: file)
        let again = try await archived.run("export", "--output", file.path)
        #expect(again.code == 1 && again.errors.contains("already exists; not overwritten"))
        #expect(try Data(contentsOf: file) == before)
    }

    @Test(arguments: ["jsonl", "pcapng"]) func aCopyTellsOfNobody(format: String) async throws {
        let archived = try await Archived("sign-in-msnp12.pcap")
        let file = archived.file("copy")
        let copied = try await archived.run("export", "--redacted", "--format", format, "--output", file.path)
        #expect(copied.code == 0 && copied.output.isEmpty)
        #expect(
            copied.errors.wholeMatch(of: /butterflynet: replaced: \d+ accounts, .*secrets.*\n/) != nil,
            "\(copied.errors)")
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self).lowercased()
        for word in ["anna", "ben@", "hello", "53*1hau8", "17262740", "10.0.0."] {
            #expect(!text.contains(word), "\(word)")
        }
        #expect(text.contains("twn i ") || text.contains("\"twn\",\"i\""))
        // Each copy has placeholders of its own.
        let other = try await archived.run("export", "--redacted", "--quiet")
        #expect(other.errors.isEmpty && other.output.lowercased() != text)
    }

    @Test func whatCannotBeReadMakesNoCopy() async throws {
        let archived = try await Archived("proxy-socks5.pcap")
        let file = archived.file("copy")
        let refused = try await archived.run("export", "--redacted", "--output", file.path)
        #expect(refused.code == 1 && refused.output.isEmpty)
        #expect(refused.errors.contains("c1: 3 bytes that are not MSNP (proxy_handshake), the client's byte 0"))
        #expect(refused.errors.contains("sessions lists them"))
        #expect(!FileManager.default.fileExists(atPath: file.path))
        // Nor a part of one: the refusal comes before the first line.
        let printed = try await archived.run("export", "--redacted")
        #expect(printed.code == 1 && printed.output.isEmpty)
        #expect(try await archived.run("export", "c1", "--output", file.path).code == 0)
    }

    /// The refusal comes before the first line, however much can be read before its reason.
    @Test func whatCannotBeReadAtTheEndMakesNoPartOfACopy() async throws {
        let scratch = try Scratch()
        let (file, archive) = (scratch.path("a.pcap"), scratch.path("a.sqlite"))
        var capture = SmallCapture()
        let message = "Content-Type: text/plain; charset=UTF-8\r\n\r\n" + String(repeating: "a", count: 1_000)
        capture.add(
            [.c("USR 1 alice@example.com 1.2"), .s("USR 1 OK alice@example.com Alice"), .s("JOI bob@example.org Bob")]
                + (0..<400).map { _ in .s("MSG bob@example.org Bob", message) } + [.s("ZBR 4 x")])
        try capture.write(to: file)
        #expect(try await Program.run("import", "--quiet", "--archive", archive, file).code == 0)
        let printed = try await Program.run("export", "--redacted", "--archive", archive)
        #expect(printed.code == 1 && printed.output.isEmpty)
        #expect(printed.errors.contains("the unknown command ZBR") && !printed.errors.contains("replaced: "))
    }

    @Test func whatIsNotThereLeavesNoFile() async throws {
        let archived = try await Archived("link-ethernet.pcap")
        let file = archived.file("nothing")
        let missing = try await archived.run("export", "s99", "--output", file.path)
        #expect(missing.code == 1 && missing.errors.contains("there is no s99"))
        #expect(!FileManager.default.fileExists(atPath: file.path))
    }

    @Test func wrongUsage() async throws {
        for arguments in [["12"], ["c1", "--format", "text"], ["--redacted", "--show-secrets"]] {
            let outcome = try await Program(["export"] + arguments).outcome()
            #expect(outcome.code == 2 && outcome.errors.hasPrefix("butterflynet: "), "\(arguments)")
        }
        let help = try await Program.run("export", "--help")
        #expect(help.code == 0 && help.output.contains("Examples:") && help.output.contains("--redacted"))
    }

    @Test func aClosedPipeIsNoTrouble() async throws {
        let capture = Repository.capture("demo.pcap")
        let outcome = try await Program.shell(
            "\"$0\" import --quiet \(capture) && \"$0\" export | head -n 1 > /dev/null; test ${PIPESTATUS[0]} -le 141")
        #expect(outcome.errors.isEmpty)
    }
}
