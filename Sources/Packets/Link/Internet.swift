// IPv4, IPv6 and the tunnels that carry them inside each other.

extension Dissector {
    /// IPv4, RFC 791. A total length of zero comes from segmentation offload and means "as long as captured".
    mutating func internet4(_ packet: Span<UInt8>, _ part: Part) -> Segment? {
        guard part.holds(20) else { return skip(part.promised &- part.start < 20 ? .malformed : .truncated) }
        let start = part.start
        let header = Int(packet[start] & 15) &* 4
        guard packet[start] >> 4 == 4, header >= 20 else { return skip(.malformed) }
        guard part.holds(header) else { return skip(.truncated) }
        let stated = Int(packet.big16(start &+ 2))
        let total = stated == 0 ? part.promised &- start : stated
        guard total >= header else { return skip(.malformed) }
        let source = Address(ipv4: packet.big32(start &+ 12))
        let destination = Address(ipv4: packet.big32(start &+ 16))
        let payload = part.limited(to: total).dropping(header)
        let place = packet.big16(start &+ 6)
        if place & 0x3FFF != 0 {
            let key = FragmentKey(
                source: source, destination: destination, identification: UInt32(packet.big16(start &+ 4)),
                protocolNumber: packet[start &+ 9])
            let piece = FragmentPiece(offset: Int(place & 0x1FFF) &* 8, isLast: place & 0x2000 == 0, part: payload)
            return fragment(key, piece, packet)
        }
        return transport(
            packet[start &+ 9], packet, payload, from: source, to: destination,
            padding: max(0, part.captured &- start &- total))
    }

    /// IPv6, RFC 8200, with its extension headers. A payload length of zero (offload) means "as long as captured".
    mutating func internet6(_ packet: Span<UInt8>, _ part: Part) -> Segment? {
        guard part.holds(40) else { return skip(part.promised &- part.start < 40 ? .malformed : .truncated) }
        let start = part.start
        guard packet[start] >> 4 == 6 else { return skip(.malformed) }
        let stated = Int(packet.big16(start &+ 4))
        let total = stated == 0 ? part.promised &- start : stated &+ 40
        let source = Address(high: packet.big64(start &+ 8), low: packet.big64(start &+ 16))
        let destination = Address(high: packet.big64(start &+ 24), low: packet.big64(start &+ 32))
        var rest = part.limited(to: total).dropping(40)
        var next = packet[start &+ 6]
        // Each header is eight bytes or more, so a packet cannot hold many; the bound only guards against crafted ones.
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
                let piece = FragmentPiece(offset: Int(place & 0xFFF8), isLast: place & 1 == 0, part: rest)
                return fragment(key, piece, packet)
            default:
                return transport(
                    next, packet, rest, from: source, to: destination,
                    padding: max(0, part.captured &- start &- total))
            }
        }
        return skip(.tooDeep)
    }

    /// What an IP protocol number announces: TCP, or a tunnel to look into.
    mutating func transport(
        _ number: UInt8, _ packet: Span<UInt8>, _ part: Part, from source: Address, to destination: Address,
        padding: Int
    ) -> Segment? {
        switch number {
        case 6: return transmission(packet, part, from: source, to: destination, padding: padding)
        case 4: return deeper() ? internet4(packet, part) : nil  // RFC 2003
        case 41: return deeper() ? internet6(packet, part) : nil  // RFC 4213
        case 47: return deeper() ? routingEncapsulation(packet, part) : nil
        case 0, 43, 51, 60:  // an extension header at the start of a datagram that was fragmented
            return deeper() ? extended(number, packet, part, from: source, to: destination, padding: padding) : nil
        default:
            counts.add(protocolNumber: number)
            return nil
        }
    }

    /// One extension header outside the chain of an IPv6 header; for IPv4 the authentication header only.
    private mutating func extended(
        _ number: UInt8, _ packet: Span<UInt8>, _ part: Part, from source: Address, to destination: Address,
        padding: Int
    ) -> Segment? {
        guard part.holds(8) else { return skip(.truncated) }
        let units = Int(packet[part.start &+ 1])
        let rest = part.dropping(number == 51 ? units &* 4 &+ 8 : units &* 8 &+ 8)
        return transport(packet[part.start], packet, rest, from: source, to: destination, padding: padding)
    }

    /// GRE: RFC 2784 with the key and sequence number of RFC 2890, or the PPTP version of RFC 2637.
    private mutating func routingEncapsulation(_ packet: Span<UInt8>, _ part: Part) -> Segment? {
        guard part.holds(4) else { return skip(.truncated) }
        let bits = packet.big16(part.start)
        let type = packet.big16(part.start &+ 2)
        guard bits & 0x4000 == 0 else { return skip(.tunnel) }  // source routing, which RFC 2784 took out
        var header = 4
        if bits & 0x8000 != 0 { header &+= 4 }
        if bits & 0x2000 != 0 { header &+= 4 }
        if bits & 0x1000 != 0 { header &+= 4 }
        switch bits & 7 {
        case 0:
            guard part.holds(header) else { return skip(.truncated) }
            let rest = part.dropping(header)
            return type == 0x6558 ? ethernet(packet, rest) : etherType(type, packet, rest)
        case 1:
            if bits & 0x0080 != 0 { header &+= 4 }
            guard bits & 0x2000 != 0, type == 0x880B, part.holds(header) else { return skip(.tunnel) }
            let length = Int(packet.big16(part.start &+ 4))
            if length == 0 { return skip(.tunnel) }  // an acknowledgement by itself
            return pointToPoint(packet, part.dropping(header).limited(to: length))
        default: return skip(.tunnel)
        }
    }
}
