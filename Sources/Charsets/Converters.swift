// Converts text to UTF-8 with the C library's `iconv`, which supports every character set of the protocol.

internal import Glibc
internal import MSNP
package import Payloads
internal import Synchronization

extension CharsetDecoder {
    /// Decodes every character set that the C library supports.
    package static let iconv = CharsetDecoder { bytes, charset in Converters.utf8(bytes, charset) }
}

/// The `iconv` converters opened so far. Opening one loads its tables, so all stay open: one for each character set
/// that `Charset` names, about eighty at most.
private enum Converters {
    private static let open = Mutex<[Charset: iconv_t]>([:])

    /// U+FFFD in UTF-8: replaces bytes that cannot be converted.
    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// - Returns: nil if the C library does not support the character set.
    static func utf8(_ bytes: ByteSlice, _ charset: Charset) -> [UInt8]? {
        open.withLock { open in
            if open[charset] == nil {
                guard let new = iconv_open("UTF-8", charset.name), Int(bitPattern: new) != -1 else { return nil }
                open[charset] = new
            }
            return open[charset].map { convert(bytes, with: $0) }
        }
    }

    private static func convert(_ bytes: ByteSlice, with converter: iconv_t) -> [UInt8] {
        // Resets the shift state that the previous text left.
        Glibc.iconv(converter, nil, nil, nil, nil)
        var input = Array(bytes)
        var result: [UInt8] = []
        result.reserveCapacity(input.count * 2)
        var done = 0
        while done < input.count {
            let step = convertChunk(&input, from: done, with: converter, to: &result)
            done += step.consumed
            // No progress without an error: the next byte is treated as invalid.
            guard step.isStuck || step.consumed == 0 else { continue }
            result += replacement
            // A character cut off at the end of the text gives one replacement character, not one for each byte.
            done = step.isCut ? input.count : done + 1
        }
        // For Hebrew and Vietnamese, iconv holds back a letter until it knows whether a combining mark follows; this
        // flushes it.
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { target in
            var to = target.baseAddress?.assumingMemoryBound(to: CChar.self)
            var room = target.count
            Glibc.iconv(converter, nil, nil, &to, &room)
            result += target[..<(target.count - room)]
        }
        return result
    }

    /// Converts as much of the input as one small output buffer holds.
    private static func convertChunk(
        _ input: inout [UInt8], from start: Int, with converter: iconv_t, to result: inout [UInt8]
    ) -> (consumed: Int, isStuck: Bool, isCut: Bool) {
        input.withUnsafeMutableBytes { source in
            withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { target in
                var from = source.baseAddress?.assumingMemoryBound(to: CChar.self).advanced(by: start)
                var left = source.count - start
                var to = target.baseAddress?.assumingMemoryBound(to: CChar.self)
                var room = target.count
                let outcome = Glibc.iconv(converter, &from, &left, &to, &room)
                let error = outcome == -1 ? errno : 0
                result += target[..<(target.count - room)]
                return (source.count - start - left, error == EILSEQ || error == EINVAL, error == EINVAL)
            }
        }
    }
}
