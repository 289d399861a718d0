// Doors are recognised by the first bytes, and closed ones change nothing.

import MSNP
import TestSupport
import Testing

@testable import Doors

@Suite struct FirstBytesTests {
    private static let all = Set(Door.allCases)

    static let cases: [([UInt8], FirstBytes)] = [
        ([4, 1, 7, 0x47], .socks4), ([4, 2, 7, 0x47], .socks4), ([4, 0, 0, 0, 0x66, 0x6F, 0x6F, 0], .direct),
        ([4, 9], .direct), ([5, 1, 0], .socks5), ([5, 0], .socks5), (Array("CONNECT a:1 HTTP/1.1".utf8), .connect),
        (Array("CONNECTED".utf8), .direct), (Array("CVR 1".utf8), .direct), (Array("CON".utf8 + [0]), .direct),
        (Array("VER 1 MSNP8 CVR0\r\n".utf8), .direct), ([0x16, 3, 1], .direct), ([0], .direct),
    ]

    @Test(arguments: cases) func theFirstBytesDecide(bytes: [UInt8], door: FirstBytes) throws {
        // Each prefix is undecided or says the same.
        var decided: FirstBytes?
        for count in 0...bytes.count {
            let reading = FirstBytes.read(bytes.prefix(count), doors: Self.all)
            if let decided { #expect(reading == decided) }
            decided = reading
            if reading == nil { #expect(count < FirstBytes.most) }
        }
        #expect(decided == door)
        #expect(FirstBytes.read(bytes, doors: [.msnp]) == .direct)
    }

    @Test func eightBytesAlwaysDecide() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<10_000 {
            #expect(FirstBytes.read(random.bytes(FirstBytes.most), doors: Self.all) != nil)
        }
    }
}
