// Slices of a capture: together they are the whole, and each connection is in one.

import Captures
import Events
import MSNP
import Packets
import TestSupport
import Testing

@Suite struct SliceTests {
    /// What is known of each connection, without its number and without the number of its sign-in.
    private func connections(_ paths: [String], _ slice: AddressSlice?) -> [String] {
        var result: [String] = []
        _ = Captures.decode(paths, everything: true, slice: slice) { event in
            if case .closed(let ends, let reason, let client, let server) = event.kind {
                let sums = [client, server].map { "\($0.bytes) \($0.sha256) \($0.gaps.count) \($0.noiseBytes)" }
                result.append("\(ends.client) \(ends.server) \(event.role) \(reason) \(sums)")
            }
            return true
        }
        return result.sorted()
    }

    @Test(arguments: [
        "demo.pcap", "transfers.pcap", "two-views.pcap", "proxy-gateway.pcap", "tcp-fragments.pcap", "link-6in4.pcap",
        "link-vlan.pcap", "tcp-port-reuse.pcap", "log-papyon.log",
    ]) func slicesTogetherAreTheWhole(name: String) {
        let path = Repository.capture(name)
        let whole = connections([path], nil)
        #expect(!whole.isEmpty)
        for count in [2, 5] {
            let slices = (1...count).map { connections([path], AddressSlice(number: $0, of: count)) }
            #expect(slices.flatMap { $0 }.sorted() == whole, "\(count) slices")
        }
    }

    /// The redirect of a switchboard may be in another slice.
    @Test func noSliceMissesTheCookiesOfOthers() {
        for name in ["demo.pcap", "sign-in-msnp12.pcap", "client-ways.pcap"] {
            for number in 1...5 {
                _ = Captures.decode([Repository.capture(name)], slice: AddressSlice(number: number, of: 5)) { event in
                    if case .finding(let finding) = event.kind { #expect(finding.name != .known(.cookieUnknown)) }
                    return true
                }
            }
        }
    }

    @Test func severalSlicesHaveSomething() {
        let path = Repository.capture("transfers.pcap")
        let filled = (1...16).filter {
            !connections([path], AddressSlice(number: $0, of: 16)).isEmpty
        }
        #expect(filled.count > 1)
    }

    @Test func bothDirectionsAndAllPortsAreInOneSlice() {
        var seen: Set<Int> = []
        for number in 0..<1_000 as Range<UInt32> {
            let (a, b) = (Address(ipv4: 0x0A00_0000 + number), Address(ipv4: 0x0B00_0000 + number * 7))
            let slices = (1...5).filter { AddressSlice(number: $0, of: 5)?.contains(a, b) == true }
            #expect(slices == ((1...5).filter { AddressSlice(number: $0, of: 5)?.contains(b, a) == true }))
            #expect(slices.count == 1)
            seen.formUnion(slices)
        }
        #expect(seen == Set(1...5))
    }

    /// Slices made by different versions fit together, so the hash must never change.
    @Test func theHashIsFixed() {
        let pairs = [
            (Address(ipv4: 0x7F00_0001), Address(ipv4: 0x7F00_0001)),
            (Address(ipv4: 0x0A00_0001), Address(ipv4: 0x0A00_0002)),
            (Address(high: 0x2001_0DB8_0000_0000, low: 1), Address(high: 0x2001_0DB8_0000_0000, low: 2)),
        ]
        let numbers = pairs.map { pair in
            (1...1_000).first { AddressSlice(number: $0, of: 1_000)?.contains(pair.0, pair.1) == true }
        }
        #expect(numbers == [830, 969, 21])
    }

    @Test func onlyValidSlices() {
        #expect(AddressSlice(number: 0, of: 4) == nil && AddressSlice(number: 5, of: 4) == nil)
        #expect(AddressSlice(number: 1, of: 0) == nil && AddressSlice(number: 1, of: -1) == nil)
    }
}
