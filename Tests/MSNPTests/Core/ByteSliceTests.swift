// A slice of shared bytes behaves as an array slice, keeps within its range, and can be copied out of its batch.

import MSNP
import TestSupport
import Testing

@Suite struct ByteSliceTests {
    /// Cuts one slice and one array slice in the same places, again and again, and compares them.
    @Test(arguments: 0..<20 as Range<UInt64>) func cutAnywhereItIsAsAnArray(_ seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        let bytes = (0..<Int.random(in: 0...300, using: &dice)).map { _ in UInt8.random(in: 0...9, using: &dice) }
        var slice = ByteSlice(bytes)
        var array = bytes[...]
        for _ in 0..<60 {
            Self.expectSame(slice, array, &dice)
            switch Int.random(in: 0...6, using: &dice) {
            case 0:
                let range = Self.range(in: array.indices, &dice)
                (slice, array) = (slice[range], array[range])
            case 1: (slice, array) = (slice.dropFirst(2), array.dropFirst(2))
            case 2: (slice, array) = (slice.prefix(40), array.prefix(40))
            case 3:
                #expect(slice.popFirst() == array.popFirst())
            case 4:
                let range = Self.range(in: array.indices, &dice)
                (slice, array) = (slice.part(range), Array(array[range])[...])
            case 5: (slice, array) = (slice.detached(), Array(array)[...])
            default: (slice, array) = (slice.drop { $0 < 3 }, array.drop { $0 < 3 })
            }
            if array.isEmpty { (slice, array) = (ByteSlice(bytes), bytes[...]) }
        }
    }

    private static func range(in indices: Range<Int>, _ dice: inout SeededGenerator) -> Range<Int> {
        let (one, other) = (
            Int.random(in: indices.lowerBound...indices.upperBound, using: &dice),
            Int.random(in: indices.lowerBound...indices.upperBound, using: &dice)
        )
        return min(one, other)..<max(one, other)
    }

