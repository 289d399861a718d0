// Every link layer and tunnel with a hand-built packet, and what must not be taken for payload.

import Packets
import Testing

struct DissectorTests {
    static let four = Found(source: "10.0.0.1:1025", payload: "hello", length: 5)
    static let six = Found(source: "[2001:db8::1]:1025", payload: "hello", length: 5)

    static let framings: [(String, LinkType, Bytes, Found)] = [
        ("Ethernet", .ethernet, ethernet(0x800, ipv4(tcp())), four),
        ("Ethernet, IPv6", .ethernet, ethernet(0x86DD, ipv6(tcp())), six),
        ("padding is no payload", .ethernet, ethernet(0x800, ipv4(tcp()) + [1, 2, 3]), four),
        ("VLAN", .ethernet, ethernet(0x8100, [0, 5, 8, 0] + ipv4(tcp())), four),
        ("stacked VLAN", .ethernet, ethernet(0x88A8, [0, 5, 0x81, 0, 0, 6, 8, 0] + ipv4(tcp())), four),
        ("LLC and SNAP", .ethernet, ethernet(58, snap(0x800, ipv4(tcp()))), four),
        ("MPLS", .ethernet, ethernet(0x8847, [0, 0, 0x10, 9, 0, 0, 0x21, 9] + ipv4(tcp())), four),
        ("PPPoE", .ethernet, ethernet(0x8864, pppoe([0, 0x21] + ipv4(tcp())) + [9, 9]), four),
        ("PPPoE, IPv6", .ethernet, ethernet(0x8864, pppoe([0, 0x57] + ipv6(tcp()))), six),
        ("PPPoE alone", .pppOverEthernet, pppoe([0x21] + ipv4(tcp())), four),
        ("cooked", .cooked, Bytes(repeating: 0, count: 14) + [8, 0] + ipv4(tcp()), four),
        ("cooked, VLAN", .cooked, Bytes(repeating: 0, count: 14) + [0x81, 0, 0, 5, 8, 0] + ipv4(tcp()), four),
        ("cooked 2", .cooked2, [0x86, 0xDD] + Bytes(repeating: 0, count: 18) + ipv6(tcp()), six),
        ("null, little", .null, [2, 0, 0, 0] + ipv4(tcp()), four),
        ("null, big", .null, [0, 0, 0, 2] + ipv4(tcp()), four),
        ("null, NetBSD", .null, [24, 0, 0, 0] + ipv6(tcp()), six),
        ("null, FreeBSD", .null, [0, 0, 0, 28] + ipv6(tcp()), six),
        ("null, macOS", .null, [30, 0, 0, 0] + ipv6(tcp()), six),
        ("loop", .loop, [0, 0, 0, 24] + ipv6(tcp()), six),
        ("raw 12", .raw, ipv4(tcp()), four), ("raw 14", .rawOpenBSD, ipv4(tcp()), four),
        ("raw 101", .rawFile, ipv6(tcp()), six), ("IPv4", .ipv4, ipv4(tcp()), four), ("IPv6", .ipv6, ipv6(tcp()), six),
        ("PPP", .ppp, [0, 0x21] + ipv4(tcp()), four),
        ("PPP, HDLC", .ppp, [0xFF, 3, 0, 0x57] + ipv6(tcp()), six),
        ("PPP, compressed", .pppSerial, [0xFF, 3, 0x21] + ipv4(tcp()), four),
        ("Cisco HDLC", .pppSerial, [0x0F, 0, 8, 0] + ipv4(tcp()), four),
        ("802.11", .wireless, wifi(snap(0x800, ipv4(tcp()))), four),
        ("802.11, four addresses", .wireless, wifi(snap(0x800, ipv4(tcp())), flags: 3, header: 30), four),
        ("802.11, QoS", .wireless, wifi(snap(0x86DD, ipv6(tcp())), kind: 0x88, flags: 2, header: 26), six),
        ("radiotap", .wirelessRadiotap, [0, 0, 8, 0, 0, 0, 0, 0] + wifi(snap(0x800, ipv4(tcp()))), four),
        (
            "radiotap, padded, with checksum", .wirelessRadiotap,
            [0, 0, 9, 0, 2, 0, 0, 0, 0x30] + wifi(snap(0x800, ipv4(tcp())), kind: 0x88, flags: 2, header: 28) + [
                1, 2, 3, 4,
            ], four
        ),
        ("Prism", .wirelessPrism, Bytes(repeating: 0, count: 144) + wifi(snap(0x800, ipv4(tcp()))), four),
        (
            "AVS", .wirelessAVS,
            [0x80, 0x21, 0x10, 1, 0, 0, 0, 64] + Bytes(repeating: 0, count: 56) + wifi(snap(0x800, ipv4(tcp()))), four
        ),
        ("IPv4 options", .raw, ipv4(tcp(), options: [1, 1, 1, 0]), four),
        ("TCP options", .raw, ipv4(tcp(options: [1, 1, 1, 0])), four),
        ("total length 0", .raw, ipv4(tcp(), total: 0), four),
        ("IPv6 length 0", .raw, ipv6(tcp(), length: 0), six),
        (
            "hop by hop", .raw,
            ipv6([60, 0] + Bytes(repeating: 0, count: 6) + [6, 0, 0, 0, 0, 0, 0, 0] + tcp(), next: 0), six
        ),
        ("routing", .raw, ipv6([6, 0, 0, 0, 0, 0, 0, 0] + tcp(), next: 43), six),
        ("authentication", .raw, ipv6([6, 1] + Bytes(repeating: 0, count: 10) + tcp(), next: 51), six),
        ("atomic fragment", .raw, ipv6([6, 0, 0, 0, 0, 0, 0, 9] + tcp(), next: 44), six),
        ("6in4", .raw, ipv4(ipv6(tcp()), number: 41), six), ("IP in IP", .raw, ipv4(ipv4(tcp()), number: 4), four),
        ("GRE", .raw, ipv4([0, 0, 8, 0] + ipv4(tcp()), number: 47), four),
        (
            "GRE, all fields", .raw,
            ipv4([0xB0, 0, 0x86, 0xDD] + Bytes(repeating: 0, count: 12) + ipv6(tcp()), number: 47), six
        ),
        ("GRE, bridge", .raw, ipv4([0, 0, 0x65, 0x58] + ethernet(0x800, ipv4(tcp())), number: 47), four),
        (
            "PPTP", .raw,
            ipv4(
                [0x30, 0x81, 0x88, 0x0B, 0, 49, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0xFF, 3, 0, 0x21] + ipv4(tcp()),
                number: 47),
            four
        ),
    ]

