// The sandbox as a command: what it says at the start, and its ports.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct SandboxCommandTests {
    /// Starts a sandbox at free ports, and returns it with its addresses.
    private func start(_ more: String...) async throws -> (program: Program, addresses: [String]) {
        let scratch = try Scratch()
        let ready = scratch.path("ready")
        let program = try Program(["sandbox", "--port", "0", "--http-port", "0", "--ready-file", ready] + more)
        let content = try await program.wait(for: "the ready file") { FileManager.default.contents(atPath: ready) }
        withExtendedLifetime(scratch) {}
        let addresses = try object(String(decoding: content, as: UTF8.self))["listening"] as? [String]
        return (program, try #require(addresses))
    }

    @Test func itSaysWhoCanSignInAndWhomToTalkTo() async throws {
        let (program, addresses) = try await start()
        try #require(addresses.count == 4)
        program.terminate()
        let outcome = try await program.outcome()
        #expect(outcome.code == 143 && outcome.output.isEmpty)
        for line in [
            "The sandbox listens at \(addresses[0]) (dispatch), \(addresses[1]) (notification)",
            "Clients of MSNP2 to MSNP7 sign in as they are.", "double-click the contact Echo (echo@example.com)",
            "http://\(addresses[3])/rdr/pprdr.asp instead of https://nexus.passport.com/rdr/pprdr.asp",
            "http://\(addresses[3])/RST.srf", "Clients of MSNP16 and later cannot sign in.",
            " relay --upstream \(addresses[0])", "Stop with Ctrl-C.",
        ] { #expect(outcome.errors.contains(line), "\(line)") }
    }

    @Test func withoutTheEchoContact() async throws {
        let (program, _) = try await start("--no-echo")
        program.terminate()
        let outcome = try await program.outcome()
        #expect(outcome.code == 143 && !outcome.errors.contains("Echo"))
    }

    /// A port that the user named must be free; the usual one gives way.
    @Test func aTakenPortOfTheTicketServices() async throws {
        let (program, addresses) = try await start("--quiet")
        let port = String(try #require(addresses.last).drop { $0 != ":" }.dropFirst())
        let second = try await Program.run("sandbox", "--port", "0", "--http-port", port)
        #expect(second.code == 1 && second.output.isEmpty)
        #expect(
            second.errors.contains("127.0.0.1:\(port): address already in use. Choose another port with --http-port."))
        program.terminate()
        let outcome = try await program.outcome()
        #expect(outcome.code == 143 && outcome.errors.isEmpty)
    }
}
