// Masks in answers: they say nothing of the length of a secret (attack row 28), and none can be forged (row 14).

import Foundation
import MSNP
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(3))) struct MaskTests {
    private func masks(_ text: String) -> [String] {
        text.matches(of: /‹secret:([0-9a-f]{6})›/).map { String($0.output.1) }
    }

    /// Secrets of different lengths have masks of one length in lines; in bytes, where places have to stay right, they
    /// are as many asterisks as they have bytes (docs/web.md).
    @Test func masksHaveOneLength() async throws {
        try await TestPage.run(["sign-in-msnp12.pcap", "demo.pcap"]) { _, client in
            var lengths: Set<Int> = []
            var kinds: Set<Int> = []
            let rows = try items(try await client.object("/api/v1/events?limit=500&where=event+%3D%3D+frame"))
            for row in rows {
                guard let address = row["at"] as? String, row["masks"] != nil else { continue }
                let line = try #require(row["line"] as? String)
                kinds.formUnion(line.matches(of: /‹[^›]*›/).map { $0.output.count })
                let bytes = try await client.get("/api/v1/events/\(address)/bytes").text
                lengths.formUnion(bytes.matches(of: /\*+/).map { $0.output.count })
            }
            #expect(kinds == [15] && lengths.count > 1, "\(kinds) \(lengths)")
        }
    }

    /// The names of the masks stand beside the line, in rows and in single events.
    @Test func eachMaskIsNamed() async throws {
        try await TestPage.run { _, client in
            let rows = try items(try await client.object("/api/v1/events?limit=500"))
            var count = 0
            for row in rows where row["event"] as? String == "frame" {
                let line = try #require(row["line"] as? String)
                // Secrets in the payload have names as well.
                #expect(Set(row["masks"] as? [String] ?? []).isSuperset(of: masks(line)), "\(line)")
                count += masks(line).count
                let address = try #require(row["at"] as? String)
                if !masks(line).isEmpty {
                    let event = try await client.object("/api/v1/events/\(address)")
                    #expect(Set(event["masks"] as? [String] ?? []).isSuperset(of: masks(line)))
                }
            }
            #expect(count > 0)
        }
        // Where secrets are shown, nothing is a mask.
        try await TestPage.run(["demo.pcap"], options: { $0.showsSecrets = true }) { _, client in
            let rows = try items(try await client.object("/api/v1/events?limit=500"))
            #expect(rows.allSatisfy { $0["masks"] == nil })
        }
    }
}
