// IEEE 802.11 data frames, with the headers that capture cards put before them.

extension Dissector {
    /// Radiotap (<https://www.radiotap.org>): a little-endian length, and flags that tell of padding and checksum.
    mutating func radiotap(_ packet: Span<UInt8>, _ part: Part) -> Segment? {
        guard part.holds(8) else { return skip(.truncated) }
        let length = Int(packet.little16(part.start &+ 2))
        guard length >= 8, part.holds(length) else { return skip(.malformed) }
        let present = packet.little32(part.start &+ 4)
        // Words of further field bits follow while the top bit is set; the fields themselves come after them.
        var field = 8
        var word = present
        while word & 0x8000_0000 != 0, field &+ 4 <= length {
            word = packet.little32(part.start &+ field)
            field &+= 4
        }
        if present & 1 != 0 { field = (field &+ 7) & ~7 &+ 8 }  // time stamp, eight bytes, aligned
        let flags = present & 2 != 0 && field < length ? packet[part.start &+ field] : 0
        var rest = part.dropping(length)
        if flags & 0x10 != 0, rest.promised &- rest.start >= 4 {  // the frame check sequence is at the end
            rest.promised &-= 4
            rest.captured = min(rest.captured, rest.promised)
        }
        return wireless(packet, rest, padsHeader: flags & 0x20 != 0)
    }

    /// The Prism header is 144 bytes long; an AVS header starts with 0x80211 and its length. Either can come under
    /// the number of the other.
    mutating func wirelessMonitor(_ packet: Span<UInt8>, _ part: Part) -> Segment? {
        guard part.holds(8) else { return skip(.truncated) }
        let isAVS = packet.big32(part.start) & 0xFFFF_F000 == 0x8021_1000
        let length = isAVS ? Int(packet.big32(part.start &+ 4) & 0xFFFF) : 144
        guard part.holds(length) else { return skip(.truncated) }
        return wireless(packet, part.dropping(length), padsHeader: false)
    }

    /// A frame of IEEE 802.11-2020 section 9.3.2.1: only unencrypted data frames lead further.
    mutating func wireless(_ packet: Span<UInt8>, _ part: Part, padsHeader: Bool) -> Segment? {
        guard part.holds(2) else { return skip(.truncated) }
        let kind = packet[part.start]
        let flags = packet[part.start &+ 1]
        guard kind & 0x0F == 0x08, kind & 0x40 == 0 else { return skip(.wirelessControl) }
        if flags & 0x40 != 0 { return skip(.encrypted) }
        var header = flags & 3 == 3 ? 30 : 24
        if kind & 0x80 != 0 {  // quality of service
            guard part.holds(header &+ 2) else { return skip(.truncated) }
            if packet[part.start &+ header] & 0x80 != 0 { return skip(.aggregate) }
            header &+= flags & 0x80 != 0 ? 6 : 2
        }
        if padsHeader { header = (header &+ 3) & ~3 }
        guard part.holds(header) else { return skip(.truncated) }
        return logicalLink(packet, part.dropping(header))
    }
}
