// Every command in the documents runs. What comments and documents name exists.

import Foundation
import TestSupport
import Testing

/// A command as a document shows it.
struct ShownCommand: Sendable, CustomTestStringConvertible {
    let document: String
    let line: String
    /// The words behind the program's name.
    let arguments: [String]

    var testDescription: String { "\(document): \(line)" }

    /// The commands in the shell blocks of every document.
    static let all: [ShownCommand] = [
        "README.md", "docs/archive.md", "docs/events.md", "docs/findings.md", "docs/sandbox.md", "docs/transcript.md",
        "docs/export.md", "docs/web.md", "docs/doors.md", "docs/metrics.md",
        "captures/README.md",
        "CONTRIBUTING.md",
    ].flatMap { commands(in: $0) }

    private static func commands(in document: String) -> [ShownCommand] {
        let text = (try? String(contentsOf: Repository.root.appendingPathComponent(document), encoding: .utf8)) ?? ""
        var isShell = false
        var found: [ShownCommand] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let bare = line.trimmingCharacters(in: .whitespaces)
            if bare.hasPrefix("```") {
                isShell = bare == "```sh"
            } else if isShell {
                let words = words(of: bare)
                guard let name = words.first, ["tools/run", "butterflynet"].contains(name) else { continue }
                let arguments = Array(words.dropFirst())
                found.append(
                    ShownCommand(document: document, line: bare, arguments: arguments.isEmpty ? ["demo"] : arguments))
            }
        }
        return found
    }
}

