// IP addresses and TCP endpoints, with their usual text forms.

/// An IPv4 or IPv6 address.
///
/// Both families are stored as 128 bits, IPv4 in the mapped form `::ffff:a.b.c.d` (RFC 4291 section 2.5.5.2), so that
/// one comparison serves both. A mapped address inside a real IPv6 header therefore equals the IPv4 address and prints
/// like it; RFC 4291 does not foresee such addresses on the wire.
package struct Address: Hashable, Sendable {
    /// The first eight bytes in network order.
    package let high: UInt64
    /// The last eight bytes in network order.
    package let low: UInt64

    /// An IPv4 address from its 32 bits in network order: `0x7F000001` is 127.0.0.1.
    package init(ipv4: UInt32) {
        high = 0
        low = 0xFFFF_0000_0000 | UInt64(ipv4)
    }

    /// An IPv6 address from its two halves in network order.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Whether this is an IPv4 address.
    package var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }
}

extension Address: Comparable {
    /// Orders addresses by their bytes.
    package static func < (left: Address, right: Address) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }
}

extension Address: CustomStringConvertible {
    /// Dotted decimal for IPv4; for IPv6 the canonical form of RFC 5952 section 4.
    package var description: String {
        if isIPv4 {
            return [24, 16, 8, 0].map { String(low >> $0 & 0xFF) }.joined(separator: ".")
        }
        let groups = [48, 32, 16, 0].map { high >> $0 & 0xFFFF } + [48, 32, 16, 0].map { low >> $0 & 0xFFFF }
        let zeros = Self.longestZeroRun(groups)
        let hex = groups.map { String($0, radix: 16) }
        if zeros.isEmpty { return hex.joined(separator: ":") }
        return hex[..<zeros.lowerBound].joined(separator: ":") + "::"
            + hex[zeros.upperBound...].joined(separator: ":")
    }

    /// The groups that `::` replaces: the longest run of two or more zero groups, the first one if several are equally
    /// long.
    private static func longestZeroRun(_ groups: [UInt64]) -> Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > max(best.count, 1) { best = start..<index }
            start = index + 1
        }
        return best
    }
}

/// One end of a TCP connection.
package struct Endpoint: Hashable, Sendable {
    /// The IP address.
    package let address: Address
    /// The TCP port.
    package let port: UInt16

    package init(address: Address, port: UInt16) {
        self.address = address
        self.port = port
    }
}

extension Endpoint: Comparable {
    /// Orders endpoints by address, then port.
    package static func < (left: Endpoint, right: Endpoint) -> Bool {
        left.address != right.address ? left.address < right.address : left.port < right.port
    }
}

extension Endpoint: CustomStringConvertible {
    /// `host:port`, or `[host]:port` for IPv6 (RFC 5952 section 6).
    package var description: String {
        address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }
}
