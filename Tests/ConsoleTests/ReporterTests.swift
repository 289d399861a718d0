// Lines about trouble: repeated ones, and text of peers that must not reach a terminal unescaped.

import Foundation
import Testing

@testable import Console

@Suite struct ReporterTests {
    private func said(_ lines: [String]) throws -> [Substring] {
        let pipe = try TestPipe()
        let reporter = Reporter(prefix: "p", descriptor: pipe.writing)
        for line in lines { reporter.report(line) }
        reporter.close()
        close(pipe.writing)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(pipe.reading, &buffer, buffer.count)
        close(pipe.reading)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
    }

    @Test func controlsNeverReachTheTerminal() throws {
        let line = try #require(try said(["a\u{1B}[31m\u{07}b\nc\u{9B}d\u{7F}"]).first)
        #expect(line == "p: a␛[31m␇b␊c\\u{9b}d␡")
    }

    @Test func aLineThatComesAgainIsCountedOnce() throws {
        let lines = try said(["same", "same", "same", "other", "third"])
        #expect(lines == ["p: same", "p: (the last line 2 times more)", "p: other", "p: third"])
    }
}
