// IP fragments: together, in any order, overlapping, too many, too late.

import Packets
import Testing

struct FragmentTests {
    /// Fragments of one IPv4 datagram, each of `size` bytes.
    private func fragments(_ body: Bytes, size: Int, identification: Int = 7) -> [Bytes] {
        stride(from: 0, to: body.count, by: size).map { start in
            let end = min(start + size, body.count)
            let place = start / 8 | (end < body.count ? 0x2000 : 0)
            return ipv4(Array(body[start..<end]), place: place, identification: identification)
        }
    }

    @Test(arguments: [8, 16, 24])
    func comeTogetherInAnyOrder(_ size: Int) {
        let pieces = fragments(tcp(Array("a somewhat longer text".utf8)), size: size)
        for order in [pieces, pieces.reversed(), pieces + pieces] {
            var dissector = Dissector()
            let found = order.compactMap { find($0, .raw, with: &dissector) }
            #expect(found.first == Found(source: "10.0.0.1:1025", payload: "a somewhat longer text", length: 22))
        }
    }

    @Test func workInIPv6() {
        let body = tcp()
        let first = ipv6([6, 0, 0, 1, 0, 0, 0, 5] + body[..<16], next: 44)
        let last = ipv6([6, 0, 0, 16, 0, 0, 0, 5] + body[16...], next: 44)
        var dissector = Dissector()
        #expect(find(last, .raw, with: &dissector) == nil)
        #expect(find(first, .raw, with: &dissector) == DissectorTests.six)
    }

    @Test func firstBytesWinAnOverlap() {
        let body = tcp(Array("first bytes win!".utf8))
        var other = body
        for index in 20..<other.count { other[index] = 0x58 }
        var dissector = Dissector()
        #expect(find(ipv4(Array(body[16...]), place: 2), .raw, with: &dissector) == nil)
        #expect(find(ipv4(Array(other[..<32]), place: 0x2000), .raw, with: &dissector)?.payload == "first bytes win!")
    }

    @Test func areForgottenAfterAWhile() {
        let pieces = fragments(tcp(), size: 16)
        var dissector = Dissector()
        #expect(find(pieces[0], .raw, with: &dissector, at: 0) == nil)
        #expect(find(pieces[1], .raw, with: &dissector, at: 31_000_000_000) == nil)
    }

    @Test func cannotFillTheMemory() {
        var dissector = Dissector()
        for number in 0..<300 {
            let piece = ipv4(Bytes(repeating: 1, count: 8), place: 0x2000 | 8000, identification: number)
            #expect(find(piece, .raw, with: &dissector) == nil)
        }
        let holes = (0..<200).map { ipv4(Bytes(repeating: 1, count: 8), place: 0x2000 | $0 * 2) }
        for piece in holes { #expect(find(piece, .raw, with: &dissector) == nil) }
        let beyond = ipv4(Bytes(repeating: 1, count: 64), place: 0x1FFF)
        #expect(find(beyond, .raw, with: &dissector) == nil)
    }

    @Test func inATunnelInFragments() {
        let inner = fragments(tcp(Array("deep inside".utf8)), size: 24)
        var dissector = Dissector()
        var found: [Found] = []
        for (number, piece) in inner.enumerated() {
            let outer = stride(from: 0, to: piece.count, by: 16).map { start in
                let end = min(start + 16, piece.count)
                return ipv4(
                    Array(piece[start..<end]), number: 4, place: start / 8 | (end < piece.count ? 0x2000 : 0),
                    identification: 100 + number)
            }
            found += outer.compactMap { find($0, .raw, with: &dissector) }
        }
        #expect(found.map(\.payload) == ["deep inside"])
    }
}
