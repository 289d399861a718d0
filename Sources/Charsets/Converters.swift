// Character sets by the C library's `iconv`, which knows them all.

internal import Glibc
package import Payloads
internal import Synchronization

extension CharsetDecoder {
    /// Knows every set that the C library knows.
    package static let iconv = CharsetDecoder { bytes, charset in Converters.utf8(bytes, charset) }
}

/// The converters that were needed so far. To open one means to load its tables, so they stay open: one for each set
/// that `Charset` has a name for, some eighty at most.
private enum Converters {
    private static let open = Mutex<[Charset: iconv_t]>([:])

    /// What cannot be converted, as UTF-8.
    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// - Returns: nil where the C library does not know the set.
    static func utf8(_ bytes: ArraySlice<UInt8>, _ charset: Charset) -> [UInt8]? {
        open.withLock { open in
            if open[charset] == nil {
                guard let new = iconv_open("UTF-8", charset.name), Int(bitPattern: new) != -1 else { return nil }
                open[charset] = new
            }
            return open[charset].map { convert(bytes, with: $0) }
        }
    }

    private static func convert(_ bytes: ArraySlice<UInt8>, with converter: iconv_t) -> [UInt8] {
        // The state of what was converted before is left.
        Glibc.iconv(converter, nil, nil, nil, nil)
        var input = Array(bytes)
        var result: [UInt8] = []
        result.reserveCapacity(input.count * 2)
        var done = 0
        while done < input.count {
            let step = piece(&input, from: done, with: converter, to: &result)
            done += step.taken
            // Nothing taken and no reason: what is left is as good as no character.
            guard step.isStuck || step.taken == 0 else { continue }
            result += replacement
            // A character that was cut off at the end is one sign, not one for each byte.
            done = step.isCut ? input.count : done + 1
        }
        // Hebrew and Vietnamese hold a letter back until it is known whether a mark follows.
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { target in
            var to = target.baseAddress?.assumingMemoryBound(to: CChar.self)
            var room = target.count
            Glibc.iconv(converter, nil, nil, &to, &room)
            result += target[..<(target.count - room)]
        }
        return result
    }

    /// Converts as much as fits a small buffer.
    private static func piece(
        _ input: inout [UInt8], from start: Int, with converter: iconv_t, to result: inout [UInt8]
    ) -> (taken: Int, isStuck: Bool, isCut: Bool) {
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
