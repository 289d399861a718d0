// Blocks of HTTP messages are the same however the bytes arrive.

import MSNP
import Testing

@testable import Doors

@Suite struct HTTPBlocksTests {
    private static let long = String(repeating: "0123456789abcdef", count: 2_100)
    private static let streams: [(isRequest: Bool, text: String, blocks: [Int])] = [
        (true, "GET /rdr/pprdr.asp HTTP/1.1\r\n\r\nGET /x HTTP/1.0\r\n\r\n", [31, 19]),
        (false, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 304 N\r\n\r\n", [38, 3, 18]),
        (
            false,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nHTTP/1.1 200 O\r\n\r\nrest",
            [47, 13, 18, 4]
        ),
        (true, "POST /RST.srf HTTP/1.1\r\nContent-Length: 33600\r\n\r\n\(long)", [49, 16_384, 16_384, 832]),
        // Nothing that is HTTP.
        (true, "\u{1}\u{2}\u{3}\(long)", [8, 16_384, 16_384, 827]),
        (false, "HTTP/1.1 200 OK\r\nX: \(long)\r\n\r\n", [16_384, 16_384, 856]),
    ]

    @Test(arguments: streams.indices, [1, 2, 7, 1_000, 100_000]) func cutsAreThoseOfTheBytes(_ index: Int, _ size: Int)
    {
        let stream = Self.streams[index]
        let bytes = Array(stream.text.utf8)
        var cutter = HTTPBlocks(isRequest: stream.isRequest)
        var blocks: [[UInt8]] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            let part = Array(bytes[start..<min(start + size, bytes.count)])
            var position = 0
            while let block = cutter.next(part.span, from: &position) { blocks.append(block) }
            #expect(position == part.count)
        }
        if let rest = cutter.finish() { blocks.append(rest) }
        #expect(Array(blocks.joined()) == bytes)
        #expect(blocks.map(\.count) == stream.blocks)
    }

    @Test func aGapEndsABlock() {
        var cutter = HTTPBlocks(isRequest: false)
        let head = Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc".utf8)
        var position = 0
        #expect(cutter.next(head.span, from: &position)?.count == 38)
        #expect(cutter.next(head.span, from: &position) == nil)
        #expect(cutter.receiveGap(2) == Array("abc".utf8))
        position = 0
        let rest = Array("fghiHTTP/1.1 200 OK\r\n\r\n".utf8)
        #expect(cutter.next(rest.span, from: &position) == Array("fghi".utf8))
        #expect(cutter.next(rest.span, from: &position)?.count == 19)
    }
}
