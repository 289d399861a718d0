// Comparisons of borrowed bytes, eight at a time.

import TestSupport
import Testing

@testable import MSNP

@Suite struct BytesTests {
    @Test(
        "The case of ASCII letters is ignored, and nothing else",
        arguments: [
            "", "to", "p2p-src", "p2p-dest", "message-id", "content-type", "text/plain; charset=utf-8", "{[z`a]}",
        ]
            as [StaticString])
    func ignoringCase(text: StaticString) {
        func isEqual(_ bytes: [UInt8]) -> Bool { bytes.span.isEqual(toLowercase: text) }
        let lower = Array(text.description.utf8)
        let upper = lower.map { (0x61...0x7A).contains($0) ? $0 & ~0x20 : $0 }
        #expect(isEqual(lower) && isEqual(upper))
        #expect(!isEqual(lower + [0x61]))
        for index in lower.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = upper
                changed[index] = byte
                let isSame = byte == lower[index] || byte == upper[index]
                #expect(isEqual(changed) == isSame, "\(byte) at \(index)")
            }
        }
    }
}
