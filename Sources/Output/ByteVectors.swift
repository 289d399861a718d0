// Reads borrowed bytes eight and sixteen at a time, for searches in texts.

internal import MSNP

extension Span<UInt8> {
    /// The sixteen bytes from an index on; after the end of the span the bytes are undefined.
    @inline(__always)
    func vector(at index: Int) -> SIMD16<Int8> {
        precondition(index >= 0 && index < count)
        let left = count &- index
        // Safe: at least sixteen bytes remain.
        if left >= 16 { return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: SIMD16<Int8>.self) }
        let words = SIMD2<UInt64>(word(at: index), left > 8 ? word(at: index &+ 8) : 0)
        // Safe: both types are sixteen bytes without padding, and every bit pattern is valid.
        return unsafe unsafeBitCast(words, to: SIMD16<Int8>.self)
    }

    /// The index of the first marked byte in `start..<end`; `end` if there is none.
    @inline(__always)
    func first(from start: Int, to end: Int, _ marks: (SIMD16<Int8>) -> SIMDMask<SIMD16<Int8>>) -> Int {
        var index = start
        while index < end {
            let clean = marks(vector(at: index)).firstIndex
            index &+= clean
            if clean < 16 { break }
        }
        return min(index, end)
    }

    /// The eight bytes from an index on, the first one lowest; after the end of the span the bytes are undefined.
    @inline(__always)
    func word(at index: Int) -> UInt64 {
        precondition(index >= 0 && index < count)
        let left = count &- index
        // Safe: at least eight bytes remain.
        if left >= 8 { return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self) }
        guard count >= 8 else { return shortWord(at: index) }
        // Safe: the span has at least eight bytes.
        let last = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
        return last &>> UInt64((8 &- left) &* 8)
    }

    /// The same for a span of less than eight bytes.
    private func shortWord(at index: Int) -> UInt64 {
        var word: UInt64 = 0
        var last = count
        while last > index {
            last &-= 1
            word = word &<< 8 | UInt64(self[last])
        }
        return word
    }
}

extension SIMDMask<SIMD16<Int8>> {
    /// The index of the first marked byte; 16 if there is none.
    @inline(__always)
    var firstIndex: Int {
        // Safe: both types are sixteen bytes without padding; a marked byte has all bits set.
        let words = unsafe unsafeBitCast(self, to: SIMD2<UInt64>.self)
        return words[0] != 0
            ? words[0].trailingZeroBitCount &>> 3 : 8 &+ words[1].trailingZeroBitCount &>> 3
    }
}

extension SIMD16<Int8> {
    /// Marks all bytes that are not printable ASCII. As signed numbers, bytes from 0x80 on are negative.
    @inline(__always)
    var notPrintable: SIMDMask<SIMD16<Int8>> { lessThanSpace .| equal(0x7F) }

    /// Marks controls, and all bytes outside ASCII.
    @inline(__always)
    var lessThanSpace: SIMDMask<SIMD16<Int8>> { self .< SIMD16(repeating: 0x20) }

    /// Marks all bytes equal to one. Comparisons with a scalar are ten times slower than with a vector.
    @inline(__always)
    func equal(_ byte: Int8) -> SIMDMask<SIMD16<Int8>> { self .== SIMD16(repeating: byte) }
}