    @Test(arguments: framings.indices)
    func findsTheSegment(_ index: Int) {
        let (name, link, packet, expected) = Self.framings[index]
        #expect(find(packet, link) == expected, "\(name)")
    }

    /// Cut anywhere, a packet gives the same segment with fewer captured bytes, or none; never a wrong one.
    @Test(arguments: framings.indices)
    func survivesEveryCut(_ index: Int) {
        let (name, link, packet, expected) = Self.framings[index]
        if name.contains("length 0") { return }
        for count in packet.indices {
            let found = find(Array(packet[..<count]), link, wireLength: packet.count)
            guard let found else { continue }
            #expect(found.source == expected.source && found.length == 5, "\(name) cut to \(count)")
            #expect("hello".hasPrefix(found.payload))
        }
    }

    @Test func saysHowMuchWasCutOff() {
        let packet = ethernet(0x800, ipv4(tcp()))
        #expect(find(Array(packet.dropLast(3)), .ethernet, wireLength: packet.count)?.payload == "he")
        #expect(find(Array(packet.dropLast(3)), .ethernet, wireLength: packet.count)?.length == 5)
        let offloaded = ipv4(tcp(), total: 0)
        #expect(find(Array(offloaded.dropLast(4)), .raw, wireLength: offloaded.count)?.length == 5)
    }

    @Test func countsWhatLeadsNowhere() {
        var dissector = Dissector()
        for (link, packet) in [
            (.ethernet, ethernet(0x806, [1, 2])), (LinkType(rawValue: 147), [1, 2, 3]), (.raw, ipv4([1], number: 17)),
            (.wireless, wifi(Bytes(repeating: 9, count: 40), flags: 0x41)), (.wireless, wifi([], kind: 0x80, flags: 0)),
            (.raw, ipv4(tcp(), total: 10)), (.ppp, [0, 0x2D, 1]), (.raw, ipv4([0x40, 0, 8, 0], number: 47)),
        ] as [(LinkType, Bytes)] {
            #expect(find(packet, link, with: &dissector) == nil)
        }
        let counts = dissector.counts
        #expect(counts.packets == 8 && counts.segments == 0)
        #expect(counts.otherProtocols.map(\.number) == [17])
        for reason in [
            .etherType(0x806), .linkType(LinkType(rawValue: 147)), .encrypted, .wirelessControl, .malformed,
            .pointToPoint(0x2D), .tunnel,
        ] as [DissectionCounts.Reason] {
            #expect(counts.skipped[reason] == 1, "\(reason)")
        }
    }

    @Test func tunnelsWithoutEndAreLeft() {
        var packet = ipv4(tcp())
        for _ in 0..<20 { packet = ipv4(packet, number: 4) }
        var dissector = Dissector()
        #expect(find(packet, .raw, with: &dissector) == nil)
        #expect(dissector.counts.skipped == [.tooDeep: 1])
    }

    @Test func addressesPrintAsPeopleTypeThem() {
        #expect(Address(ipv4: 0xC0A8_0001).description == "192.168.0.1")
        for (high, low, text) in [
            (0, 0, "::"), (0, 1, "::1"), (0x2001_0DB8_0000_0000, 1, "2001:db8::1"),
            (0x2001_0DB8_0000_0001, 0x0001_0001_0001_0001, "2001:db8:0:1:1:1:1:1"),
            (0x2001_0000_0000_0001, 0x0000_0000_0000_0001, "2001:0:0:1::1"),
            (0x2001_0DB8_0000_0000, 0x0001_0000_0000_0001, "2001:db8::1:0:0:1"), (0xFE80 << 48, 0, "fe80::"),
        ] as [(UInt64, UInt64, String)] {
            #expect(Address(high: high, low: low).description == text)
        }
    }
}
