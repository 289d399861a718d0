// IP addresses as numbers, so that one address has one form.

internal import Glibc
internal import NIOCore

/// An IP address. IPv4 in one of the IPv6 forms that carry it is the same address as plain IPv4.
struct HostAddress: Hashable, Sendable {
    /// Four bytes, or sixteen.
    let bytes: [UInt8]

    /// The address of a socket, its port left out; nil for a Unix socket.
    init?(_ address: SocketAddress) {
        guard let text = address.ipAddress else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.init(bytes: Array(bytes.prefix(4)))
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            self.init(bytes: bytes)
        } else {
            return nil
        }
    }

    /// The address of these bytes, in network order.
    init(bytes: [UInt8]) { self.bytes = Self.embeddedIPv4(in: bytes) ?? bytes }

    /// Whether it stands for every address of the machine.
    var isAny: Bool { bytes.allSatisfy { $0 == 0 } }

    /// Whether it is one of the loopback addresses. Connecting to 0.0.0.0 or `::` leads there, too.
    var isLoopback: Bool { bytes.count == 4 ? bytes.first == 127 : bytes == Self.loopback }

    private static let loopback: [UInt8] = [UInt8](repeating: 0, count: 15) + [1]

    /// What stands in front of an IPv4 address, and where it does: mapped (RFC 4291 2.5.5.2), compatible (2.5.5.1),
    /// translated (RFC 2765), NAT64 (RFC 6052), 6to4 (RFC 3056).
    private static let prefixes: [[UInt8]] = [
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0],
        [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0],
        [0x20, 0x02],
    ]

    private static func embeddedIPv4(in bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count == 16, !bytes.dropLast().allSatisfy({ $0 == 0 }),
            let prefix = prefixes.first(where: { bytes.starts(with: $0) })
        else { return nil }
        return Array(bytes.dropFirst(prefix.count).prefix(4))
    }
}

/// Where a TCP connection ends: an address and a port.
struct EndAddress: Hashable, Sendable {
    let host: HostAddress
    let port: Int

    /// The end that a socket address names; nil for a Unix socket.
    init?(_ address: SocketAddress) {
        guard let host = HostAddress(address), let port = address.port else { return nil }
        self.host = host
        self.port = port
    }
}
