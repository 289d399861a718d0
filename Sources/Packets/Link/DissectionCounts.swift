// Why packets led to no segment: numbers for the summary of a capture.

/// How many packets were seen, and how many led to no TCP segment, by reason.
package struct DissectionCounts: Sendable {
    /// All packets.
    package internal(set) var packets = 0
    /// Packets with a TCP segment (a datagram from fragments counts once, with its last fragment).
    package internal(set) var segments = 0
    /// Packets without one, by reason; at most `kinds` different reasons, the rest under `.other`.
    package private(set) var skipped: [Reason: Int] = [:]
    /// IP packets of another transport protocol than TCP, by its number; these are not in `skipped`.
    package var otherProtocols: [(number: UInt8, packets: Int)] {
        protocols.indices.filter { protocols[$0] > 0 }.map { (UInt8($0), protocols[$0]) }
    }

    private var protocols = [Int](repeating: 0, count: 256)

    /// The most different reasons that are told apart: enough for any real capture.
    static let kinds = 256

    /// Why a packet led to no segment.
    package enum Reason: Hashable, Sendable {
        /// The link type is not known here.
        case linkType(LinkType)
        /// The EtherType is none that leads to IP (ARP, for example).
        case etherType(UInt16)
        /// The protocol inside PPP is none that leads to IP, or it is compressed.
        case pointToPoint(UInt16)
        /// The address family of a loopback packet is none of IP.
        case addressFamily(UInt32)
        /// An IEEE 802.2 frame that is neither SNAP nor IP.
        case logicalLink
        /// An IEEE 802.11 frame without data (management, control, null).
        case wirelessControl
        /// An IEEE 802.11 data frame whose payload is encrypted.
        case encrypted
        /// An IEEE 802.11 aggregate of several frames, which is not taken apart.
        case aggregate
        /// An IP fragment that waits for others, or was given up.
        case fragment
        /// A tunnel header in a form that is not followed.
        case tunnel
        /// Too many headers inside each other.
        case tooDeep
        /// Cut off before the end of the headers.
        case truncated
        /// Headers that contradict themselves.
        case malformed
        /// More different reasons than are told apart.
        case other
    }

    mutating func add(_ reason: Reason) {
        if skipped[reason] != nil || skipped.count < Self.kinds {
            skipped[reason, default: 0] &+= 1
        } else {
            skipped[.other, default: 0] &+= 1
        }
    }

    mutating func add(protocolNumber: UInt8) {
        protocols[Int(protocolNumber)] &+= 1
    }
}
