// An address as MSNP lines name it: a host and a port.

/// The name or address of a server, and a port.
public struct HostPort: Sendable, Hashable, CustomStringConvertible {
    /// An IPv4 address, a name in lower case, or an IPv6 address without brackets.
    public let host: String
    /// 1 to 65,535; 0 only where a listener may take any port.
    public let port: UInt16

    /// The port that MSNP means when a line names none (addresses.md section 0).
    public static let standardPort: UInt16 = 1863

    /// A host and its port.
    public init(_ host: String, _ port: UInt16) {
        self.host = host.lowercased()
        self.port = port
    }

    /// Reads `host`, `host:port`, `[v6]` or `[v6]:port`.
    ///
    /// - Parameters:
    ///   - text: what a line or a person wrote.
    ///   - defaultPort: the port where none is named.
    /// - Returns: nil for an empty host, characters that stand in no host name, and ports that are none.
    public init?(_ text: some StringProtocol, defaultPort: UInt16 = standardPort) {
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            let inside = Substring(text).dropFirst()
            guard let end = inside.firstIndex(of: "]") else { return nil }
            host = inside[..<end]
            rest = inside[end...].dropFirst()
            guard host.contains(":"), host.utf8.allSatisfy(Self.standsInIPv6) else { return nil }
        } else {
            host = Substring(text).prefix { $0 != ":" }
            rest = Substring(text).dropFirst(host.count)
            guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(Self.standsInName) else { return nil }
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

    /// Reads the address in a redirect, percent-encoded or not. Port 0 is none, and the word `0` is no host.
    init?(token: ArraySlice<UInt8>, defaultPort: UInt16 = standardPort) {
        let text = String(decoding: PercentEncoding.decode(token), as: UTF8.self)
        self.init(text, defaultPort: defaultPort)
        guard port != 0, host != "0" else { return nil }
    }

    /// Whether the host is an IPv6 address.
    public var isIPv6: Bool { host.contains(":") }

    /// The four bytes of the host where it is an IPv4 address in dots.
    public var ipv4: [UInt8]? {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { part in
            Decimal.value(of: Array(part.utf8)).flatMap(UInt8.init(exactly:))
        }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    /// `host:port`, IPv6 as `[addr]:port`.
    public var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func standsInName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }

    private static func standsInIPv6(_ byte: UInt8) -> Bool {
        standsInName(byte) || byte == 0x3A || byte == 0x25
    }
}
