// Help texts, hints, short options, and advice on mistyped commands and options.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct HelpTests {
    static let commands = [
        [], ["relay"], ["decode"], ["streams"], ["import"], ["sessions"], ["talks"], ["contacts"], ["stats"], ["show"],
        ["search"], ["transcript"], ["ladder"], ["web"],
        ["extract"], ["export"], ["delete"], ["reindex"], ["sandbox"], ["demo"], ["doctor"], ["version"],
    ]

    /// The list above has every command.
    @Test func theHelpListsTheseCommands() async throws {
        let lines = try await Program.run("--help").lines.drop { $0 != "SUBCOMMANDS:" }
        let listed = lines.compactMap { $0.firstMatch(of: #/^  ([a-z]+) /#).map { String($0.1) } }
        #expect(Set(listed) == Set(Self.commands.joined()))
    }

    @Test(arguments: commands)
    func everyLineFitsIntoATerminal(_ command: [String]) async throws {
        let environment = ["COLUMNS": "80", "BUTTERFLYNET_COMMAND": "butterflynet"]
        let outcome = try await Program(command + ["--help"], environment: environment).outcome()
        for line in outcome.lines { #expect(line.count <= 80, "\(line)") }
    }

    /// Examples and usage name what the user types.
    @Test func theHelpNamesTheCommandThatStartedTheProgram() async throws {
        let run = try await Program.run("relay", "--help", environment: ["BUTTERFLYNET_COMMAND": "tools/run"])
        #expect(run.output.contains("\n  tools/run relay --upstream messenger.example.org\n"))
        #expect(run.output.contains("USAGE: tools/run relay ") && !run.output.contains("butterflynet relay"))
        let path = try await Program.run("relay", "--help", environment: ["BUTTERFLYNET_COMMAND": ""])
        #expect(path.output.contains("USAGE: \(Program.path) relay "))
        let found = try await Program.shell(
            "PATH=\"${0%/*}:$PATH\"; unset BUTTERFLYNET_COMMAND; butterflynet show --help")
        #expect(found.output.contains("USAGE: butterflynet show "))
        let same = try await Program.shell("PATH=\"${0%/*}:$PATH\"; unset BUTTERFLYNET_COMMAND; \"$0\" show --help")
        #expect(same.output.contains("USAGE: butterflynet show "))
    }

    @Test func hintsNameTheCommandThatStartedTheProgram() async throws {
        let environment = ["BUTTERFLYNET_COMMAND": "tools/run"]
        let usage = try await Program.run("reindex", "alice", environment: environment)
        #expect(usage.code == 2 && usage.errors.contains("Usage: tools/run reindex [<options>]\n"))
        #expect(usage.errors.contains("See 'tools/run reindex --help'"))
        let quoted = try await Program.run(
            "decode", "--nonsense", "butterflynet decode", environment: ["BUTTERFLYNET_COMMAND": "./my butterflynet"])
        #expect(quoted.errors.contains("Usage: './my butterflynet' decode "), "\(quoted.errors)")
        let scratch = try Scratch()
        let ready = scratch.path("ready")
        let sandbox = try Program(["sandbox", "--port", "0", "--ready-file", ready], environment: environment)
        _ = try await sandbox.wait(for: "the ready file") { FileManager.default.contents(atPath: ready) }
        sandbox.terminate()
        #expect(try await sandbox.outcome().errors.contains("Watch it: tools/run relay --upstream 127.0.0.1:"))
    }

    @Test func aMessageOfTheProgramIsNotRenamed() async throws {
        let environment = ["BUTTERFLYNET_COMMAND": "tools/run"]
        let outcome = try await Program.run("reindex", "butterflynet show", environment: environment)
        #expect(
            outcome.errors.hasPrefix("butterflynet: Unexpected argument 'butterflynet show'\n"), "\(outcome.errors)")
    }

    @Test(arguments: [["--version"], ["-V"], ["version"], ["show", "--version"]])
    func theVersion(_ arguments: [String]) async throws {
        let outcome = try await Program(arguments, environment: ["BUTTERFLYNET_COMMAND": "tools/run"]).outcome()
        #expect(outcome.code == 0 && outcome.errors.isEmpty)
        #expect(outcome.output.wholeMatch(of: /butterflynet \d+\.\d+\.\d+\n/) != nil)
    }

    @Test(arguments: [
        ("realy", "relay"), ("Decode", "decode"), ("trans", "transcript"), ("session", "sessions"), ("hlep", "help"),
        ("expo", "export"),
    ])
    func aMistypedCommand(_ mistyped: String, _ meant: String) async throws {
        let outcome = try await Program.run(mistyped, "--upstream", "a")
        #expect(outcome.code == 2 && outcome.output.isEmpty)
        #expect(outcome.errors == "butterflynet: there is no command \(mistyped); did you mean “\(meant)”?\n")
    }

    @Test func theOptionPortOfARelay() async throws {
        for option in [["--port", "1870"], ["--port=1870"]] {
            let outcome = try await Program(["relay", "--upstream", "a"] + option).outcome()
            #expect(outcome.code == 2 && !outcome.errors.contains("--ports"))
            #expect(outcome.errors.hasPrefix("butterflynet: Unknown option '--port'. "), "\(outcome.errors)")
            #expect(outcome.errors.contains("--listen HOST:PORT"))
        }
    }

    @Test func shortOptions() async throws {
        let scratch = try Scratch()
        let archive = scratch.path("a.sqlite")
        let demo = Repository.capture("demo.pcap")
        let decoded = try await Program.run("decode", "-f", "jsonl", "-w", "event == message", "-d", "2", "-q", demo)
        #expect(decoded.code == 0 && !decoded.lines.isEmpty)
        #expect(decoded.lines.allSatisfy { $0.contains(#""event":"message""#) })
        #expect(try await Program.run("import", "-q", "-a", archive, demo).code == 0)
        let found = try await Program.run("search", "-a", archive, "-n", "1", "-f", "jsonl", "butterfly")
        #expect(found.code == 0 && found.lines.count == 1)
        let page = scratch.path("page.html")
        #expect(try await Program.run("transcript", "-a", archive, "-f", "html", "-o", page).code == 0)
        #expect(FileManager.default.fileExists(atPath: page))
        let folder = scratch.path("folder")
        #expect(try await Program.run("extract", "-q", "-a", archive, "-o", folder).code == 0)
    }
}
