// The doctor inside of network namespaces: what they lack is no fault of the relay.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct DoctorNamespaceTests {
    /// The results of `doctor` in a new namespace, by check; nil, with a warning, if none can be made.
    private static func examine(_ setUp: String) throws -> (outcomes: [String: String], code: Int32)? {
        guard try runProgram(["unshare", "-n", "ip", "link"]).code == 0 else {
            print("SKIPPED: DoctorNamespaceTests: network namespaces need root and iproute2")
            return nil
        }
        let command = "\(setUp) && exec \(Program.path) doctor --listen 0.0.0.0:1863 --no-archive --format jsonl"
        let (output, code) = try runProgram(["timeout", "60", "unshare", "-n", "sh", "-c", command])
        var outcomes: [String: String] = [:]
        for line in output.split(separator: "\n") where line.contains(#""event":"check""#) {
            let check = try object(String(line))
            if let name = check["name"] as? String { outcomes[name] = check["outcome"] as? String }
        }
        return (outcomes, code)
    }

    private static let link =
        "ip link add name va type veth peer name vb && ip addr add 10.9.0.1/24 dev va && ip link set va up && ip link set vb up"

    /// A machine reaches its own addresses through the loopback interface only, which its clients do not need.
    @Test(arguments: ["up", "down"]) func aNamespaceWithoutARouteIsSound(_ loopback: String) throws {
        guard let (outcomes, code) = try Self.examine("ip link set lo \(loopback) && \(Self.link)") else { return }
        #expect(outcomes["listen"] == "ok" && outcomes["advertise"] == "ok", "\(outcomes)")
        #expect(!outcomes.values.contains("failed") && code == 0, "\(outcomes)")
    }

    @Test func anEmptyNamespaceHasNoAddress() throws {
        guard let (outcomes, code) = try Self.examine("true") else { return }
        #expect(outcomes["advertise"] == "note" && code == 0, "\(outcomes)")
    }
}
