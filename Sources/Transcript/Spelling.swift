// Whether names are written as the protocol wants them.

internal import MSNP

/// Looks at the letters of a line.
struct Spelling: Sendable {
    /// The name that is looked at, decoded.
    private var decoded: [UInt8] = []

    /// Finds bytes that are no UTF-8, and names with bytes that should be percent signs.
    mutating func inspect(_ frame: Frame, _ side: Side, _ reading: CommandReading?, _ further: inout [Event.Kind]) {
        if frame.payloadStart &- frame.lineEnd != 2 {
            let text = "The line of \(frame.verb) ends in a line feed alone."
            further.append(.finding(Finding(.lineEnd, text, side: side)))
        }
        guard Self.isNotPlain(frame) else { return }
        if !UTF8Sequence.isValid(frame.bytes.span.extracting(..<frame.lineEnd)) {
            further.append(.finding(Finding(.invalidUTF8, "The line of \(frame.verb) is not UTF-8.", side: side)))
            return
        }
        guard let reading else { return }
        for argument in reading.arguments(of: frame) {
            let field = ArgumentField.all[argument.field]
            guard field.meaning == .name else { continue }
            let token = frame.bytes.span.extracting(argument.range)
            if !Self.isEncoded(token) {
                let text = "The \(field.name) of \(frame.verb) is not URL-encoded."
                further.append(.finding(Finding(.nameNotEncoded, text, side: side)))
                return
            }
            PercentEncoding.decode(token, into: &decoded)
            if !UTF8Sequence.isValid(decoded.span) {
                let text = "The \(field.name) of \(frame.verb) is not UTF-8 when decoded."
                further.append(.finding(Finding(.invalidUTF8, text, side: side)))
                return
            }
        }
    }

    /// Whether a line has anything but ASCII without percent signs.
    private static func isNotPlain(_ frame: Frame) -> Bool {
        let bytes = frame.bytes.span
        for index in 0..<frame.lineEnd where bytes[index] >= 0x80 || bytes[index] == 0x25 { return true }
        return false
    }

    /// Whether there are only ASCII characters, and a percent sign only before two hexadecimal digits.
    private static func isEncoded(_ token: Span<UInt8>) -> Bool {
        for index in 0..<token.count {
            if token[index] >= 0x80 { return false }
            guard token[index] == 0x25 else { continue }
            guard token.count &- index > 2, isHexDigit(token[index &+ 1]), isHexDigit(token[index &+ 2]) else {
                return false
            }
        }
        return true
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6 }
}
