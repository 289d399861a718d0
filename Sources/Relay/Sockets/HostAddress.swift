// IP addresses and end points as comparable values: each address has one form.

internal import Glibc
internal import NIOCore

/// An IP address. An IPv4 address embedded in IPv6 equals the plain IPv4 address.
struct HostAddress: Hashable, Sendable {
    /// Four bytes (IPv4) or sixteen (IPv6), in network order.
    let bytes: [UInt8]

    /// The address of a socket address without its port; nil for a Unix socket.
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

    /// An address from 4 or 16 bytes in network order.
    init(bytes: [UInt8]) { self.bytes = Self.embeddedIPv4(in: bytes) ?? bytes }

    /// Whether it is the unspecified address (0.0.0.0 or `::`).
    var isAny: Bool { bytes.allSatisfy { $0 == 0 } }

    /// Whether it is a loopback address. A connection to the unspecified address also ends at loopback; see `isAny`.
    var isLoopback: Bool { bytes.count == 4 ? bytes.first == 127 : bytes == Self.loopback }

    private static let loopback: [UInt8] = [UInt8](repeating: 0, count: 15) + [1]

    /// The prefixes of IPv6 addresses that embed an IPv4 address: mapped (RFC 4291 2.5.5.2), compatible (2.5.5.1),
    /// translated (RFC 2765), NAT64 (RFC 6052), 6to4 (RFC 3056). The IPv4 address follows the prefix.
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

/// The end point of a TCP connection: an address and a port.
struct EndAddress: Hashable, Sendable {
    let host: HostAddress
    let port: Int

    /// The end point of a socket address; nil for a Unix socket.
    init?(_ address: SocketAddress) {
        guard let host = HostAddress(address), let port = address.port else { return nil }
        self.host = host
        self.port = port
    }
}

extension SocketAddress {
    /// `host:port`, IPv6 as `[addr]:port`.
    var text: String {
        guard let host = ipAddress, let port else { return "\(self)" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
