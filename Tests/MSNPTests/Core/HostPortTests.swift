// Addresses as lines and people write them.

import MSNP
import Testing

@Suite struct HostPortTests {
    @Test(arguments: [
        ("203.0.113.10:1863", "203.0.113.10:1863"), ("203.0.113.10", "203.0.113.10:1863"),
        ("localhost:0", "localhost:0"),
        ("Messenger.Hotmail.COM:80", "messenger.hotmail.com:80"), ("my_host-1:65535", "my_host-1:65535"),
        ("[::1]:1863", "[::1]:1863"), ("[2001:DB8::7]", "[2001:db8::7]:1863"), ("[fe80::1%eth0]:5", "[fe80::1%eth0]:5"),
        ("a:00080", "a:80"),
    ]) func addresses(_ text: String, _ description: String) throws {
        let address = try #require(HostPort(text))
        #expect(address.description == description)
        #expect(HostPort(address.description) == address)
    }

    @Test(arguments: [
        "", ":", ":1863", "a:", "a:x", "a:-1", "a:+1", "a: 1", "a:65536", "a:000001", "a:1:2", "::1", "a b", "a/b",
        "a\r\n",
        "a\u{0}", "ä", "a:\u{661}", "[", "[]", "[]:1", "[::1", "[::1]1863", "[::1]:", "[a]:1", "[::1]:65536", "a@b:1",
        String(repeating: "a", count: 254),
    ]) func noAddresses(_ text: String) { #expect(HostPort(text) == nil) }

    @Test func theDefaultPortIsForAddressesWithoutOne() {
        #expect(HostPort("a", defaultPort: 80)?.port == 80)
        #expect(HostPort("a:81", defaultPort: 80)?.port == 81)
        #expect(HostPort("[::1]", defaultPort: 80)?.port == 80)
        #expect(HostPort.standardPort == 1863)
    }

    @Test(
        arguments: [
            ("203.0.113.7", [203, 0, 113, 7]), ("0.0.0.0", [0, 0, 0, 0]), ("255.255.255.255", [255, 255, 255, 255]),
            ("256.0.0.1", nil), ("1.2.3", nil), ("1.2.3.4.5", nil), ("1..2.3", nil), ("a.b.c.d", nil), ("::1", nil),
            ("1.2.3.-4", nil), ("1.2.3.", nil),
        ] as [(String, [UInt8]?)]) func ipv4(_ host: String, _ bytes: [UInt8]?)
    { #expect(HostPort(host, 1).ipv4 == bytes) }

    @Test func ipv6() {
        #expect(HostPort("::1", 1).isIPv6)
        #expect(!HostPort("127.0.0.1", 1).isIPv6)
    }

    @Test(arguments: [
        ("a%20b", "a b"), ("%3A%3a", "::"), ("%", "%"), ("%2", "%2"), ("%zz", "%zz"), ("%25%32%30", "%20"),
        ("%%20", "% "),
        ("%C3%A9%FF", "\u{C3}\u{A9}\u{FF}"), ("", ""),
    ]) func percentEncoding(_ text: String, _ decoded: String) {
        #expect(PercentEncoding.decode(ByteSlice(raw(text))) == raw(decoded))
    }
}
