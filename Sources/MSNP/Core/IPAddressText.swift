// Parses textual IPv4 and IPv6 addresses into bytes.

/// Parses textual IP addresses.
package enum IPAddressText {
    /// The 4 or 16 bytes of an address; nil for a host name.
    package static func bytes(of host: String) -> [UInt8]? {
        host.contains(":") ? ipv6(host) : HostPort(host, 1).ipv4
    }

    /// Parses the forms of RFC 4291 section 2.2; ignores a zone (`%eth0`).
    private static func ipv6(_ host: String) -> [UInt8]? {
        let text = host.prefix { $0 != "%" }
        let groups = text.split(separator: ":", omittingEmptySubsequences: false)
        guard groups.count <= 9 else { return nil }
        var head: [UInt8] = []
        var tail: [UInt8]?
        for (index, group) in groups.enumerated() {
            if group.isEmpty {
                // An empty group is `::`. At the start or end of the address, `::` yields two empty groups.
                let isEdge = index == 0 || index == groups.count - 1
                if isEdge { continue }
                guard tail == nil else { return nil }
                tail = []
                continue
            }
            guard let bytes = bytes(ofGroup: group, isLast: index == groups.count - 1) else { return nil }
            if tail == nil { head += bytes } else { tail? += bytes }
        }
        guard let tail else { return head.count == 16 ? head : nil }
        let zeros = 16 - head.count - tail.count
        return zeros >= 0 ? head + [UInt8](repeating: 0, count: zeros) + tail : nil
    }

    private static func bytes(ofGroup group: Substring, isLast: Bool) -> [UInt8]? {
        if isLast, group.contains(".") { return HostPort(String(group), 1).ipv4 }
        guard group.utf8.count <= 4, group.utf8.allSatisfy(\.isHexDigit), let number = UInt16(group, radix: 16) else {
            return nil
        }
        return [UInt8(truncatingIfNeeded: number &>> 8), UInt8(truncatingIfNeeded: number)]
    }
}

extension UInt8 {
    package var isDigit: Bool { self &- 0x30 < 10 }
    package var isHexDigit: Bool { Hexadecimal.value(of: self) != nil }
    package var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
}