extension ShownCommand {
    /// The words of a shell line without its comment; single quotation marks keep words together.
    private static func words(of line: String) -> [String] {
        var words: [String] = []
        var word: String?
        var isQuoted = false
        for character in line {
            switch character {
            case "'":
                isQuoted.toggle()
                word = word ?? ""
            case " " where !isQuoted:
                if let word { words.append(word) }
                word = nil
            case "#" where !isQuoted && word == nil: return words
            // What another program makes of it is not tried.
            case "|" where !isQuoted && word == nil: return words
            default: word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }
}

@Suite(.timeLimit(.minutes(2))) struct DocumentationTests {
    @Test func thereAreCommands() { #expect(ShownCommand.all.count >= 4) }

    /// SECURITY.md names a test for each promise: they exist.
    @Test func theTestsOfEachPromiseExist() throws {
        let text = try String(contentsOf: Repository.root.appendingPathComponent("SECURITY.md"), encoding: .utf8)
        let folder = Repository.root.appendingPathComponent("Tests")
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
            .compactMap { $0 as? URL }
        let names = text.matches(of: /`(?:\w+\/)?(\w+Tests)(?:\.(\w+))?`/)
        #expect(names.count > 20)
        for name in names {
            let suites = files.filter { $0.lastPathComponent == "\(name.1).swift" }
            #expect(!suites.isEmpty, "\(name.1)")
            guard let function = name.2 else { continue }
            let found = try suites.contains {
                try String(contentsOf: $0, encoding: .utf8).contains("func \(function)(")
            }
            #expect(found, "\(name.1).\(function)")
        }
    }

    /// Comments cite pages of `docs/protocol` by section, and tables: they are there.
    @Test func whatCommentsCiteExists() throws {
        let root = Repository.root
        var sections = 0
        for folder in ["Sources", "Tests"] {
            let place = root.appendingPathComponent(folder)
            let files = try #require(FileManager.default.enumerator(at: place, includingPropertiesForKeys: nil))
                .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
            for file in files {
                // A citation may go over the end of a line.
                let text = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
                    .map { line in line.drop { $0 == " " || $0 == "/" } }.joined(separator: " ")
                for cited in text.matches(of: /([\w-]+)\.md sections? ([0-9]+(?:(?:, | and | to )[0-9]+)*)/) {
                    let page = root.appendingPathComponent("docs/protocol/\(cited.1).md")
                    let content = (try? String(contentsOf: page, encoding: .utf8)) ?? ""
                    for number in cited.2.matches(of: /[0-9]+/) {
                        sections += 1
                        #expect(
                            content.contains("\n## \(number.output). "),
                            "\(file.lastPathComponent) cites \(cited.1).md section \(number.output)")
                    }
                }
                for cited in text.matches(of: /[\w-]+\.tsv/) {
                    let table = root.appendingPathComponent("tables/\(cited.output)")
                    #expect(
                        FileManager.default.fileExists(atPath: table.path),
                        "\(file.lastPathComponent) cites \(cited.output)")
                }
            }
        }
        #expect(sections > 60)
    }

    @Test(arguments: ShownCommand.all)
    func itRuns(_ shown: ShownCommand) async throws {
        switch shown.arguments.first {
        case "relay", "demo", "sandbox", "web": try await startAndStop(shown.arguments)
        case "doctor":
            // The server of the example cannot be reached from here.
            let outcome = try await Program(shown.arguments).outcome()
            #expect(outcome.code == 0 || outcome.code == 1, "\(outcome.errors)")
            #expect(!outcome.output.isEmpty)
        case "import", "sessions", "talks", "contacts", "stats", "show", "search", "transcript", "ladder", "extract",
            "export",
            "delete", "reindex":
            try await runWithArchive(shown.arguments)
        default:
            let outcome = try await Program(shown.arguments, folder: Repository.root).outcome()
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(!outcome.output.isEmpty)
        }
    }

    /// The picture in the README is of this version's output.
    @Test func thePictureIsCurrent() async throws {
        let scratch = try Scratch()
        let picture = scratch.path("terminal.svg")
        let outcome = try await Program(
            [], shell: "tools/make-picture \"$0\" '\(picture)'", folder: Repository.root
        ).outcome()
        #expect(outcome.code == 0, "\(outcome.errors)")
        let drawn = try String(contentsOfFile: picture, encoding: .utf8)
        let kept = try String(
            contentsOf: Repository.root.appendingPathComponent("docs/terminal.svg"), encoding: .utf8)
        #expect(drawn == kept, "tools/make-picture draws it again")
        #expect(drawn.contains("C: MSG 1") && drawn.contains("fill=\"#ffffff\""))
    }

    /// Runs a command on an archive of its own that holds the demo.
    private func runWithArchive(_ shown: [String]) async throws {
        let scratch = try Scratch()
        let archive = scratch.path("a.sqlite")
        if shown.first != "import" {
            let capture = shown.first == "extract" ? "captures/transfers.pcap" : "captures/sign-in-msnp12.pcap"
            let words = ["import", "captures/demo.pcap", capture, "--archive", archive]
            #expect(try await Program(words, folder: Repository.root).outcome().code == 0)
        }
        // What a command writes does not go into the repository, whatever the document names.
        var folder = scratch.path("written")
        var shown = shown
        for flag in ["--into", "--output"] {
            // The ending may choose the format.
            guard let place = shown.firstIndex(of: flag) else { continue }
            folder += shown[place + 1].drop { $0 != "." }
            shown[place + 1] = folder
        }
        let outcome = try await Program(shown + ["--archive", archive], folder: Repository.root).outcome()
        // One of the things in that capture is not whole.
        #expect(outcome.code == (shown.first == "extract" ? 3 : 0), "\(outcome.errors)")
        if shown.contains("--output") {
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder)).count > 500)
        } else {
            // These report on standard error.
            let isSilent = ["import", "delete", "reindex"].contains(shown.first)
            #expect(isSilent ? !outcome.errors.isEmpty : !outcome.output.isEmpty)
        }
    }

    /// Starts a command that goes on until it is stopped, at any free port, and stops it when it is ready.
    private func startAndStop(_ shown: [String]) async throws {
        var arguments = shown
        if arguments.first == "sandbox" {
            arguments += ["--port", "0", "--http-port", "0"]
        } else if let listen = arguments.firstIndex(of: "--listen") {
            arguments[listen + 1] = "127.0.0.1:0"
        } else {
            arguments += ["--listen", "127.0.0.1:0"]
        }
        let scratch = try Scratch()
        if let metrics = arguments.firstIndex(of: "--metrics") { arguments.insert("127.0.0.1:0", at: metrics + 1) }
        if let page = arguments.firstIndex(of: "--web") {
            arguments.insert("127.0.0.1:0", at: page + 1)
            arguments += ["--archive", scratch.path("a.sqlite")]
        } else if arguments.first == "web" {
            let archive = scratch.path("a.sqlite")
            let imported = try await Program(["import", Repository.capture("demo.pcap"), "--archive", archive])
                .outcome()
            #expect(imported.code == 0)
            if arguments.count == 3 { arguments += ["--archive", archive] }
        } else if arguments.first != "sandbox" {
            arguments.append("--no-archive")
        }
        let ready = scratch.path("ready")
        let program = try Program(arguments + ["--ready-file", ready], folder: Repository.root)
        _ = try await program.wait(for: "the ready file of \(shown)") { FileManager.default.contents(atPath: ready) }
        program.terminate()
        #expect(try await program.outcome().code == 143)
    }
}
