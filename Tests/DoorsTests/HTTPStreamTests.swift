// HTTP messages cut anywhere, and those that lie about their length.

import MSNP
import Testing

@testable import Doors

@Suite struct HTTPStreamTests {
    private static let messages: [(name: String, isRequest: Bool, text: String, bodies: [String])] = [
        (
            "a length", false,
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", ["abc", ""]
        ),
        ("no length", false, "HTTP/1.0 200 OK\r\n\r\nabc\r\nHTTP/1.1", ["abc\r\nHTTP/1.1"]),
        ("bare line feeds", false, "HTTP/1.1 200 OK\nContent-Length: 2\n\nab", ["ab"]),
        (
            "chunks", false,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nT: x\r\n\r\n"
                + "HTTP/1.1 204 No\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length:1\r\n\r\nz", ["abc0123456789", "", "z"]
        ),
        ("continue", false, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz", ["", "z"]),
        (
            "not modified", false, "HTTP/1.1 304 Not Modified\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz",
            ["", "z"]
        ),
        (
            "a length beyond the limit", false,
            "HTTP/1.1 200 OK\r\nContent-Length: 1073741825\r\n\r\nab"
                + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz",
            ["z"]
        ),
        (
            "requests", true,
            "GET / HTTP/1.1\r\n\r\nPOST http://h/x HTTP/1.1\r\nContent-Length: 2\r\n\r\nok\r\nPOST /y HTTP/1.0\r\n\r\n",
            ["", "ok", ""]
        ),
        (
            "two lengths that differ", false,
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"
                + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz",
            ["z"]
        ),
        (
            "a length without end", false,
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nab"
                + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz",
            ["z"]
        ),
        (
            "a chunk that is none", false,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz",
            ["", "z"]
        ),
        (
            "something else first", true,
            "\u{1}\u{2}nonsense\r\nmore of itPOST /x HTTP/1.1\r\nContent-Length: 2\r\n\r\nok", ["ok"]
        ),
    ]

    @Test func everySplitGivesTheSameBodies() {
        for (name, isRequest, text, bodies) in Self.messages {
            let bytes = Array(text.utf8)
            for cut in 0...bytes.count {
                var stream = HTTPStream(isRequest: isRequest, isStart: true)
                var found: [[UInt8]] = []
                func take(_ piece: HTTPStream.Piece) {
                    if case .head = piece { found.append([]) }
                    if case .body(let bytes) = piece, !found.isEmpty { found[found.count - 1] += bytes }
                }
                for part in [bytes[..<cut], bytes[cut...]] {
                    var position = 0
                    let part = Array(part)
                    while let piece = stream.next(part.span, from: &position) { take(piece) }
                    #expect(position == part.count)
                }
                for piece in stream.finish() { take(piece) }
                #expect(found.map { String(decoding: $0, as: UTF8.self) } == bodies, "\(name), cut at \(cut)")
            }
        }
    }

    @Test func aGapUpToTheEndOfABodyLosesNoMore() {
        var stream = HTTPStream(isRequest: false, isStart: true)
        let head = Array("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n".utf8)
        var position = 0
        while stream.next(head.span, from: &position) != nil {}
        #expect(stream.receiveGap(3) == [.bodyGap(3)])
    }

    @Test func headsAreBounded() {
        var stream = HTTPStream(isRequest: true, isStart: true)
        let line = Array("POST /x HTTP/1.1\r\n".utf8)
        var position = 0
        #expect(stream.next(line.span, from: &position) == nil)
        let filler = Array("X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n".utf8)
        var lost = 0
        for _ in 0..<2_000 {
            position = 0
            while let piece = stream.next(filler.span, from: &position) { if case .lost = piece { lost += 1 } }
        }
        #expect(lost == 1)
    }

    @Test func holes() {
        var stream = HTTPStream(isRequest: false, isStart: true)
        let head = Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n".utf8)
        var position = 0
        _ = stream.next(head.span, from: &position)
        #expect(stream.receiveGap(4) == [.bodyGap(4)])
        #expect(stream.receiveGap(9) == [.bodyGap(6), .end, .lost(atMost: 3)])
        #expect(stream.receiveGap(2) == [.lost(atMost: 2)])
    }
}
