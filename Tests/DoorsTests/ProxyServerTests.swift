// The proxy's side of SOCKS and CONNECT, as dialogues without sockets, cut at every byte.

import MSNP
import Testing

@testable import Doors

/// A handshake and what the proxy is to say.
struct ProxyCase: Sendable, CustomTestStringConvertible {
    var name: String
    /// What the client sends, all of it in one piece.
    var client: [UInt8]
    /// What the proxy says up to its connection attempt or its refusal.
    var says: [UInt8]
    /// The destination; nil if the proxy refuses.
    var asks: String?
    /// Bytes behind the request.
    var rest: [UInt8] = []
    var password: String?
    var testDescription: String { name }

    var server: any ProxyServer {
        let password = password.map { ProxyPassword(Array($0.utf8)) }
        switch client.first {
        case 0x04: return SOCKS4(needsPassword: password != nil)
        case 0x05: return SOCKS5(password: password)
        default: return ConnectRequest(password: password)
        }
    }
}

@Suite struct ProxyServerTests {
    private static func bytes(_ parts: Any...) -> [UInt8] {
        parts.flatMap { part in (part as? String).map { Array($0.utf8) } ?? (part as? [UInt8]) ?? [] }
    }

    private static let refused4: [UInt8] = [0, 0x5B, 0, 0, 0, 0, 0, 0]
    private static func reply5(_ code: UInt8) -> [UInt8] { [5, code, 0, 1, 0, 0, 0, 0, 0, 0] }
    private static func refusal(_ status: Int, _ phrase: String, minor: Int = 1, more: String = "") -> [UInt8] {
        Array(
            ("HTTP/1.\(minor) \(status) \(phrase)\r\n\(more)Content-Type: text/plain\r\nContent-Length: \(phrase.utf8.count + 1)"
                + "\r\nConnection: close\r\n\r\n\(phrase)\n").utf8)
    }

    static let granted: [ProxyCase] = [
        ProxyCase(
            name: "SOCKS4 as curl sends it", client: [4, 1, 7, 0x47, 127, 0, 0, 1, 0], says: [], asks: "127.0.0.1:1863"),
        ProxyCase(
            name: "SOCKS4 with a user and MSNP behind it",
            client: bytes([4, 1, 7, 0x47, 203, 0, 113, 10] as [UInt8], "me\0VER 1\r\n"), says: [],
            asks: "203.0.113.10:1863", rest: bytes("VER 1\r\n")),
        ProxyCase(
            name: "SOCKS4a", client: bytes([4, 1, 7, 0x47, 0, 0, 0, 1, 0] as [UInt8], "LocalHost.\0"), says: [],
            asks: "localhost:1863"),
        ProxyCase(
            name: "SOCKS4 with the longest user",
            client: [4, 1, 7, 0x47, 1, 2, 3, 4] + [UInt8](repeating: 0x61, count: 255) + [0], says: [],
            asks: "1.2.3.4:1863"),
        ProxyCase(
            name: "SOCKS5 as curl sends it", client: [5, 2, 0, 1, 5, 1, 0, 1, 127, 0, 0, 1, 7, 0x47], says: [5, 0],
            asks: "127.0.0.1:1863"),
        ProxyCase(
            name: "SOCKS5 with a name and MSNP behind it",
            client: bytes([5, 1, 0, 5, 1, 0, 3, 10] as [UInt8], "ns.example", [7, 0x47] as [UInt8], "VER 1\r\n"),
            says: [5, 0], asks: "ns.example:1863", rest: bytes("VER 1\r\n")),
        ProxyCase(
            name: "SOCKS5 with IPv6",
            client: [5, 1, 0, 5, 1, 0, 4, 0x20, 1, 0xD, 0xB8] + [UInt8](repeating: 0, count: 11) + [1, 0, 80],
            says: [5, 0], asks: "[2001:db8::1]:80"),
        ProxyCase(
            name: "SOCKS5 with IPv4 in IPv6",
            client: [5, 1, 0, 5, 1, 0, 4] + [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 127, 0, 0, 1, 0, 80],
            says: [5, 0], asks: "127.0.0.1:80"),
        ProxyCase(
            name: "SOCKS5 with any password",
            client: bytes(
                [5, 1, 2, 1, 2] as [UInt8], "me", [1] as [UInt8], "x", [5, 1, 0, 1, 1, 2, 3, 4, 7, 0x47] as [UInt8]),
            says: [5, 2, 1, 0], asks: "1.2.3.4:1863"),
        ProxyCase(
            name: "SOCKS5 with the password",
            client: bytes(
                [5, 2, 0, 2, 1, 0, 6] as [UInt8], "secret", [5, 1, 0, 1, 1, 2, 3, 4, 7, 0x47] as [UInt8]),
            says: [5, 2, 1, 0], asks: "1.2.3.4:1863", password: "secret"),
        ProxyCase(
            name: "CONNECT as curl sends it",
            client: bytes(
                "CONNECT localhost:1863 HTTP/1.1\r\nHost: localhost:1863\r\nUser-Agent: curl/7.88.1\r\nProxy-Connection: Keep-Alive\r\n\r\n"
            ), says: [], asks: "localhost:1863"),
        ProxyCase(
            name: "CONNECT as aMSN sends it", client: bytes("CONNECT ns.example:1863 HTTP/1.0\r\n\r\nVER 1\r\n"),
            says: [], asks: "ns.example:1863", rest: bytes("VER 1\r\n")),
        ProxyCase(
            name: "CONNECT to IPv6", client: bytes("CONNECT [2001:DB8:0:0::1]:443 HTTP/1.1\n\n"), says: [],
            asks: "[2001:db8::1]:443"),
        ProxyCase(
            name: "CONNECT with the password",
            client: bytes("CONNECT a.example:1863 HTTP/1.1\r\nproxy-authorization:  bAsic bWU6c2VjcmV0\r\n\r\n"),
            says: [], asks: "a.example:1863", password: "secret"),
    ]

