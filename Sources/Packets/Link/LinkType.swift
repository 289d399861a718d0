// The link types of capture files: which header a captured packet starts with.

/// The type of the outermost header of a captured packet.
///
/// The number is either the result of libpcap's `pcap_datalink()` (a DLT_ value) or the value in a capture file (a
/// LINKTYPE_ value). Where the two differ (raw IP is 12 or 14 as DLT_, 101 as LINKTYPE_), this type has both. Source:
/// <https://www.tcpdump.org/linktypes.html>.
package struct LinkType: RawRepresentable, Hashable, Sendable {
    /// The DLT_ or LINKTYPE_ number.
    package let rawValue: UInt32

    /// A link type by its number. Any number is allowed; the dissector counts packets of unsupported types.
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// BSD loopback, address family in the byte order of the capturing machine.
    package static let null = LinkType(rawValue: 0)
    /// Ethernet.
    package static let ethernet = LinkType(rawValue: 1)
    /// PPP, with or without the HDLC-like framing of RFC 1662.
    package static let ppp = LinkType(rawValue: 9)
    /// Raw IP: an IP header without a link layer, as most systems number it.
    package static let raw = LinkType(rawValue: 12)
    /// Raw IP as OpenBSD numbers it.
    package static let rawOpenBSD = LinkType(rawValue: 14)
    /// PPP in HDLC-like framing (RFC 1662) or Cisco HDLC.
    package static let pppSerial = LinkType(rawValue: 50)
    /// A PPPoE session header (RFC 2516) without an Ethernet header.
    package static let pppOverEthernet = LinkType(rawValue: 51)
    /// Raw IP as capture files number it.
    package static let rawFile = LinkType(rawValue: 101)
    /// IEEE 802.11.
    package static let wireless = LinkType(rawValue: 105)
    /// OpenBSD loopback, address family in network byte order.
    package static let loop = LinkType(rawValue: 108)
    /// Linux "cooked" capture, version 1.
    package static let cooked = LinkType(rawValue: 113)
    /// IEEE 802.11 behind a Prism header.
    package static let wirelessPrism = LinkType(rawValue: 119)
    /// IEEE 802.11 behind a radiotap header.
    package static let wirelessRadiotap = LinkType(rawValue: 127)
    /// IEEE 802.11 behind an AVS header.
    package static let wirelessAVS = LinkType(rawValue: 163)
    /// Raw IPv4.
    package static let ipv4 = LinkType(rawValue: 228)
    /// Raw IPv6.
    package static let ipv6 = LinkType(rawValue: 229)
    /// Linux "cooked" capture, version 2.
    package static let cooked2 = LinkType(rawValue: 276)
}
