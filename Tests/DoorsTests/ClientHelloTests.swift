// The server name in a TLS client's first message, and what is none.

import MSNP
import Testing

@testable import Doors

@Suite struct ClientHelloTests {
    private static func vector(_ size: Int, _ bytes: [UInt8]) -> [UInt8] {
        (0..<size).reversed().map { UInt8(truncatingIfNeeded: bytes.count >> ($0 * 8)) } + bytes
    }

    private static func hello(_ extensions: [(UInt8, [UInt8])], session: Int = 32) -> [UInt8] {
        var list: [UInt8] = []
        for (kind, content) in extensions { list += [0, kind] + vector(2, content) }
        let body =
            [3, 3] + [UInt8](repeating: 0xAB, count: 32) + vector(1, [UInt8](repeating: 7, count: session))
            + vector(2, [0x13, 0x01, 0x00, 0x0A]) + vector(1, [0]) + vector(2, list)
        return [0x16, 3, 1] + vector(2, [1] + vector(3, body))
    }

    private static func name(_ text: String) -> [UInt8] { vector(2, [0] + vector(2, Array(text.utf8))) }

    private static func read(_ bytes: [UInt8], _ size: Int) -> ClientHello.Reading {
        var hello = ClientHello()
        for start in stride(from: 0, to: bytes.count, by: size) {
            hello.receive(bytes[start..<min(start + size, bytes.count)])
        }
        return hello.reading
    }

    private static let cases: [(bytes: [UInt8], reading: ClientHello.Reading)] = [
        (
            hello([(10, [0, 2, 0, 23]), (0, name("login.example.org")), (16, [])]) + [0x17, 3, 3],
            .hello(serverName: "login.example.org")
        ),
        (hello([(10, [0, 2, 0, 23])], session: 0), .hello(serverName: nil)),
        (hello([(0, name("a\u{1B}[2Jb"))]), .hello(serverName: nil)),
        (hello([(0, name(String(repeating: "a", count: 256)))]), .hello(serverName: nil)),
        (hello([(0, [0, 9, 0, 0, 200, 0x61])]), .hello(serverName: nil)),
        ([0x16, 3, 1, 0, 4, 1, 0, 0, 0], .hello(serverName: nil)), ([0x16, 3, 1, 0, 3, 1, 0, 0], .other),
        ([0x16, 3, 3, 0, 5, 2, 0, 0, 1, 0], .other), (Array("GET / HTTP/1.0\r\n".utf8), .other),
        (Array(hello([]).dropLast()), .incomplete), ([0x16, 3, 1, 0xFF, 0xFF, 1], .other), ([], .incomplete),
    ]

    @Test(arguments: cases.indices) func isReadHoweverItComes(_ index: Int) {
        let (bytes, reading) = Self.cases[index]
        for size in [1, 3, 10_000] { #expect(Self.read(bytes, size) == reading) }
    }

    @Test func noPrefixTraps() {
        let whole = Self.hello([(0, Self.name("login.example.org"))])
        for length in 0..<whole.count {
            // The record's length says that it ends here.
            var cut = Array(whole.prefix(length))
            if length > 9 { (cut[3], cut[4]) = (UInt8((length - 5) >> 8), UInt8(truncatingIfNeeded: length - 5)) }
            let reading = Self.read(cut, 100)
            #expect(length < 10 || reading == .hello(serverName: nil), "\(length)")
        }
    }
}
