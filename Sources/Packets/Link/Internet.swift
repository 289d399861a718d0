// Dissects IPv4, IPv6 and the tunnels between them.

extension Dissector {
    /// IPv4, RFC 791. A total length of zero comes from segmentation offload and means "as long as captured".
    mutating func internet4(_ packet: Span<UInt8>, _ range: PacketRange) -> Segment? {
        guard range.holds(20) else { return skip(range.declared &- range.start < 20 ? .malformed : .truncated) }
        let start = range.start
        let header = Int(packet[start] & 15) &* 4
        guard packet[start] >> 4 == 4, header >= 20 else { return skip(.malformed) }
        guard range.holds(header) else { return skip(.truncated) }
        let stated = Int(packet.big16(start &+ 2))
        let total = stated == 0 ? range.declared &- start : stated
        guard total >= header else { return skip(.malformed) }
        let source = Address(ipv4: packet.big32(start &+ 12))
        let destination = Address(ipv4: packet.big32(start &+ 16))
        let payload = range.limited(to: total).dropping(header)
        let place = packet.big16(start &+ 6)
        if place & 0x3FFF != 0 {
            let key = FragmentKey(
                source: source, destination: destination, identification: UInt32(packet.big16(start &+ 4)),
                protocolNumber: packet[start &+ 9])
            let piece = FragmentPiece(offset: Int(place & 0x1FFF) &* 8, isLast: place & 0x2000 == 0, range: payload)
            return fragment(key, piece, packet)
        }
        return transport(
            packet[start &+ 9], packet, payload, from: source, to: destination,
            padding: max(0, range.captured &- start &- total))
    }

    /// IPv6, RFC 8200, with its extension headers. A payload length of zero (offload) means "as long as captured".
    mutating func internet6(_ packet: Span<UInt8>, _ range: PacketRange) -> Segment? {
        guard range.holds(40) else { return skip(range.declared &- range.start < 40 ? .malformed : .truncated) }
        let start = range.start
        guard packet[start] >> 4 == 6 else { return skip(.malformed) }
        let stated = Int(packet.big16(start &+ 4))
        let total = stated == 0 ? range.declared &- start : stated &+ 40
        let source = Address(high: packet.big64(start &+ 8), low: packet.big64(start &+ 16))
        let destination = Address(high: packet.big64(start &+ 24), low: packet.big64(start &+ 32))
        var rest = range.limited(to: total).dropping(40)
        var next = packet[start &+ 6]
        // Each header has at least eight bytes, so a packet cannot hold many; the limit guards against crafted packets.
        for _ in 0..<16 {
            switch next {
            case 0, 43, 60, 135:  // hop-by-hop, routing, destination options, mobility
                guard rest.holds(8) else { return skip(.truncated) }
                next = packet[rest.start]
                rest = rest.dropping(Int(packet[rest.start &+ 1]) &* 8 &+ 8)
            case 51:  // authentication header, RFC 4302
                guard rest.holds(8) else { return skip(.truncated) }
                next = packet[rest.start]
                rest = rest.dropping(Int(packet[rest.start &+ 1]) &* 4 &+ 8)
            case 44:  // fragment
                guard rest.holds(8) else { return skip(.truncated) }
                let place = packet.big16(rest.start &+ 2)
                let protocolNumber = packet[rest.start]
                let identification = packet.big32(rest.start &+ 4)
                rest = rest.dropping(8)
                if place & 0xFFF9 == 0 {  // an atomic fragment is a whole datagram, RFC 6946
                    next = protocolNumber
                    continue
                }
                let key = FragmentKey(
                    source: source, destination: destination, identification: identification,
                    protocolNumber: protocolNumber)
                let piece = FragmentPiece(offset: Int(place & 0xFFF8), isLast: place & 1 == 0, range: rest)
                return fragment(key, piece, packet)
            default:
                return transport(
                    next, packet, rest, from: source, to: destination,
                    padding: max(0, range.captured &- start &- total))
            }
        }
        return skip(.tooDeep)
    }

    /// Dispatches on an IP protocol number: TCP, a tunnel, or an extension header.
    mutating func transport(
        _ number: UInt8, _ packet: Span<UInt8>, _ range: PacketRange, from source: Address, to destination: Address,
        padding: Int
    ) -> Segment? {
        switch number {
        case 6: return tcp(packet, range, from: source, to: destination, padding: padding)
        case 4: return enterTunnel() ? internet4(packet, range) : nil  // RFC 2003
        case 41: return enterTunnel() ? internet6(packet, range) : nil  // RFC 4213
        case 47: return enterTunnel() ? gre(packet, range) : nil
        case 0, 43, 51, 60:  // an extension header at the start of a datagram that was fragmented
            return enterTunnel()
                ? extended(number, packet, range, from: source, to: destination, padding: padding) : nil
        default:
            counts.add(protocolNumber: number)
            return nil
        }
    }

    /// One extension header outside the chain of an IPv6 header; for IPv4 the authentication header only.
    private mutating func extended(
        _ number: UInt8, _ packet: Span<UInt8>, _ range: PacketRange, from source: Address, to destination: Address,
        padding: Int
    ) -> Segment? {
        guard range.holds(8) else { return skip(.truncated) }
        let units = Int(packet[range.start &+ 1])
        let rest = range.dropping(number == 51 ? units &* 4 &+ 8 : units &* 8 &+ 8)
        return transport(packet[range.start], packet, rest, from: source, to: destination, padding: padding)
    }

    /// GRE: RFC 2784 with the key and sequence number of RFC 2890, or the PPTP version of RFC 2637.
    private mutating func gre(_ packet: Span<UInt8>, _ range: PacketRange) -> Segment? {
        guard range.holds(4) else { return skip(.truncated) }
        let bits = packet.big16(range.start)
        let type = packet.big16(range.start &+ 2)
        guard bits & 0x4000 == 0 else { return skip(.tunnel) }  // source routing, which RFC 2784 took out
        var header = 4
        if bits & 0x8000 != 0 { header &+= 4 }
        if bits & 0x2000 != 0 { header &+= 4 }
        if bits & 0x1000 != 0 { header &+= 4 }
        switch bits & 7 {
        case 0:
            guard range.holds(header) else { return skip(.truncated) }
            let rest = range.dropping(header)
            return type == 0x6558 ? ethernet(packet, rest) : etherType(type, packet, rest)
        case 1:
            if bits & 0x0080 != 0 { header &+= 4 }
            guard bits & 0x2000 != 0, type == 0x880B, range.holds(header) else { return skip(.tunnel) }
            let length = Int(packet.big16(range.start &+ 4))
            if length == 0 { return skip(.tunnel) }  // an acknowledgement by itself
            return pointToPoint(packet, range.dropping(header).limited(to: length))
        default: return skip(.tunnel)
        }
    }
}
