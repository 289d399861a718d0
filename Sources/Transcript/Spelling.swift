// Whether names and accounts are written as the protocol wants them.

internal import MSNP

/// Looks at the letters of a line.
enum Spelling {
    /// Finds bytes that are no UTF-8, names with bytes that should be percent signs, accounts without an @.
    static func inspect(_ frame: Frame, _ side: Side, _ reading: CommandReading?, _ further: inout [Event.Kind]) {
        guard frame.payloadStart &- frame.lineEnd == 2 else {
            let text = "The line of \(frame.verb) ends in a line feed alone."
            further.append(.finding(Finding(.lineEnd, text, side: side)))
            return
        }
        var isPlain = true
        for index in 0..<frame.lineEnd where frame.bytes[index] >= 0x80 || frame.bytes[index] == 0x25 {
            isPlain = false
            break
        }
        guard !isPlain else { return }
        var found: [Event.Kind] = []
        if !UTF8Sequence.isValid(Array(frame.line)) {
            found.append(.finding(Finding(.invalidUTF8, "The line of \(frame.verb) is not UTF-8.", side: side)))
        }
        reading?.forEachArgument(of: frame) { _, field, meaning, range, _ in
            guard meaning == .name, found.isEmpty else { return }
            let token = frame.bytes[range]
            if !isEncoded(token) {
                let text = "The \(field) of \(frame.verb) is not URL-encoded."
                found.append(.finding(Finding(.nameNotEncoded, text, side: side)))
            } else if !UTF8Sequence.isValid(PercentEncoding.decode(token)) {
                let text = "The \(field) of \(frame.verb) is not UTF-8 when decoded."
                found.append(.finding(Finding(.invalidUTF8, text, side: side)))
            }
        }
        further += found
    }

    /// Whether there are only ASCII characters, and a percent sign only before two hexadecimal digits.
    private static func isEncoded(_ token: ArraySlice<UInt8>) -> Bool {
        var index = token.startIndex
        while index < token.endIndex {
            if token[index] >= 0x80 { return false }
            if token[index] == 0x25 {
                guard token[index...].count > 2, token[(index + 1)...(index + 2)].allSatisfy(isHexDigit) else {
                    return false
                }
            }
            index += 1
        }
        return true
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6
    }
}
