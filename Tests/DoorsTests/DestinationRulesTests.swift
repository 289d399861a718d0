// The destinations of proxy requests: the first rule that fits, and never an open proxy.

import MSNP
import Testing

@testable import Doors

@Suite struct DestinationRulesTests {
    private static func address(_ text: String) throws -> HostPort { try #require(HostPort(text, defaultPort: 0)) }

    private static var rules: DestinationRules {
        var rules = DestinationRules(upstream: HostPort("msn.example", 1864))
        rules.allowed = ["login.example", "*.ads.example:8080", "192.0.2.9:443"].compactMap { AllowedDestination($0) }
        return rules
    }

    static let cases: [(String, DestinationRules.Facts, DestinationRules.Choice)] = [
        ("127.0.0.1:5000", .init(isOwn: true), .relay), ("10.0.0.6:1863", .init(isOwn: true, isPromised: true), .relay),
        ("10.0.0.6:1865", .init(isPromised: true), .promised),
        ("MSN.example:1864", .init(), .upstream(isElsewhere: false)),
        ("192.0.2.7:1864", .init(upstreamHosts: ["192.0.2.7"]), .upstream(isElsewhere: false)),
        ("[::ffff:192.0.2.7]:1864", .init(upstreamHosts: ["192.0.2.7"]), .upstream(isElsewhere: false)),
        ("192.0.2.8:1864", .init(upstreamHosts: ["192.0.2.7"]), .refused),
        ("messenger.hotmail.com:1863", .init(), .upstream(isElsewhere: true)),
        ("169.254.169.254:1863", .init(), .upstream(isElsewhere: true)),
        ("login.example:443", .init(), .tunnel), ("login.example:80", .init(), .tunnel),
        ("login.example:25", .init(), .refused), ("x.login.example:443", .init(), .refused),
        ("a.b.ads.example:8080", .init(), .tunnel), ("ads.example:8080", .init(), .refused),
        ("badads.example:8080", .init(), .refused), ("192.0.2.9:443", .init(), .tunnel),
        ("[::ffff:192.0.2.9]:443", .init(), .tunnel), ("169.254.169.254:80", .init(), .refused),
        ("127.0.0.1:22", .init(), .refused), ("[::1]:80", .init(), .refused), ("msn.example:80", .init(), .refused),
    ]

    @Test(arguments: cases)
    func theFirstRuleThatFits(text: String, facts: DestinationRules.Facts, choice: DestinationRules.Choice) throws {
        let asked = try Self.address(text)
        #expect(Self.rules.choice(for: asked, facts) == choice)
        var withProxy = Self.rules
        withProxy.nextProxy = HostPort("proxy.example", 8080)
        let other = DestinationRules.Choice.nextProxy(HostPort("proxy.example", 8080))
        #expect(withProxy.choice(for: asked, facts) == (choice == .refused ? other : choice))
    }

    @Test(arguments: ["", "*", "*.", "a b", "a:x", "a:", "a:0", "a:70000", "http://a", "[::1", "*.a:0"])
    func whatIsNoDestination(text: String) { #expect(AllowedDestination(text) == nil) }

    @Test func addressesAreWrittenShort() throws {
        let cases: [([UInt8], String)] = [
            ([UInt8](repeating: 0, count: 16), "::"), ([UInt8](repeating: 0, count: 15) + [1], "::1"),
            ([0x20, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "2001:0:1::"),
            ([UInt8](repeating: 1, count: 16), "101:101:101:101:101:101:101:101"),
            ([0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 5], "1:0:2:0:3:0:4:5"),
        ]
        for (bytes, text) in cases {
            #expect(HostPort(address: bytes, port: 1)?.host == text)
            #expect(IPAddressText.bytes(of: text) == bytes)
        }
        #expect(HostPort(address: [1, 2, 3], port: 1) == nil && HostPort(address: [1, 2, 3, 4], port: 0) == nil)
    }
}
