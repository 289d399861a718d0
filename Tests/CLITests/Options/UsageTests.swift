// Help, wrong usage, and exit codes.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct UsageTests {
    /// Examples can be pasted: no line of them is broken to fit a terminal.
    @Test(arguments: HelpTests.commands)
    func everyHelpHasExamples(command: [String]) async throws {
        let outcome = try await Program(command + ["--help"]).outcome()
        #expect(outcome.code == 0 && outcome.errors.isEmpty)
        #expect(outcome.output.contains("USAGE:"))
        let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
        let examples = lines.drop { $0 != "Examples:" }.dropFirst().prefix { !$0.isEmpty }
        #expect(!examples.isEmpty && examples.allSatisfy { $0.hasPrefix("  ") }, "\(examples)")
    }

    @Test(arguments: [
        ["relay"], ["relay", "--upstream", "a b"], ["relay", "--upstream", "a:70000"], ["relay", "--upstream", "a:0"],
        ["relay", "--upstream", "a", "--format", "xml"], ["relay", "--upstream", "a", "--color", "blue"],
        ["relay", "--upstream", "a", "--ports", "5-3"], ["relay", "--upstream", "a", "--ports", "0-3"],
        ["relay", "--upstream", "a", "--dial", "b"], ["relay", "--upstream", "a", "--advertise", "[::1]:5"],
        ["relay", "--upstream", "a", "--advertise", "0.0.0.0"], ["relay", "--upstream", "a", "--detail", "7"],
        ["relay", "--upstream", "a", "--listen", "x:y"], ["--nonsense"], ["demo", "--unknown"],
        ["sandbox", "--port", "x"], ["sandbox", "--http-port", "70000"], ["delete"], ["delete", "x9"],
        ["delete", "s1", "--before", "2005-01-01", "--yes"],
        ["delete", "--yes", "--before", "2005-02-31"], ["delete", "--yes", "--before", "soon"],
        ["import", "-", "-"], ["sessions", "--limit", "0"], ["talks", "--limit=-1"],
        ["contacts", "--where", "verb == MSG"],
        ["relay", "--upstream", "127.0.0.1:1", "extra"],
    ])
    func wrongUsage(arguments: [String]) async throws {
        let outcome = try await Program(arguments).outcome()
        #expect(outcome.code == 2 && !outcome.wasKilled)
        #expect(outcome.output.isEmpty && outcome.errors.hasPrefix("butterflynet: "))
    }

    @Test func aCommandThatIsNone() async throws {
        let none = try await Program.run("nonsense", "decode")
        #expect(none.code == 2 && none.output.isEmpty)
        #expect(none.errors.contains("no command nonsense") && none.errors.contains("decode, streams"))
        let early = try await Program.run("--archive", "x", "sessions")
        #expect(early.code == 2 && early.errors.contains("butterflynet sessions --archive"))
    }

    @Test func aWrongFilterShowsTheColumn() async throws {
        let outcome = try await Program.run("relay", "--upstream", "a", "--where", "verb == MSG and rolle == SB")
        #expect(outcome.code == 2 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("column 17") && outcome.errors.contains("“role”"))
        #expect(outcome.errors.contains("                  ^"))
    }

    @Test func theRelayAsItsOwnUpstream() async throws {
        // A port that was free a moment ago may be somebody else's by now: then another one.
        for attempt in 1...10 {
            let before = try await Running.start("--quiet")
            before.program.terminate()
            _ = try await before.program.outcome()
            let outcome = try await Program.run("relay", "--upstream", before.address, "--listen", before.address)
            if outcome.code == 1, attempt < 10 { continue }
            #expect(outcome.code == 2 && outcome.errors.contains("--upstream \(before.address)"))
            return
        }
    }

    @Test func aTakenPort() async throws {
        let first = try Program(["sandbox", "--port", "0", "--quiet", "--ready-file", "/dev/null/x"])
        // A ready file that cannot be written is a failure of one line, too.
        let failed = try await first.outcome()
        #expect(failed.code == 1 && failed.errors.split(separator: "\n").count == 1, "\(failed.errors)")
        let relay = try await Running.start()
        let second = try await Program.run("relay", "--upstream", "127.0.0.1:1", "--listen", relay.address)
        #expect(second.code == 1 && second.output.isEmpty)
        #expect(
            second.errors.split(separator: "\n").count == 1 && second.errors.contains(relay.address), "\(second.errors)"
        )
        let port = String(relay.address.drop { $0 != ":" }.dropFirst())
        let third = try await Program.run("sandbox", "--port", port)
        #expect(third.code == 1 && third.output.isEmpty)
        #expect(
            third.errors.contains("127.0.0.1:\(port): address already in use. Choose another port"), "\(third.errors)")
        relay.program.terminate()
        _ = try await relay.program.outcome()
    }

    @Test func noArchiveIsMadeForFilesThatAreNotThere() async throws {
        let scratch = try Scratch()
        let archive = scratch.path("a.sqlite")
        let outcome = try await Program.run("import", "--archive", archive, "/dev/null/capture.pcap")
        #expect(outcome.code == 1 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("cannot read /dev/null/capture.pcap"), "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: archive))
    }
}
