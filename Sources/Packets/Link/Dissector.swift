// Dissects a captured packet down to its TCP segment: entry point, counts, and link layers that only add framing.

/// Finds the TCP segment in a captured packet, through link layers, tunnels and IP fragments.
///
/// It keeps state only for IPv4 and IPv6 fragments, within `ReassemblyLimits`. It ignores checksums, because captures
/// on the sending machine hold wrong ones. No packet can make it trap; `counts` counts every packet without a segment.
package struct Dissector: Sendable {
    /// Counts of packets, and of those without a segment by reason.
    package internal(set) var counts = DissectionCounts()
    /// The reassembled datagram that the last segment with `isReassembled` points into.
    package private(set) var datagram: [UInt8] = []

    var fragments: FragmentTable
    /// Time of the current packet, in nanoseconds since 1970, for the expiry of fragments.
    private var now: Int64 = 0
    /// Number of tunnel headers around the current header.
    private var depth = 0
    /// Number of datagrams reassembled for this packet: a reassembled datagram can be a fragment itself.
    private var reassemblies = 0

    /// The limit on nested tunnels: more than any real network uses, few enough to bound the work.
    static let maxTunnelDepth = 8

    /// Creates a dissector with these limits on fragments.
    package init(limits: ReassemblyLimits = ReassemblyLimits()) {
        fragments = FragmentTable(limits: limits)
    }

    /// Dissects one packet.
    /// - Parameters:
    ///   - packet: the captured bytes, from the outermost header on
    ///   - wireLength: the packet's length on the wire; a value below `packet.count` counts as `packet.count`
    ///   - linkType: the type of the outermost header
    ///   - time: nanoseconds since 1970
    /// - Returns: the segment, or nil if the packet has none or does not complete a datagram; `counts` has the reason
    package mutating func dissect(
        _ packet: Span<UInt8>, wireLength: Int, linkType: LinkType, at time: Int64
    ) -> Segment? {
        now = time
        depth = 0
        reassemblies = 0
        counts.packets &+= 1
        let whole = PacketRange(
            start: 0, captured: packet.count, declared: max(packet.count, min(wireLength, PacketRange.longest)))
        let segment = link(linkType, packet, whole)
        if segment != nil { counts.segments &+= 1 }
        return segment
    }

    private mutating func link(_ type: LinkType, _ packet: Span<UInt8>, _ range: PacketRange) -> Segment? {
        switch type {
        case .ethernet: return ethernet(packet, range)
        case .raw, .rawOpenBSD, .rawFile, .ipv4, .ipv6: return rawInternet(packet, range)
        case .cooked:
            guard range.holds(16) else { return skip(.truncated) }
            return etherType(packet.big16(range.start &+ 14), packet, range.dropping(16))
        case .cooked2:
            guard range.holds(20) else { return skip(.truncated) }
            return etherType(packet.big16(range.start), packet, range.dropping(20))
        case .null, .loop: return loopback(packet, range)
        case .ppp, .pppSerial: return pointToPoint(packet, range)
        case .pppOverEthernet: return pointToPointOverEthernet(packet, range)
        case .wireless: return wireless(packet, range, padsHeader: false)
        case .wirelessRadiotap: return radiotap(packet, range)
        case .wirelessPrism, .wirelessAVS: return wirelessMonitor(packet, range)
        default: return skip(.linkType(type))
        }
    }

    /// Ethernet II, or IEEE 802.3 with LLC where the type field is a length.
    mutating func ethernet(_ packet: Span<UInt8>, _ range: PacketRange) -> Segment? {
        guard range.holds(14) else { return skip(.truncated) }
        return etherType(packet.big16(range.start &+ 12), packet, range.dropping(14))
    }

    /// Dispatches on an EtherType. Values up to 1500 are lengths of IEEE 802.3 frames with LLC.
    mutating func etherType(_ type: UInt16, _ packet: Span<UInt8>, _ range: PacketRange) -> Segment? {
        switch type {
        case 0x0800: return internet4(packet, range)
        case 0x86DD: return internet6(packet, range)
        case 0x8100, 0x88A8, 0x9100, 0x9200:  // IEEE 802.1Q, 802.1ad, and two common forerunners of it
            guard range.holds(4) else { return skip(.truncated) }
            guard enterTunnel() else { return nil }
            return etherType(packet.big16(range.start &+ 2), packet, range.dropping(4))
        case 0x8847, 0x8848: return mpls(packet, range)
        case 0x8864: return pointToPointOverEthernet(packet, range)
        case 0x880B: return pointToPoint(packet, range)
        case 0...1500: return logicalLink(packet, range)
        default: return skip(.etherType(type))
        }
    }

    /// IEEE 802.2 LLC: SNAP (RFC 1042, or the bridge tunnel form 00-00-F8), or the IP access point.
    mutating func logicalLink(_ packet: Span<UInt8>, _ range: PacketRange) -> Segment? {
        guard range.holds(3) else { return skip(.truncated) }
        let access = packet.big16(range.start)
        if access == 0x0606 { return internet4(packet, range.dropping(3)) }
        guard access == 0xAAAA, range.holds(8) else { return skip(.logicalLink) }
        let organisation = packet.big32(range.start &+ 2) & 0xFFFFFF
        let type = packet.big16(range.start &+ 6)
        guard organisation == 0 || organisation == 0xF8, type > 1500 else { return skip(.logicalLink) }
        return etherType(type, packet, range.dropping(8))
    }

    /// MPLS (RFC 3032): labels up to the bottom of the stack, then IP by its version.
    private mutating func mpls(_ packet: Span<UInt8>, _ range: PacketRange) -> Segment? {
        var rest = range
        for _ in 0..<Self.maxTunnelDepth {
            guard rest.holds(4) else { return skip(.truncated) }
            let isBottom = packet[rest.start &+ 2] & 1 == 1
            rest = rest.dropping(4)
            if isBottom { return rawInternet(packet, rest) }
        }
        return skip(.tooDeep)
    }

    /// BSD loopback: the address family in either byte order; each system has its own number for IPv6.
    private mutating func loopback(_ packet: Span<UInt8>, _ range: PacketRange) -> Segment? {
        guard range.holds(4) else { return skip(.truncated) }
        let big = packet.big32(range.start)
        let family = big > 0xFFFF ? big.byteSwapped : big
        switch family {
        case 2: return internet4(packet, range.dropping(4))
        case 10, 23, 24, 26, 28, 30: return internet6(packet, range.dropping(4))  // Linux, Windows, the BSDs, macOS
        default: return skip(.addressFamily(family))
        }
    }

    /// An IP header of either version, without a link layer.
    mutating func rawInternet(_ packet: Span<UInt8>, _ range: PacketRange) -> Segment? {
        guard range.holds(1) else { return skip(.truncated) }
        switch packet[range.start] >> 4 {
        case 4: return internet4(packet, range)
        case 6: return internet6(packet, range)
        default: return skip(.malformed)
        }
    }

    /// Counts a packet without a segment.
    mutating func skip(_ reason: DissectionCounts.Reason) -> Segment? {
        counts.add(reason)
        return nil
    }

    /// Enters a header that can contain its own kind. Returns false, and counts the packet, beyond `maxTunnelDepth`
    /// levels.
    mutating func enterTunnel() -> Bool {
        depth &+= 1
        if depth <= Self.maxTunnelDepth { return true }
        counts.add(.tooDeep)
        return false
    }

    /// Adds an IP fragment, and dissects the datagram when it is complete.
    mutating func fragment(_ key: FragmentKey, _ piece: FragmentPiece, _ packet: Span<UInt8>) -> Segment? {
        guard let whole = fragments.add(key, piece, packet, now: now) else { return skip(.fragment) }
        guard enterTunnel() else { return nil }
        reassemblies &+= 1
        let mine = reassemblies
        let range = PacketRange(start: 0, captured: whole.count, declared: whole.count)
        let segment = transport(
            key.protocolNumber, whole.span, range, from: key.source, to: key.destination, padding: 0)
        if segment != nil, reassemblies == mine { datagram = whole }
        return segment
    }

    /// The TCP header, RFC 9293 section 3.1.
    mutating func tcp(
        _ packet: Span<UInt8>, _ range: PacketRange, from source: Address, to destination: Address, padding: Int
    ) -> Segment? {
        guard range.holds(20) else { return skip(range.declared &- range.start < 20 ? .malformed : .truncated) }
        let start = range.start
        let header = Int(packet[start &+ 12] >> 4) &* 4
        guard header >= 20, header <= range.declared &- start else { return skip(.malformed) }
        let payload = min(start &+ header, range.captured)
        return Segment(
            source: Endpoint(address: source, port: packet.big16(start)),
            destination: Endpoint(address: destination, port: packet.big16(start &+ 2)),
            sequence: packet.big32(start &+ 4), acknowledgement: packet.big32(start &+ 8),
            flags: Segment.Flags(rawValue: packet[start &+ 13]),
            payloadOffset: payload, captured: range.captured &- payload,
            length: range.declared &- start &- header, padding: padding, isReassembled: reassemblies > 0)
    }
}
