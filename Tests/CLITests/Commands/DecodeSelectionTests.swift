// --events and --slice of decode and streams.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct DecodeSelectionTests {
    @Test(
        arguments: ["demo.pcap", "transfers.pcap", "tcp-hole.pcap", "tcp-one-sided.pcap"],
        ["message", "closed,opened", "finding,gap", "frame,noise"])
    func kindsAreThoseOfTheWholeOutput(capture: String, kinds: String) async throws {
        let path = Repository.capture(capture)
        let whole = try await Program.run("decode", "--format", "jsonl", path)
        let wanted = Set(kinds.split(separator: ",").map(String.init))
        let expected = try whole.lines.filter { wanted.contains(try object($0)["event"] as? String ?? "") }
        for jobs in ["1", "3"] {
            let outcome = try await Program.run("decode", "--format", "jsonl", "--events", kinds, "--jobs", jobs, path)
            #expect(outcome.lines == expected)
            #expect(outcome.code == whole.code)
        }
    }

    @Test func aConditionMayAskForMoreThanTheKindsNeed() async throws {
        let path = Repository.capture("demo.pcap")
        let both = try await Program.run(
            "decode", "--format", "jsonl", "--events", "message", "--where", "text contains butterfly", path)
        #expect(both.lines.count == 2 && both.lines.allSatisfy { $0.contains("butterfly") })
    }

    @Test func slicesShareTheConnections() async throws {
        let path = Repository.capture("transfers.pcap")
        let whole = try await Program.run("streams", path)
        var lines: [Substring] = []
        for number in 1...4 {
            let slice = try await Program.run("streams", "--slice", "\(number)/4", path)
            #expect(slice.code == 0)
            lines += slice.lines
        }
        #expect(lines.count == whole.lines.count && whole.lines.count > 1)
    }

    @Test(arguments: ["0/4", "5/4", "1", "1/0", "x/2", "1/2/3", "-1/2", "1/99999999999999999999"])
    func wrongSlicesAreExplained(slice: String) async throws {
        let outcome = try await Program.run("streams", "--slice=\(slice)", Repository.capture("demo.pcap"))
        #expect(outcome.code == 2 && outcome.errors.contains("--slice is K/N"))
    }

    @Test(arguments: [
        ["--events", "talk"], ["--events", ""], ["--events", "message,,"], ["--events", "message", "--findings"],
    ])
    func wrongKindsAreExplained(arguments: [String]) async throws {
        let outcome = try await Program(["decode"] + arguments + [Repository.capture("demo.pcap")]).outcome()
        #expect(outcome.code == 2 && outcome.output.isEmpty)
    }
}
