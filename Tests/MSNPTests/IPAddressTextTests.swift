// IP addresses as text.

import Testing

@testable import MSNP

@Suite struct IPAddressTextTests {
    @Test(arguments: [
        ("192.0.2.7", [192, 0, 2, 7]),
        ("2001:db8::7", [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]),
        ("::", [UInt8](repeating: 0, count: 16)),
        ("::1%lo", [UInt8](repeating: 0, count: 15) + [1]),
        ("1:2:3:4:5:6:7:8", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]),
    ])
    func anAddressIsRead(text: String, bytes: [UInt8]) { #expect(IPAddressText.bytes(of: text) == bytes) }

    @Test(arguments: [
        "messenger.example.org", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6::7:8:9", "1:2:3:4:5::6:7:192.0.2.7",
        "1::2::3", "12345::",
        "g::1", "192.0.2.256", "",
    ])
    func anythingElseIsNoAddress(text: String) { #expect(IPAddressText.bytes(of: text) == nil) }
}
