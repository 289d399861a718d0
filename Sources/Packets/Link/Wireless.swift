// Dissects IEEE 802.11 data frames and the headers that capture cards prepend.

extension Dissector {
    /// Radiotap (<https://www.radiotap.org>): a little-endian length, and flags for padding and the frame check
    /// sequence.
    mutating func radiotap(_ packet: Span<UInt8>, _ range: PacketRange) -> Segment? {
        guard range.holds(8) else { return skip(.truncated) }
        let length = Int(packet.little16(range.start &+ 2))
        guard length >= 8, range.holds(length) else { return skip(.malformed) }
        let present = packet.little32(range.start &+ 4)
        // While the top bit of a word is set, another word of field bits follows; the fields come after all words.
        var field = 8
        var word = present
        while word & 0x8000_0000 != 0, field &+ 4 <= length {
            word = packet.little32(range.start &+ field)
            field &+= 4
        }
        if present & 1 != 0 { field = (field &+ 7) & ~7 &+ 8 }  // time stamp, eight bytes, aligned
        let flags = present & 2 != 0 && field < length ? packet[range.start &+ field] : 0
        var rest = range.dropping(length)
        if flags & 0x10 != 0, rest.declared &- rest.start >= 4 {  // the frame check sequence is at the end
            rest.declared &-= 4
            rest.captured = min(rest.captured, rest.declared)
        }
        return wireless(packet, rest, padsHeader: flags & 0x20 != 0)
    }

    /// A Prism header of 144 bytes, or an AVS header, which starts with 0x80211 and its length. Captures mix up their
    /// two link type numbers.
    mutating func wirelessMonitor(_ packet: Span<UInt8>, _ range: PacketRange) -> Segment? {
        guard range.holds(8) else { return skip(.truncated) }
        let isAVS = packet.big32(range.start) & 0xFFFF_F000 == 0x8021_1000
        let length = isAVS ? Int(packet.big32(range.start &+ 4) & 0xFFFF) : 144
        guard range.holds(length) else { return skip(.truncated) }
        return wireless(packet, range.dropping(length), padsHeader: false)
    }

    /// A frame of IEEE 802.11-2020 section 9.3.2.1. Only unencrypted data frames lead to a segment.
    mutating func wireless(_ packet: Span<UInt8>, _ range: PacketRange, padsHeader: Bool) -> Segment? {
        guard range.holds(2) else { return skip(.truncated) }
        let kind = packet[range.start]
        let flags = packet[range.start &+ 1]
        guard kind & 0x0F == 0x08, kind & 0x40 == 0 else { return skip(.wirelessControl) }
        if flags & 0x40 != 0 { return skip(.encrypted) }
        var header = flags & 3 == 3 ? 30 : 24
        if kind & 0x80 != 0 {  // quality of service
            guard range.holds(header &+ 2) else { return skip(.truncated) }
            if packet[range.start &+ header] & 0x80 != 0 { return skip(.aggregate) }
            header &+= flags & 0x80 != 0 ? 6 : 2
        }
        if padsHeader { header = (header &+ 3) & ~3 }
        guard range.holds(header) else { return skip(.truncated) }
        return logicalLink(packet, range.dropping(header))
    }
}