    static let refusals: [ProxyCase] = [
        ProxyCase(name: "SOCKS4 BIND", client: [4, 2, 7, 0x47, 1, 2, 3, 4, 0], says: refused4),
        ProxyCase(name: "SOCKS4 to 0.0.0.0", client: [4, 1, 7, 0x47, 0, 0, 0, 0, 0], says: refused4),
        ProxyCase(name: "SOCKS4 to port 0", client: [4, 1, 0, 0, 1, 2, 3, 4, 0], says: refused4),
        ProxyCase(
            name: "SOCKS4 with too long a user",
            client: [4, 1, 7, 0x47, 1, 2, 3, 4] + [UInt8](repeating: 0x61, count: 256), says: refused4),
        ProxyCase(
            name: "SOCKS4a with too long a name",
            client: [4, 1, 7, 0x47, 0, 0, 0, 1, 0] + [UInt8](repeating: 0x61, count: 256), says: refused4),
        ProxyCase(
            name: "SOCKS4 where a password is demanded", client: [4, 1, 7, 0x47, 1, 2, 3, 4, 0], says: refused4,
            password: "secret"),
        ProxyCase(name: "SOCKS5 without a method", client: [5, 0], says: [5, 0xFF]),
        ProxyCase(name: "SOCKS5 with GSSAPI alone", client: [5, 1, 1], says: [5, 0xFF]),
        ProxyCase(name: "SOCKS5 that offers no password", client: [5, 1, 0], says: [5, 0xFF], password: "secret"),
        ProxyCase(
            name: "SOCKS5 with a wrong password", client: [5, 1, 2, 1, 1, 0x61, 1, 0x62], says: [5, 2, 1, 1],
            password: "secret"),
        ProxyCase(name: "SOCKS5 login of version 5", client: [5, 1, 2, 5], says: [5, 2, 1, 1]),
        ProxyCase(
            name: "SOCKS5 BIND", client: [5, 1, 0, 5, 2, 0, 1, 1, 2, 3, 4, 7, 0x47], says: [5, 0] + reply5(7)),
        ProxyCase(
            name: "SOCKS5 UDP ASSOCIATE", client: [5, 1, 0, 5, 3, 0, 1, 0, 0, 0, 0, 0, 0], says: [5, 0] + reply5(7)),
        ProxyCase(name: "SOCKS5 with another type", client: [5, 1, 0, 5, 1, 0, 9, 1], says: [5, 0] + reply5(8)),
        ProxyCase(
            name: "SOCKS5 with a name that is none",
            client: bytes([5, 1, 0, 5, 1, 0, 3, 3] as [UInt8], "a b", [0, 80] as [UInt8]),
            says: [5, 0] + reply5(1)),
        ProxyCase(
            name: "SOCKS5 with an empty name", client: [5, 1, 0, 5, 1, 0, 3, 0, 0, 80], says: [5, 0] + reply5(1)),
        ProxyCase(
            name: "CONNECT without a port", client: bytes("CONNECT a.example HTTP/1.1\r\n\r\n"),
            says: refusal(400, "Bad Request")),
        ProxyCase(
            name: "CONNECT to an address without a port", client: bytes("CONNECT [::1] HTTP/1.0\r\n\r\n"),
            says: refusal(400, "Bad Request", minor: 0)),
        ProxyCase(
            name: "CONNECT to a path", client: bytes("CONNECT /a:80 HTTP/1.1\r\n\r\n"),
            says: refusal(400, "Bad Request")),
        ProxyCase(
            name: "CONNECT without a version", client: bytes("CONNECT a.example:80\r\n\r\n"),
            says: refusal(400, "Bad Request")),
        ProxyCase(
            name: "CONNECT without the password", client: bytes("CONNECT a.example:1863 HTTP/1.1\r\n\r\n"),
            says: refusal(
                407, "Proxy Authentication Required", more: "Proxy-Authenticate: Basic realm=\"butterflynet\"\r\n"),
            password: "secret"),
    ]

