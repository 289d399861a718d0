// `--jobs`: the same output with any number of threads.

import Foundation
import TestSupport
import Testing

@testable import butterflynet

@Suite(.timeLimit(.minutes(2))) struct JobsTests {
    @Test(arguments: [
        ["--format", "jsonl"], ["--detail", "2"], ["--findings"], ["--where", "verb == MSG"],
        ["--format", "jsonl", "--where", "c2s.bytes > 0"], ["--with", "alice@example.com"],
    ])
    func decodePrintsTheSame(_ options: [String]) async throws {
        let folder = Repository.captures.path
        let one = try await Program.run(["decode", folder, "--jobs", "1"] + options)
        #expect(one.code == 3 && !one.output.isEmpty)
        for jobs in ["2", "3", "16"] {
            let several = try await Program.run(["decode", folder, "--jobs", jobs] + options)
            #expect(several.code == one.code && several.output == one.output && several.errors == one.errors, "\(jobs)")
        }
    }

    @Test func streamsPrintsTheSame() async throws {
        let folder = Repository.captures.path
        let one = try await Program.run(["streams", "--all", folder, "--jobs", "1"])
        for jobs in ["2", "3", "16"] {
            let several = try await Program.run(["streams", "--all", folder, "--jobs", jobs])
            #expect(several.code == one.code && several.output == one.output && several.errors == one.errors, "\(jobs)")
        }
    }

    @Test(arguments: ["0", "65", "-1"]) func otherNumbersAreRefused(_ number: String) async throws {
        let outcome = try await Program.run(["decode", Repository.capture("demo.pcap"), "--jobs=\(number)"])
        #expect(outcome.code == 2 && outcome.errors.contains("--jobs is a number from 1 to 64, not \(number)."))
    }

    @Test func aClosedPipeEndsItQuietly() async throws {
        let outcome = try await Program.shell(
            "\"$0\" decode --quiet --jobs 4 --format jsonl --bytes \(Repository.captures.path) | head -1")
        #expect(outcome.lines.count == 1)
        #expect(!outcome.errors.contains("cannot write"), "\(outcome)")
    }

    @Test func outputThatCannotBeWrittenIsAFailure() async throws {
        let outcome = try await Program.shell("\"$0\" decode --quiet --jobs 4 \(Repository.captures.path) >/dev/full")
        #expect(outcome.code == 1 && outcome.errors.contains("cannot write the results"), "\(outcome)")
    }

    @Test(
        arguments: [
            ("Name:\tx\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1\n", 2), ("Cpus_allowed:\tff,00000001\n", 9),
            ("Cpus_allowed:\tffffffff,ffffffff\n", 64), ("Cpus_allowed:\t0\n", nil), ("Name:\tx\n", nil), ("", nil),
        ] as [(String, Int?)])
    func allowedCoresAreCounted(_ status: String, _ count: Int?) {
        #expect(Cores.allowed(inStatus: status) == count)
    }
}
