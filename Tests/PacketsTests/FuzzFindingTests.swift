// What the fuzzer found, kept: each file in Findings once broke a promise.

import Foundation
import Packets
import Testing

struct FuzzFindingTests {
    private static let findings: [URL] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Findings")
        return (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    }()

    @Test func thereAreFindings() { #expect(!Self.findings.isEmpty) }

    /// Reads a finding as `tools/fuzz/packets.swift` does, under its limits.
    @Test(arguments: findings)
    func isMended(_ finding: URL) throws {
        let input = [UInt8](try Data(contentsOf: finding))
        let links: [UInt32] = [12, 1, 0, 9, 12, 50, 51, 101, 105, 12, 108, 113, 119, 127, 163, 228, 229, 276, 12, 999]
        let linkType = LinkType(rawValue: links[Int(try #require(input.first)) % links.count])
        var limits = ReassemblyLimits()
        limits.directionBytes = 2048
        limits.totalBytes = 6000
        limits.connections = 8
        limits.fragmentBytes = 4096
        limits.fragmentedDatagrams = 4
        limits.historyBytes = 64
        var dissector = Dissector(limits: limits)
        var reassembler = Reassembler(limits: limits)
        var time: Int64 = 0
        var place = 1
        while place + 3 <= input.count {
            let size = Int(input[place]) | Int(input[place + 1] & 7) << 8
            let cut = Int(input[place + 1] >> 3) * 8
            time += Int64(Int8(bitPattern: input[place + 2])) * 40_000_000
            place += 3
            let packet = Array(input[place..<min(input.count, place + size)])
            place = min(input.count, place + size)
            reassembler.receive(
                packet.span, wireLength: packet.count + cut, linkType: linkType, at: time, through: &dissector
            ) { _, _ in }
            #expect(reassembler.heldBytes <= limits.totalBytes)
        }
        reassembler.finish { _, _ in }
        #expect(reassembler.heldBytes == 0)
    }
}
