// One captured packet in, its TCP segment out: the entry, the counts, and the link layers that are only framing.

/// Finds the TCP segment in a captured packet, through link layers, tunnels and IP fragments.
///
/// It has memory only for IPv4 and IPv6 fragments, within `ReassemblyLimits`. Checksums are not looked at: captures on the
/// sending machine hold wrong ones. Nothing in a packet can make it trap; what it cannot use it counts in `counts`.
package struct Dissector: Sendable {
    /// How often a packet led to no segment, by reason.
    package internal(set) var counts = DissectionCounts()
    /// The datagram put together from fragments that the last segment with `isReassembled` points into.
    package private(set) var datagram: [UInt8] = []

    var fragments: FragmentTable
    /// Time of the packet in hand, for the expiry of fragments.
    private var now: Int64 = 0
    /// How many headers of tunnels surround the one in hand.
    private var depth = 0
    /// How many datagrams of this packet were put together: fragments can hold fragments.
    private var reassemblies = 0

    /// How many tunnels inside each other are followed: more than any real network nests, few enough to bound work.
    static let deepestTunnel = 8

    /// A dissector with those limits on fragments.
    package init(limits: ReassemblyLimits = ReassemblyLimits()) {
        fragments = FragmentTable(limits: limits)
    }

    /// Dissects one packet.
    /// - Parameters:
    ///   - packet: the captured bytes, from the outermost header on
    ///   - wireLength: how many bytes the packet had on the wire; at least `packet.count`, or it is taken as that
    ///   - linkType: what the outermost header is
    ///   - time: nanoseconds since 1970
    /// - Returns: the segment, or nil if there is none or it is not complete yet; `counts` says why
    package mutating func dissect(
        _ packet: Span<UInt8>, wireLength: Int, linkType: LinkType, at time: Int64
    ) -> Segment? {
        now = time
        depth = 0
        reassemblies = 0
        counts.packets &+= 1
        let whole = Part(start: 0, captured: packet.count, promised: max(packet.count, min(wireLength, Part.longest)))
        let segment = link(linkType, packet, whole)
        if segment != nil { counts.segments &+= 1 }
        return segment
    }

    private mutating func link(_ type: LinkType, _ packet: Span<UInt8>, _ part: Part) -> Segment? {
        switch type {
        case .ethernet: return ethernet(packet, part)
        case .raw, .rawOpenBSD, .rawFile, .ipv4, .ipv6: return rawInternet(packet, part)
        case .cooked:
            guard part.holds(16) else { return skip(.truncated) }
            return etherType(packet.big16(part.start &+ 14), packet, part.dropping(16))
        case .cooked2:
            guard part.holds(20) else { return skip(.truncated) }
            return etherType(packet.big16(part.start), packet, part.dropping(20))
        case .null, .loop: return loopback(packet, part)
        case .ppp, .pppSerial: return pointToPoint(packet, part)
        case .pppOverEthernet: return pointToPointOverEthernet(packet, part)
        case .wireless: return wireless(packet, part, padsHeader: false)
        case .wirelessRadiotap: return radiotap(packet, part)
        case .wirelessPrism, .wirelessAVS: return wirelessMonitor(packet, part)
        default: return skip(.linkType(type))
        }
    }

    /// Ethernet II, or IEEE 802.3 with LLC where the type field is a length.
    mutating func ethernet(_ packet: Span<UInt8>, _ part: Part) -> Segment? {
        guard part.holds(14) else { return skip(.truncated) }
        return etherType(packet.big16(part.start &+ 12), packet, part.dropping(14))
    }

    /// What an EtherType announces; values up to 1500 are lengths of IEEE 802.3 frames with LLC.
    mutating func etherType(_ type: UInt16, _ packet: Span<UInt8>, _ part: Part) -> Segment? {
        switch type {
        case 0x0800: return internet4(packet, part)
        case 0x86DD: return internet6(packet, part)
        case 0x8100, 0x88A8, 0x9100, 0x9200:  // IEEE 802.1Q, 802.1ad, and two common forerunners of it
            guard part.holds(4) else { return skip(.truncated) }
            guard deeper() else { return nil }
            return etherType(packet.big16(part.start &+ 2), packet, part.dropping(4))
        case 0x8847, 0x8848: return labelSwitched(packet, part)
        case 0x8864: return pointToPointOverEthernet(packet, part)
        case 0x880B: return pointToPoint(packet, part)
        case 0...1500: return logicalLink(packet, part)
        default: return skip(.etherType(type))
        }
    }

    /// IEEE 802.2 LLC: SNAP (RFC 1042, or the bridge tunnel form 00-00-F8), or the IP access point.
    mutating func logicalLink(_ packet: Span<UInt8>, _ part: Part) -> Segment? {
        guard part.holds(3) else { return skip(.truncated) }
        let access = packet.big16(part.start)
        if access == 0x0606 { return internet4(packet, part.dropping(3)) }
        guard access == 0xAAAA, part.holds(8) else { return skip(.logicalLink) }
        let organisation = packet.big32(part.start &+ 2) & 0xFFFFFF
        let type = packet.big16(part.start &+ 6)
        guard organisation == 0 || organisation == 0xF8, type > 1500 else { return skip(.logicalLink) }
        return etherType(type, packet, part.dropping(8))
    }

    /// MPLS (RFC 3032): labels up to the bottom of the stack, then IP by its version.
    private mutating func labelSwitched(_ packet: Span<UInt8>, _ part: Part) -> Segment? {
        var rest = part
        for _ in 0..<Self.deepestTunnel {
            guard rest.holds(4) else { return skip(.truncated) }
            let isBottom = packet[rest.start &+ 2] & 1 == 1
            rest = rest.dropping(4)
            if isBottom { return rawInternet(packet, rest) }
        }
        return skip(.tooDeep)
    }

    /// BSD loopback: the address family in either byte order, with every system's number for IPv6.
    private mutating func loopback(_ packet: Span<UInt8>, _ part: Part) -> Segment? {
        guard part.holds(4) else { return skip(.truncated) }
        let big = packet.big32(part.start)
        let family = big > 0xFFFF ? big.byteSwapped : big
        switch family {
        case 2: return internet4(packet, part.dropping(4))
        case 10, 23, 24, 26, 28, 30: return internet6(packet, part.dropping(4))  // Linux, Windows, the BSDs, macOS
        default: return skip(.addressFamily(family))
        }
    }

    /// An IP header of either version.
    mutating func rawInternet(_ packet: Span<UInt8>, _ part: Part) -> Segment? {
        guard part.holds(1) else { return skip(.truncated) }
        switch packet[part.start] >> 4 {
        case 4: return internet4(packet, part)
        case 6: return internet6(packet, part)
        default: return skip(.malformed)
        }
    }

    /// Counts a packet that leads no further.
    mutating func skip(_ reason: DissectionCounts.Reason) -> Segment? {
        counts.add(reason)
        return nil
    }

    /// Steps into a header that can hold itself again; false, and counted, when there have been too many.
    mutating func deeper() -> Bool {
        depth &+= 1
        if depth <= Self.deepestTunnel { return true }
        counts.add(.tooDeep)
        return false
    }

    /// Takes in an IP fragment and goes on with the datagram once it is whole.
    mutating func fragment(_ key: FragmentKey, _ piece: FragmentPiece, _ packet: Span<UInt8>) -> Segment? {
        guard let whole = fragments.add(key, piece, packet, now: now) else { return skip(.fragment) }
        guard deeper() else { return nil }
        reassemblies &+= 1
        let mine = reassemblies
        let part = Part(start: 0, captured: whole.count, promised: whole.count)
        let segment = transport(key.protocolNumber, whole.span, part, from: key.source, to: key.destination, padding: 0)
        if segment != nil, reassemblies == mine { datagram = whole }
        return segment
    }

    /// The TCP header, RFC 9293 section 3.1.
    mutating func transmission(
        _ packet: Span<UInt8>, _ part: Part, from source: Address, to destination: Address, padding: Int
    ) -> Segment? {
        guard part.holds(20) else { return skip(part.promised &- part.start < 20 ? .malformed : .truncated) }
        let start = part.start
        let header = Int(packet[start &+ 12] >> 4) &* 4
        guard header >= 20, header <= part.promised &- start else { return skip(.malformed) }
        let payload = min(start &+ header, part.captured)
        return Segment(
            source: Endpoint(address: source, port: packet.big16(start)),
            destination: Endpoint(address: destination, port: packet.big16(start &+ 2)),
            sequence: packet.big32(start &+ 4), acknowledgement: packet.big32(start &+ 8),
            flags: Segment.Flags(rawValue: packet[start &+ 13]),
            payloadOffset: payload, captured: part.captured &- payload,
            length: part.promised &- start &- header, padding: padding, isReassembled: reassemblies > 0)
    }
}
