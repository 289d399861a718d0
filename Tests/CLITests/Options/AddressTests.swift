// Addresses on the command line: what is accepted, and the reason for what is not.

import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct AddressTests {
    /// The upstream's port is checked last: an error about it shows that the address was accepted.
    @Test(arguments: ["1870", ":1870", "0", "127.0.0.1", "localhost:1870", "0.0.0.0:0", "[::1]:1870", "[::1]"])
    func addressesToListenOn(_ address: String) async throws {
        let outcome = try await Program.run("relay", "--upstream", "a:0", "--listen", address)
        #expect(outcome.code == 2 && outcome.errors.contains("--upstream needs a port"), "\(outcome.errors)")
    }

    @Test func aPortAloneIsOneOfLoopback() async throws {
        for listen in ["0", ":0"] {
            let relay = try Program(["relay", "--upstream", "127.0.0.1:1", "--listen", listen])
            _ = try await relay.wait(for: "the guide") { relay.errors.contains("listens at 127.0.0.1:") ? () : nil }
            relay.terminate()
            _ = try await relay.outcome()
        }
    }

    @Test(arguments: [
        ("--listen", "127.0.0.1:80000", "ports are 1 to 65535, or 0"), ("--listen", "80000", "ports are 1 to 65535"),
        ("--listen", ":80000", "ports are 1 to 65535"), ("--listen", ":", "write HOST:PORT"),
        ("--listen", "::1:1870", "write [IPV6]:PORT"),
        ("--upstream", "localhost:99999", "ports are 1 to 65535."), ("--upstream", "a b", "write HOST:PORT"),
        ("--upstream", "http://localhost:1863", "without a scheme"), ("--upstream", "localhost:1863/x", "or path"),
        ("--advertise", "192.0.2.7:70000", "ports are 1 to 65535."), ("--ports", "9-5", "write FIRST-LAST"),
        ("--dial", "a", "write FROM=TO"),
    ])
    func theReason(_ option: String, _ value: String, _ reason: String) async throws {
        let upstream = option == "--upstream" ? [] : ["--upstream", "a"]
        let outcome = try await Program(["relay"] + upstream + ["\(option)=\(value)"]).outcome()
        #expect(outcome.code == 2 && outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("butterflynet: The value '\(value)' is invalid for '\(option) <"))
        #expect(outcome.errors.split(separator: "\n").first?.contains(reason) == true, "\(outcome.errors)")
    }
}
