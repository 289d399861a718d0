// Times are written by changing the text of the last one.

import Events
import TestSupport
import Testing

@testable import Output

@Suite struct TimeWriterTests {
    @Test func everyTimeIsTheSameAsWithoutTheLastOne() {
        var random = SeededGenerator(seed: 1)
        var writer = TimeWriter()
        var time: Int64 = 0
        for step in 0..<3_000 {
            switch step % 4 {
            case 0: time = .random(in: .min ... .max, using: &random)
            case 1: time &+= .random(in: -1_000_000_000...2_000_000_000, using: &random)
            case 2: time &+= .random(in: -100_000_000_000_000...100_000_000_000_000, using: &random)
            default: time = .random(in: 0...3_000_000_000, using: &random)
            }
            let stamp = Timestamp(nanoseconds: time)
            var written: [UInt8] = []
            written.write { writer.appendStamp(stamp, to: &$0) }
            #expect(String(decoding: written, as: UTF8.self) == "\(stamp.rfc3339)\",\"ns\":\(time)")
            written = []
            written.write { writer.appendTime(stamp, to: &$0) }
            #expect(String(decoding: written, as: UTF8.self) == stamp.rfc3339.drop { $0 != "T" }.dropFirst().dropLast())
        }
    }
}
