// Parses and formats a server address, `host:port`, as in MSNP commands and on the command line.

/// A host name or IP address, and a port.
public struct HostPort: Sendable, Hashable, CustomStringConvertible {
    /// An IPv4 address, a host name in lower case, or an IPv6 address without brackets.
    public let host: String
    /// 1 to 65,535; 0 only for a listener that may use any free port.
    public let port: UInt16

    /// The default port of MSNP, for addresses without a port (addresses.md section 0).
    public static let standardPort: UInt16 = 1863

    /// Makes an address; the host is converted to lower case.
    public init(_ host: String, _ port: UInt16) {
        self.host = host.lowercased()
        self.port = port
    }

    /// Parses `host`, `host:port`, `[v6]` or `[v6]:port`.
    ///
    /// - Parameters:
    ///   - text: the address, from a command or from the user.
    ///   - defaultPort: the port if `text` contains none.
    /// - Returns: nil for an empty host, a character that is invalid in a host name, or an invalid port.
    public init?(_ text: some StringProtocol, defaultPort: UInt16 = standardPort) {
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            let inside = Substring(text).dropFirst()
            guard let end = inside.firstIndex(of: "]") else { return nil }
            host = inside[..<end]
            rest = inside[end...].dropFirst()
            guard host.contains(":"), host.utf8.allSatisfy(Self.isIPv6Byte) else { return nil }
        } else {
            host = Substring(text).prefix { $0 != ":" }
            rest = Substring(text).dropFirst(host.count)
            guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(Self.isHostNameByte) else { return nil }
        }
        guard !rest.isEmpty else {
            self.init(String(host), defaultPort)
            return
        }
        let digits = Array(rest.utf8.dropFirst())
        guard rest.first == ":", digits.count <= 5, let number = Decimal.value(of: digits),
            let port = UInt16(exactly: number)
        else { return nil }
        self.init(String(host), port)
    }

    /// Parses the address in a redirect, percent-encoded or not. Nil also for port 0 and for the host `0`.
    init?(token: ByteSlice, defaultPort: UInt16 = standardPort) {
        let text = String(decoding: PercentEncoding.decode(token), as: UTF8.self)
        self.init(text, defaultPort: defaultPort)
        guard port != 0, host != "0" else { return nil }
    }

    /// Whether the host is an IPv6 address.
    public var isIPv6: Bool { host.contains(":") }

    /// The four bytes of a host in IPv4 dotted-decimal form; nil for any other host.
    public var ipv4: [UInt8]? {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { part in
            Decimal.value(of: Array(part.utf8)).flatMap(UInt8.init(exactly:))
        }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    /// `host:port`; for IPv6, `[address]:port`.
    public var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func isHostNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }

    private static func isIPv6Byte(_ byte: UInt8) -> Bool {
        isHostNameByte(byte) || byte == 0x3A || byte == 0x25
    }
}
