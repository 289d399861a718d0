// Wireshark reads exports without a complaint, where it is there to be asked.

import EventSamples
import Events
import Foundation
import MSNP
import TestSupport
import Testing

@Suite(.serialized) struct WiresharkTests {
    /// A filter for packets whose checksums, numbers or blocks are wrong, or that came too late, twice or never.
    private static let complaints =
        "tcp.analysis.flags || _ws.expert.severity >= 6291456 || tcp.checksum.status == 0 || ip.checksum.status == 0 || _ws.malformed"

    @Test func wiresharkHasNoComplaint() throws {
        var isAsked = false
        // One of each kind: every question costs a start of Wireshark.
        let kinds = ["demo.", "sign-in", "transfers", "proxy", "ipv6", "fragments", "sequence-wrap", "missing-syn"]
        let own = Repository.captureFiles.filter { path in kinds.contains { path.contains($0) } }
        for path in own + SharedFolder.captureFiles(neededFor: "what Wireshark says of real captures") {
            let recording = Recording([path])
            let endsOddly = recording.events.contains { event in
                switch event.kind {
                case .gap: true
                case .closed(_, let reason, let client, let server):
                    reason.text.hasPrefix("reset") || reason == .portsReused
                        || client.ackedUnseenBytes + server.ackedUnseenBytes > 0
                default: false
                }
            }
            // Wireshark rightly complains of missing bytes, resets and reused ports.
            let ends = recording.connections.map(\.ends)
            guard !ends.isEmpty, Set(ends).count == ends.count, !endsOddly else { continue }
            let copies = [recording.events, RedactedCopy(of: recording.events).events]
            for events in copies {
                let scratch = try Scratch()
                guard let said = try Self.ask(try scratch.write(pcapng(events), to: "a.pcapng")) else { return }
                #expect(said.isEmpty, "\(path): \(said.count) packets")
                isAsked = true
            }
        }
        #expect(isAsked)
    }

    /// The test's own test: one wrong bit is seen.
    @Test func wiresharkSeesAWrongBit() throws {
        var script = Script()
        script.open("10.0.0.1:1025", "10.0.0.2:1863")
        script.send(.client, "USR 1 anna@example.com 17.4\r\n")
        var bytes = pcapng(script.events)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: "USR 1".utf8) })
        bytes[place + 4] ^= 1
        let scratch = try Scratch()
        guard let said = try Self.ask(try scratch.write(bytes, to: "a.pcapng")) else { return }
        #expect(said.count == 1)
    }

    /// The numbers of the packets that Wireshark complains of; nil, with a line on standard output, without Wireshark.
    private static func ask(_ path: String) throws -> [Substring]? {
        let (text, code) = try runProgram(
            [
                "tshark", "-r", path, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y", complaints,
                "-T", "fields", "-e", "frame.number",
            ], withErrors: false)
        guard code != 127 else {
            print("SKIPPED: WiresharkTests: there is no tshark")
            return nil
        }
        #expect(code == 0)
        return text.split(separator: "\n")
    }
}