    /// Plays the client's bytes in two pieces.
    private func play(_ test: ProxyCase, cutAt cut: Int) -> (
        said: [UInt8], took: [UInt8], asked: String?, failed: Int, server: any ProxyServer
    ) {
        var server = test.server
        var said: [UInt8] = []
        var took: [UInt8] = []
        var asked: String?
        var failed = 0
        for piece in [test.client.prefix(cut), test.client.dropFirst(cut)] {
            for step in server.receive(Array(piece)) {
                switch step {
                case .took(let bytes): took += bytes
                case .say(let bytes): said += bytes
                case .ask(let target): asked = target.description
                case .fail: failed += 1
                }
            }
        }
        return (said, took, asked, failed, server)
    }

    @Test(arguments: granted) func aRequestIsReadHoweverItIsCut(_ test: ProxyCase) {
        for cut in 0...test.client.count {
            var (said, took, asked, failed, server) = play(test, cutAt: cut)
            #expect(said == test.says && asked == test.asks && failed == 0, "cut at \(cut)")
            #expect(took + test.rest == test.client, "cut at \(cut)")
            let first = server.answer(.connected)
            #expect(first.count == 1 && server.answer(.connected).isEmpty)
            #expect(server.takeRest() == test.rest && server.takeRest().isEmpty)
        }
    }

    @Test(arguments: refusals) func aRefusalHoweverItIsCut(_ test: ProxyCase) {
        for cut in 0...test.client.count {
            let (said, took, asked, failed, _) = play(test, cutAt: cut)
            #expect(said == test.says && asked == nil && failed == 1, "cut at \(cut)")
            #expect(test.client.starts(with: took))
        }
    }

    @Test func outcomesAreToldAsEachProtocolTellsThem() throws {
        let socks4 = try #require(Self.granted.first { $0.client.first == 4 })
        let socks5 = try #require(Self.granted.first { $0.client.first == 5 })
        let connect = try #require(Self.granted.first { $0.client.first == 0x43 })
        let codes: [ProxyOutcome: (UInt8, UInt8, String)] = [
            .connected: (0x5A, 0, "200"), .forbidden: (0x5B, 2, "403"), .hostUnreachable: (0x5B, 4, "502"),
            .timedOut: (0x5B, 4, "504"), .networkUnreachable: (0x5B, 3, "502"), .refused: (0x5B, 5, "502"),
            .failed: (0x5B, 1, "502"),
        ]
        for outcome in ProxyOutcome.allCases {
            let (four, five, status) = try #require(codes[outcome])
            var servers = [socks4, socks5, connect].map { play($0, cutAt: 0).server }
            #expect(servers[0].answer(outcome) == [.say([0, four, 0, 0, 0, 0, 0, 0])])
            #expect(servers[1].answer(outcome) == [.say(Self.reply5(five))])
            guard case .say(let bytes)? = servers[2].answer(outcome).first else {
                Issue.record("no answer")
                continue
            }
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 \(status) "))
            if outcome == .connected {
                #expect(text == "HTTP/1.1 200 Connection established\r\n\r\n")
            } else {
                #expect(text.contains("Connection: close\r\n") && text.contains("Content-Length: "))
            }
        }
    }

    @Test func aHeadWithoutEndIsRefusedAtItsLimit() {
        var server: any ProxyServer = ConnectRequest()
        var steps = server.receive(Array("CONNECT a.example:80 HTTP/1.1\r\nX: ".utf8))
        var sent = 0
        while steps.isEmpty, sent < 1_000_000 {
            steps = server.receive([UInt8](repeating: 0x61, count: 1_000))
            sent += 1_000
        }
        #expect(sent <= HTTPStream.mostHeadBytes + 1_000)
        guard case .say(let bytes)? = steps.dropFirst().first else {
            Issue.record("no refusal")
            return
        }
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 431 "))
    }
}
