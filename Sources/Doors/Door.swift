// The ways by which clients reach a relay, and how the first bytes tell them apart. Pure.

internal import MSNP

/// A way into the relay. The raw values are the names on the command line.
package enum Door: String, Sendable, Hashable, CaseIterable {
    /// MSNP and direct links, as from a client that was given the relay's address.
    case msnp
    /// SOCKS4, 4a and 5.
    case socks
    /// HTTP `CONNECT`.
    case connect
    /// Requests to an HTTP gateway.
    case gateway
}

/// What a client's first bytes say.
package enum FirstBytes: Sendable, Hashable {
    /// Neither a proxy nor HTTP: MSNP, a direct link, or something unknown.
    case direct
    case socks4
    case socks5
    /// HTTP `CONNECT`.
    case connect
    /// Any other HTTP request.
    case http

    /// The most bytes that `read` needs.
    package static let most = 8

    /// Reads the first bytes of a client.
    ///
    /// - Parameters:
    ///   - bytes: all bytes so far.
    ///   - doors: the open doors; bytes for a closed one are `direct`.
    /// - Returns: nil if more bytes are needed.
    package static func read(_ bytes: some Collection<UInt8>, doors: Set<Door>) -> FirstBytes? {
        guard let first = bytes.first else { return nil }
        switch first {
        case 0x04 where doors.contains(.socks):
            // A direct link between clients also begins with 04; its second byte is 0.
            guard let second = bytes.dropFirst().first else { return nil }
            return second == 0x01 || second == 0x02 ? .socks4 : .direct
        case 0x05 where doors.contains(.socks): return .socks5
        case 0x43 where doors.contains(.connect): return match(bytes, ["CONNECT "], .connect)
        case 0x50, 0x47, 0x48, 0x4F:
            guard doors.contains(.gateway) else { return .direct }
            return match(bytes, ["POST ", "GET ", "HEAD ", "OPTIONS "], .http)
        default: return .direct
        }
    }

    private static func match(
        _ bytes: some Collection<UInt8>, _ methods: [String], _ result: FirstBytes
    ) -> FirstBytes? {
        for method in methods where method.utf8.starts(with: bytes.prefix(method.utf8.count)) {
            return bytes.count >= method.utf8.count ? result : nil
        }
        return .direct
    }
}