    private static func expectSame(_ slice: ByteSlice, _ array: ArraySlice<UInt8>, _ dice: inout SeededGenerator) {
        #expect(slice.indices == array.indices && slice.count == array.count && slice.isEmpty == array.isEmpty)
        #expect(Array(slice) == Array(array) && slice.elementsEqual(array) && slice == Array(array))
        #expect(slice.map { $0 } == array.map { $0 } && [UInt8](copying: slice.span) == Array(array))
        #expect(slice.reversed() == array.reversed() && slice.last == array.last && slice.first == array.first)
        #expect([1] + slice + [2] == [1] + array + [2])
        #expect(String(decoding: slice, as: UTF8.self) == String(decoding: array, as: UTF8.self))
        #expect(slice.description == Array(array).description)
        for byte in 0...10 as ClosedRange<UInt8> {
            #expect(slice.firstIndex(of: byte) == array.firstIndex(of: byte))
            #expect(slice.contains(byte) == array.contains(byte))
            #expect(slice.lastIndex(of: byte) == array.lastIndex(of: byte))
        }
        #expect(
            slice.split(separator: 5).map { Array($0) } == array.split(separator: 5).map { Array($0) })
        guard let index = array.indices.randomElement(using: &dice) else { return }
        #expect(slice[index] == array[index])
    }

    /// The same bytes are equal and have one hash, wherever they lie in whatever storage.
    @Test func equalByContent() {
        let storage = ByteSlice("abcabc abd".utf8)
        let (first, second) = (storage[0..<3], storage[3..<6])
        #expect(first == second && first.hashValue == second.hashValue && first == ByteSlice("abc".utf8))
        #expect(first != storage[7...] && first != storage[0..<4] && storage[1..<1] == [])
        #expect(Set([first, second, storage[7...]]).count == 2)
        #expect([0x61, 0x62, 0x63] == second && second == [0x61, 0x62, 0x63])
    }

    /// An index beside the slice stops the program, although its storage has a byte there.
    @Test(arguments: 0..<6) func nothingBesideIt(_ what: Int) async {
        await #expect(processExitsWith: .failure) { [what] in
            let frame = ByteSlice("one two three".utf8).part(4..<7)
            switch what {
            case 0: _ = frame[-1]
            case 1: _ = frame[3]
            case 2: _ = frame[1...][0]
            case 3: _ = frame[..<4]
            case 4: _ = frame[1..<2].part(0..<1)
            default: _ = frame.span[3]
            }
        }
    }

    @Test func aPartHasItsOwnIndices() {
        let batch = ByteSlice("one two three".utf8)
        let part = batch[4...].part(4..<7)
        #expect(part.indices == 0..<3 && part == Array("two".utf8) && part[1...].part(1..<3) == Array("wo".utf8))
        #expect(part.dropFirst().detached().indices == 0..<2)
    }

    // MARK: - Frames

    private static let batch = Array("OUT\r\nMSG 1 N 5\r\nhelloVER 2 MSNP8\r\n".utf8)

    @Test func framesOfABatchAreParts() {
        var decoder = FrameDecoder(side: .client)
        let batch = ByteSlice(Self.batch)
        var position = 0
        var frames: [Frame] = []
        while case .frame(let frame) = decoder.next(batch, from: &position) { frames.append(frame) }
        #expect(frames.map(\.verb) == ["OUT", "MSG", "VER"] && position == batch.count)
        #expect(frames.flatMap { Array($0.bytes) } == Self.batch)
        #expect(frames.allSatisfy { $0.bytes.startIndex == 0 && $0 == $0.detached() })
        #expect(frames.allSatisfy { Self.isPart($0.bytes, of: batch) })
        #expect(!frames.contains { Self.isPart($0.detached().bytes, of: batch) }, "kept without their batch")
    }

    /// A frame that began in an earlier input has its own bytes; those after it are parts again.
    @Test(arguments: 1..<31) func aFrameAcrossInputsIsNot(_ cut: Int) {
        var decoder = FrameDecoder(side: .client)
        let inputs = [ByteSlice(Self.batch.prefix(cut)), ByteSlice(Self.batch.dropFirst(cut))]
        var bytes: [UInt8] = []
        for input in inputs {
            var position = 0
            while case .frame(let frame) = decoder.next(input, from: &position) {
                let start = bytes.count
                bytes += frame.bytes
                let isWhole = bytes.count <= cut || start >= cut
                #expect(Self.isPart(frame.bytes, of: input) == isWhole, "\(frame.verb)")
            }
        }
        #expect(bytes == Self.batch)
    }

    @Test func packetsOfABatchAreParts() throws {
        let one: [UInt8] = [4, 0, 0, 0, 1, 2, 3, 4]
        let batch = ByteSlice(one + one + one.prefix(6))
        var stream = LinkStream()
        var position = 0
        var packets: [Noise] = []
        while let packet = stream.next(batch, from: &position) { packets.append(packet) }
        #expect(packets.map(\.offset) == [0, 8] && packets.allSatisfy { $0.bytes == one && $0.reason == .peerData })
        #expect(packets.allSatisfy { Self.isPart($0.bytes, of: batch) && !Self.isPart($0.detached().bytes, of: batch) })
        let next = ByteSlice(one.suffix(2) + one)
        position = 0
        let joined = try #require(stream.next(next, from: &position))
        #expect(joined.bytes == one && joined.offset == 16 && !Self.isPart(joined.bytes, of: next))
        let whole = try #require(stream.next(next, from: &position))
        #expect(whole.bytes == one && whole.offset == 24 && Self.isPart(whole.bytes, of: next))
    }

    /// Whether a slice lies in the memory of another.
    private static func isPart(_ slice: ByteSlice, of whole: ByteSlice) -> Bool {
        whole.withContiguousStorageIfAvailable { whole in
            slice.withContiguousStorageIfAvailable { part in
                guard let start = part.baseAddress, let first = whole.baseAddress else { return false }
                return start >= first && start + part.count <= first + whole.count
            }
        } == true
    }
}
