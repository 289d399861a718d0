// The options of transparent mode and of the sign-in, and what the program prints at its start.

import Testing

@Suite(.timeLimit(.minutes(1))) struct TransparentCommandTests {
    @Test func theStartNamesTheRules() async throws {
        let program = try Program(["relay", "--upstream", "original", "--listen", "0", "--no-archive"])
        let text = try await program.wait(for: "the start") { () -> String? in
            let text = program.errors
            return text.contains("Waiting for clients") ? text : nil
        }
        let port = try #require(text.firstMatch(of: /listens at 127.0.0.1:(\d+) and connects clients to where they/)).1
        #expect(text.contains("tcp dport 1863 redirect to :\(port)\n") && text.contains("meta skuid "))
        #expect(text.contains("nft delete table inet butterflynet") && !text.contains("Point a client here"))
        program.terminate()
        _ = try await program.outcome()
    }

    @Test(arguments: [
        (["--no-rewrite", "--upstream", "a"], "--no-rewrite needs --upstream original"),
        (["--upstream", "a", "--upstream", "b"], "one server, and 'original' beside it"),
        (["--upstream", "original", "--upstream", "original"], "one server, and 'original' beside it"),
        (["--upstream", "original", "--upstream", "a:0"], "--upstream needs a port"),
        (["--upstream", "a", "--sign-in", "https://x.example"], "the relay speaks no TLS"),
        (["--upstream", "a", "--sign-in", "http://x.example/path"], "write http://HOST"),
        (["--upstream", "a", "--sign-in", "http://x.example", "--doors", "msnp"], "needs the door gateway"),
    ]) func wrongUsage(_ arguments: [String], _ error: String) async throws {
        let outcome = try await Program(["relay"] + arguments).outcome()
        #expect(outcome.code == 2 && outcome.errors.contains(error), "\(outcome.errors)")
    }
}
