// Dissects PPP and PPPoE, as on dial-up and DSL lines.

extension Dissector {
    /// PPP (RFC 1661, RFC 1662): optional address and control bytes, then a protocol number of two bytes or,
    /// compressed, one. On serial lines the address byte identifies Cisco HDLC, which has an EtherType instead.
    mutating func pointToPoint(_ packet: Span<UInt8>, _ range: PacketRange) -> Segment? {
        guard enterTunnel() else { return nil }
        var rest = range
        guard rest.holds(2) else { return skip(.truncated) }
        let opening = packet.big16(rest.start)
        if opening == 0xFF03 {
            rest = rest.dropping(2)
        } else if opening == 0x0F00 || opening == 0x8F00 {
            guard rest.holds(4) else { return skip(.truncated) }
            return etherType(packet.big16(rest.start &+ 2), packet, rest.dropping(4))
        }
        guard rest.holds(1) else { return skip(.truncated) }
        var number = UInt16(packet[rest.start])
        if number & 1 == 1 {
            rest = rest.dropping(1)
        } else {
            guard rest.holds(2) else { return skip(.truncated) }
            number = packet.big16(rest.start)
            rest = rest.dropping(2)
        }
        switch number {
        case 0x0021: return internet4(packet, rest)
        case 0x0057: return internet6(packet, rest)
        default: return skip(.pointToPoint(number))
        }
    }

    /// A PPPoE session packet (RFC 2516): a header of six bytes, then PPP of the stated length.
    mutating func pointToPointOverEthernet(_ packet: Span<UInt8>, _ range: PacketRange) -> Segment? {
        guard range.holds(6) else { return skip(.truncated) }
        guard packet.big16(range.start) == 0x1100 else { return skip(.malformed) }
        let length = Int(packet.big16(range.start &+ 4))
        return pointToPoint(packet, length == 0 ? range.dropping(6) : range.dropping(6).limited(to: length))
    }
}
