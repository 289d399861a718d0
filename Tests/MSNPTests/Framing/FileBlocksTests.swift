// The blocks of a file that is sent over MSNFTP.

import MSNP
import Testing

@Suite struct FileBlocksTests {
    /// What the pieces are, in words.
    private func words(_ blocks: inout FileBlocks, _ bytes: [UInt8]) -> [String] {
        var words: [String] = []
        var position = 0
        var start = 0
        while let piece = blocks.next(bytes.span, from: &position) {
            switch piece {
            case .header: break
            case .data(let offset):
                let data = String(decoding: bytes[start..<position], as: UTF8.self)
                words.append("\(data) at \(offset.map { "\($0)" } ?? "?")")
            case .end: words.append("end")
            }
            start = position
        }
        return words
    }

    @Test func anEmptyBlockHoldsNothing() {
        var blocks = FileBlocks()
        #expect(words(&blocks, [0, 0, 0, 0, 2, 0, 0x41, 0x42]) == ["end", "AB at 0"])
    }

    @Test func aHoleToTheEndOfABlockLosesNothingElse() {
        var blocks = FileBlocks()
        let before = words(&blocks, [0, 4, 0, 0x41])
        blocks.lose(3)
        let behind = words(&blocks, [0, 1, 0, 0x42])
        #expect(before == ["A at 0"] && behind == ["B at 4"])
    }

    @Test func behindALargerHoleNoPlaceIsKnown() {
        var blocks = FileBlocks()
        let before = words(&blocks, [0, 4, 0, 0x41])
        blocks.lose(4)
        #expect(before == ["A at 0"] && words(&blocks, Array("B\r\n".utf8)) == ["B\r\n at ?"])
        #expect(blocks.offset == nil)
    }

    @Test func aHoleBeforeTheFirstBlockMayHaveHeldSome() {
        var blocks = FileBlocks()
        blocks.lose(1)
        #expect(words(&blocks, Array("BYE".utf8)).isEmpty)
        #expect(words(&blocks, [0, 1, 0, 0x42]) == ["B at ?"])
    }

    @Test(arguments: 1...9) func piecesMayBeCutAnywhere(_ step: Int) {
        let bytes: [UInt8] = [0, 3, 0, 0x41, 0x42, 0x43, 0, 1, 0, 0x44, 1, 0, 0] + Array("BYE".utf8)
        var blocks = FileBlocks()
        var taken = 0
        for start in stride(from: 0, to: bytes.count, by: step) {
            let part = Array(bytes[start..<min(bytes.count, start + step)])
            let count = blocks.take(part.span, from: 0)
            taken += count
            if count < part.count { break }
        }
        #expect(taken == 13 && blocks.offset == 4)
    }
}
