// SOCKS and HTTP CONNECT in front of MSNP: looked through, for what follows is what matters. Pure.

internal import MSNP

/// The start of a proxied connection (SOCKS4 and 4a, RFC 1928 for SOCKS5, RFC 9110 section 9.3.6 for CONNECT).
enum ProxyHandshake {
    /// What the two sides' first bytes are.
    static func verdict(client: [UInt8], server: [UInt8], ended: Bool) -> Verdict {
        let lengths: (client: Int, server: Int)?
        switch client.first {
        case 0x05: lengths = socks5(client, server)
        case 0x04: lengths = socks4(client, server)
        case UInt8(ascii: "C"): lengths = connect(client, server)
        default: return .foreign
        }
        guard let lengths else { return ended || client.count + server.count >= Recognition.mostBytes ? .foreign : .undecided }
        guard lengths.client >= 0, lengths.client <= client.count, lengths.server <= server.count else { return .foreign }
        let rest = Array(client[lengths.client...])
        switch Opening.read(rest) {
        case nil: return ended ? .foreign : .undecided
        case .notification, .dispatch, .switchboardCaller, .switchboardCallee, .fileTransfer:
            return .proxied(client: lengths.client, server: lengths.server)
        case .otherCommand, .peerToPeer, .http, .foreign: return .foreign
        }
    }

    /// Greeting, optional password, request; choice, optional verdict, answer.
    private static func socks5(_ client: [UInt8], _ server: [UInt8]) -> (Int, Int)? {
        guard client.count >= 2 else { return nil }
        var up = 2 + Int(client[1])
        guard client.count > up, server.count >= 2 else { return nil }
        var down = 2
        switch server[1] {
        case 0x00: break
        case 0x02:
            guard client.count > up + 1 else { return nil }
            let name = Int(client[up + 1])
            guard client.count > up + 2 + name else { return nil }
            up += 3 + name + Int(client[up + 2 + name])
            down += 2
        default: return (-1, 0)
        }
        guard let request = socks5Address(client, at: up), let answer = socks5Address(server, at: down) else { return nil }
        return (up + request, down + answer)
    }

    /// The length of a message with an address at its end.
    private static func socks5Address(_ bytes: [UInt8], at start: Int) -> Int? {
        guard bytes.count > start + 4 else { return nil }
        switch bytes[start + 3] {
        case 1: return 10
        case 3: return 7 + Int(bytes[start + 4])
        case 4: return 22
        default: return 0x10000
        }
    }

    /// A request that ends in a name, or in two for SOCKS4a; an answer of eight bytes.
    private static func socks4(_ client: [UInt8], _ server: [UInt8]) -> (Int, Int)? {
        guard client.count > 8, let user = client[8...].firstIndex(of: 0) else { return nil }
        var end = user + 1
        if client[4..<7].allSatisfy({ $0 == 0 }), client[7] != 0 {
            guard end < client.count, let host = client[end...].firstIndex(of: 0) else { return nil }
            end = host + 1
        }
        return server.count >= 8 ? (end, 8) : nil
    }

    /// Headers up to the empty line, both ways.
    private static func connect(_ client: [UInt8], _ server: [UInt8]) -> (Int, Int)? {
        let method = Array("CONNECT ".utf8)
        guard method.starts(with: client.prefix(method.count)) else { return (-1, 0) }
        guard let up = headerEnd(client), let down = headerEnd(server) else { return nil }
        return (up, down)
    }

    private static func headerEnd(_ bytes: [UInt8]) -> Int? {
        let end: [UInt8] = [13, 10, 13, 10]
        guard bytes.count >= 4 else { return nil }
        return (0...(bytes.count - 4)).first { bytes[$0..<($0 + 4)].elementsEqual(end) }.map { $0 + 4 }
    }
}
