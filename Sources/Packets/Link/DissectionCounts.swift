// Counts packets without a TCP segment by reason, for the summary of a capture.

/// Counts of all packets, and of those without a TCP segment by reason.
package struct DissectionCounts: Sendable {
    /// All packets.
    package internal(set) var packets = 0
    /// Packets with a TCP segment. A datagram reassembled from fragments counts once, with the fragment that completes
    /// it.
    package internal(set) var segments = 0
    /// Packets without a TCP segment, by reason: at most `maxReasons` different reasons, the rest under `.other`.
    package private(set) var skipped: [Reason: Int] = [:]
    /// IP packets of other transport protocols than TCP, by protocol number; these are not in `skipped`.
    package var otherProtocols: [(number: UInt8, packets: Int)] {
        protocols.indices.filter { protocols[$0] > 0 }.map { (UInt8($0), protocols[$0]) }
    }

    private var protocols = [Int](repeating: 0, count: 256)

    /// The limit on distinct reasons: enough for any real capture.
    static let maxReasons = 256

    /// Why a packet has no TCP segment.
    package enum Reason: Hashable, Sendable {
        /// The dissector does not support the link type.
        case linkType(LinkType)
        /// The EtherType does not lead to IP (ARP, for example).
        case etherType(UInt16)
        /// The protocol inside PPP does not lead to IP, or is compressed.
        case pointToPoint(UInt16)
        /// The address family of a loopback packet is not IP.
        case addressFamily(UInt32)
        /// An IEEE 802.2 frame that is neither SNAP nor IP.
        case logicalLink
        /// An IEEE 802.11 frame without data (management, control, null).
        case wirelessControl
        /// An IEEE 802.11 data frame whose payload is encrypted.
        case encrypted
        /// An IEEE 802.11 aggregate of several frames, which the dissector does not split.
        case aggregate
        /// An IP fragment that waits for others, or belongs to a dropped datagram.
        case fragment
        /// A tunnel header in an unsupported form.
        case tunnel
        /// Tunnel headers nested enterTunnel than `Dissector.maxTunnelDepth`.
        case tooDeep
        /// The packet was cut off before the end of its headers.
        case truncated
        /// Inconsistent headers.
        case malformed
        /// Any reason beyond the limit on distinct reasons.
        case other
    }

    mutating func add(_ reason: Reason) {
        if skipped[reason] != nil || skipped.count < Self.maxReasons {
            skipped[reason, default: 0] &+= 1
        } else {
            skipped[.other, default: 0] &+= 1
        }
    }

    mutating func add(protocolNumber: UInt8) {
        protocols[Int(protocolNumber)] &+= 1
    }
}
