// Real captures that others published, against what was measured of them without this decoder.

import Captures
import Events
import Foundation
import MSNP
import TestSupport
import Testing

/// A `NAME.expected.json`.
private struct Expected: Decodable {
    struct Stream: Decodable {
        var client: String
        var server: String
        var content: String
        var client_to_server: Direction
        var server_to_client: Direction
    }

    struct Direction: Decodable {
        var bytes: Int
        var sha256: String
        var gaps: [[Int]]
        var acked_unseen_bytes: Int
        var commands: [String: Int]
        var unparsed_bytes: Int
    }

    var streams: [Stream]
}

@Suite struct SharedCapturesTests {
    @Test(arguments: [false, true]) func equalsWhatWasMeasured(everything: Bool) throws {
        guard let folder = SharedFolder.find("captures", neededFor: "SharedCapturesTests") else { return }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".pcap") }
        #expect(names.count >= 8)
        for name in names.sorted() {
            let file = folder.appending(path: name)
            let beside = file.deletingPathExtension().appendingPathExtension("expected.json")
            let expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: beside))
            let decoded = DecodedCapture([file.path], everything: everything)
            #expect(decoded.summary.troubles.isEmpty, "\(name)")
            let spoken = expected.streams.filter { $0.content == "msnp" }
            if everything {
                #expect(decoded.connections.count >= expected.streams.count, "\(name)")
            } else {
                #expect(decoded.connections.map(\.client).sorted() == spoken.map(\.client).sorted(), "\(name)")
            }
            // With everything, also the streams of which no payload was captured give events.
            for stream in everything ? expected.streams : spoken {
                guard let connection = decoded.connections.first(where: { same($0, stream) }) else {
                    Issue.record("\(name): a stream is not there")
                    continue
                }
                compare(connection, .client, stream.client_to_server, "\(name) c2s", isSpoken: stream.content == "msnp")
                compare(connection, .server, stream.server_to_client, "\(name) s2c", isSpoken: stream.content == "msnp")
            }
        }
    }

    private func same(_ connection: DecodedConnection, _ stream: Expected.Stream) -> Bool {
        connection.client == stream.client && connection.server == stream.server
            || stream.content != "msnp" && connection.client == stream.server && connection.server == stream.client
    }

    private func compare(
        _ connection: DecodedConnection, _ side: Side, _ expected: Expected.Direction, _ name: String, isSpoken: Bool
    ) {
        guard let sums = connection.sums[side] else {
            Issue.record("\(name): never closed")
            return
        }
        #expect(sums.bytes == UInt64(expected.bytes), "\(name)")
        #expect(connection.sha256(side) == expected.sha256, "\(name)")
        #expect(connection.gaps(side) == expected.gaps, "\(name)")
        #expect(sums.ackedUnseenBytes == UInt64(expected.acked_unseen_bytes), "\(name)")
        guard isSpoken else { return }
        #expect(connection.verbs(side) == expected.commands, "\(name)")
        #expect(sums.noiseBytes == UInt64(expected.unparsed_bytes), "\(name)")
    }
}
