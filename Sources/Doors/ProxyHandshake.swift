// Reads SOCKS and HTTP CONNECT handshakes from both sides' bytes. Pure.

package import MSNP

/// The start of a proxied connection (SOCKS4 and 4a, RFC 1928 and 1929 for SOCKS5, RFC 9110 section 9.3.6 for CONNECT).
///
/// Authentication (status 407, or the SOCKS5 method with a password) is followed to its end.
package enum ProxyHandshake {
    /// The maximum length of the body of an answer that asks for a password.
    private static let mostBodyBytes = 16_384

    /// The server that a client requests from its proxy.
    ///
    /// - Parameter handshake: all bytes from the client to the proxy.
    package static func target(in handshake: [UInt8]) -> HostPort? {
        switch handshake.first {
        case 0x05:
            guard handshake.count > 1 else { return nil }
            var start = 2 + Int(handshake[1])
            if start < handshake.count, handshake[start] == 0x01, let login = loginLength(handshake, at: start) {
                start += login
            }
            return socks5Target(handshake, at: start)
        case 0x04: return socks4Target(handshake)
        default:
            let line = handshake.prefix { $0 != 0x0A && $0 != 0x0D }.split(separator: 0x20)
            guard line.count > 1 else { return nil }
            return HostPort(String(decoding: line[1], as: UTF8.self))
        }
    }

    /// What both sides' bytes say.
    package enum Reading {
        case incomplete
        /// The proxy refuses, or it is no handshake.
        case refused
        /// The lengths of the handshake in bytes, by sender.
        case granted(PerSide<Int>)
    }

    /// Reads all bytes of both sides so far.
    package static func reading(_ client: [UInt8], _ server: [UInt8]) -> Reading {
        switch client.first {
        case 0x05: socks5(client, server)
        case 0x04: socks4(client, server)
        case UInt8(ascii: "C"): connect(client, server)
        default: .refused
        }
    }
}

// MARK: - SOCKS

extension ProxyHandshake {
    /// SOCKS5. Client: greeting, optional password, request. Server: chosen method, optional result, answer.
    private static func socks5(_ client: [UInt8], _ server: [UInt8]) -> Reading {
        guard client.count >= 2 else { return .incomplete }
        guard client[1] > 0 else { return .refused }
        var clientEnd = 2 + Int(client[1])
        guard server.count >= 2 else { return .incomplete }
        guard server[0] == 0x05 else { return .refused }
        var serverEnd = 2
        switch server[1] {
        case 0x00: break
        case 0x02:
            guard clientEnd < client.count else { return .incomplete }
            guard client[clientEnd] == 0x01 else { return .refused }
            guard let login = loginLength(client, at: clientEnd), server.count >= 4 else { return .incomplete }
            guard server[3] == 0x00 else { return .refused }
            clientEnd += login
            serverEnd += 2
        default: return .refused
        }
        guard let request = socks5Length(client, at: clientEnd), let answer = socks5Length(server, at: serverEnd) else {
            return .incomplete
        }
        guard request > 0, answer > 0, client[clientEnd] == 0x05, client[clientEnd + 1] == 0x01,
            server[serverEnd] == 0x05,
            server[serverEnd + 1] == 0x00
        else { return .refused }
        return .granted(PerSide(client: clientEnd + request, server: serverEnd + answer))
    }

    /// The length of the message with name and password; nil while incomplete.
    private static func loginLength(_ bytes: [UInt8], at start: Int) -> Int? {
        guard bytes.count > start + 1 else { return nil }
        let name = Int(bytes[start + 1])
        guard bytes.count > start + 2 + name else { return nil }
        return 3 + name + Int(bytes[start + 2 + name])
    }

    /// The length of a message with an address at its end; nil while incomplete, 0 for an unknown address type.
    private static func socks5Length(_ bytes: [UInt8], at start: Int) -> Int? {
        guard bytes.count > start + 4 else { return nil }
        switch bytes[start + 3] {
        case 1: return 10
        case 3: return 7 + Int(bytes[start + 4])
        case 4: return 22
        default: return 0
        }
    }

    private static func socks5Target(_ bytes: [UInt8], at start: Int) -> HostPort? {
        guard let length = socks5Length(bytes, at: start), length > 0, bytes.count >= start + length else { return nil }
        let address = bytes[(start + 4)..<(start + length - 2)]
        let port = UInt16(bytes[start + length - 2]) << 8 | UInt16(bytes[start + length - 1])
        switch bytes[start + 3] {
        case 1: return HostPort(address.map { String($0) }.joined(separator: "."), port)
        case 3: return HostPort(String(decoding: address.dropFirst(), as: UTF8.self), port)
        default: return nil
        }
    }

    /// SOCKS4. Client: a request that ends in a user name, for SOCKS4a also in a host name. Server: eight bytes.
    private static func socks4(_ client: [UInt8], _ server: [UInt8]) -> Reading {
        guard client.count > 1 else { return .incomplete }
        guard client[1] == 0x01 else { return .refused }
        guard client.count > 8, let user = client[8...].firstIndex(of: 0) else { return .incomplete }
        var end = user + 1
        if isNamed(client) {
            guard end < client.count, let host = client[end...].firstIndex(of: 0) else { return .incomplete }
            end = host + 1
        }
        guard server.count >= 8 else { return .incomplete }
        return server[0] == 0x00 && server[1] == 0x5A ? .granted(PerSide(client: end, server: 8)) : .refused
    }

    private static func isNamed(_ client: [UInt8]) -> Bool {
        client.count > 8 && client[4..<7].allSatisfy { $0 == 0 } && client[7] != 0
    }

    private static func socks4Target(_ bytes: [UInt8]) -> HostPort? {
        guard bytes.count > 8 else { return nil }
        let port = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        guard isNamed(bytes) else { return HostPort(bytes[4..<8].map { String($0) }.joined(separator: "."), port) }
        guard let user = bytes[8...].firstIndex(of: 0) else { return nil }
        return HostPort(String(decoding: bytes[(user + 1)...].prefix { $0 != 0 }, as: UTF8.self), port)
    }
}

// MARK: - CONNECT

extension ProxyHandshake {
    /// CONNECT: headers up to the empty line in both directions, repeated while the proxy asks for a password.
    private static func connect(_ client: [UInt8], _ server: [UInt8]) -> Reading {
        let method = Array("CONNECT ".utf8)
        var ends = PerSide(both: 0)
        while true {
            guard method.starts(with: client[ends.client...].prefix(method.count)) else { return .refused }
            guard let asked = headEnd(client, from: ends.client), let answered = headEnd(server, from: ends.server)
            else { return .incomplete }
            guard let head = HTTPHead(Array(server[ends.server..<answered]), isRequest: false) else { return .refused }
            ends = PerSide(client: asked, server: answered)
            if head.status / 100 == 2 { return .granted(ends) }
            guard head.status == 407, !head.isChunked, let body = head.contentLength.flatMap({ Int(exactly: $0) }),
                body <= Self.mostBodyBytes
            else { return .refused }
            ends.server += body
            guard ends.client < client.count, ends.server <= server.count else { return .incomplete }
        }
    }

    private static func headEnd(_ bytes: [UInt8], from start: Int) -> Int? {
        let end: [UInt8] = [13, 10, 13, 10]
        guard bytes.count - start >= end.count else { return nil }
        return (start...(bytes.count - end.count)).first { bytes[$0..<($0 + end.count)].elementsEqual(end) }.map {
            $0 + end.count
        }
    }
}
