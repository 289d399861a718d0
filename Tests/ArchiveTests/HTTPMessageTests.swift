// HTTP messages of a sign-in come out of the archive as they were captured.

import Analysis
import Events
import MSNP
import TestSupport
import Testing

@testable import Archive

@Suite struct HTTPMessageTests {
    @Test func theArchiveHasThem() throws {
        var capture = CaptureMaker()
        let long = String(repeating: "<Contact/>", count: 9_000)
        capture.connection(
            from: 2, port: 4_000, to: 80,
            [
                (.client, "POST /RST.srf HTTP/1.1\r\nContent-Length: 8\r\n\r\npass", true), (.client, "word", true),
                (.server, "HTTP/1.1 200 OK\r\nContent-Length: \(long.utf8.count)\r\n\r\n", true),
            ]
                + stride(from: 0, to: long.utf8.count, by: 1_000).map {
                    (.server, String(long.dropFirst($0).prefix(1_000)), $0 != 50_000)
                })
        let scratch = try Scratch()
        let path = try scratch.write(capture.bytes, to: "a.pcap")
        let archive = try Archive.openOrCreate(scratch.path("a.sqlite"))
        try archive.importAll([path])
        let expected = decoded([path])
        #expect(expected[1]?.count { $0.contains("\"event\":\"http\"") } == 2)
        #expect(try archive.lines(.recording(1)) == expected)
        _ = try archive.reindex()
        #expect(try archive.lines(.recording(1)) == expected)
    }
}
