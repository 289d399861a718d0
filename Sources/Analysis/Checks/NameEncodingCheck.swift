// Whether names are written as the protocol wants them.

internal import Events
internal import MSNP
internal import Payloads

/// Looks at the letters of a line.
struct NameEncodingCheck: Sendable {
    /// The name that is looked at, decoded.
    private var decoded: [UInt8] = []

    /// Finds bytes that are no UTF-8, and names with percent signs that stand for nothing.
    mutating func inspect(
        _ frame: Frame, _ side: Side, _ role: Role, _ reading: CommandReading?, _ further: inout [Event.Kind]
    ) {
        // Between two clients, line feeds alone were common.
        if frame.payloadStart &- frame.lineEnd != 2, role != .fileTransfer {
            let text = "The line of \(frame.verb) ends in a line feed alone."
            further.append(.finding(Finding(.lineEnd, text, side: side)))
        }
        let line = frame.bytes.span.extracting(..<frame.lineEnd)
        let isASCII = UTF8Sequence.isASCII(line)
        guard !isASCII || line.first(0x25, from: 0, to: line.count) < line.count else { return }
        if !isASCII, !UTF8Sequence.isValid(line) {
            further.append(.finding(Finding(.invalidUTF8, "The line of \(frame.verb) is not UTF-8.", side: side)))
            return
        }
        guard let reading else { return }
        for argument in reading.arguments(of: frame) {
            guard argument.meaning == .name else { continue }
            let token = frame.bytes.span.extracting(argument.range)
            if !Self.isEncoded(token) {
                let text = "The \(ArgumentField.all[argument.field].name) of \(frame.verb) is not URL-encoded."
                further.append(.finding(Finding(.nameNotEncoded, text, side: side)))
                return
            }
            PercentEncoding.decode(token, into: &decoded)
            if !UTF8Sequence.isValid(decoded.span) {
                let text = "The \(ArgumentField.all[argument.field].name) of \(frame.verb) is not UTF-8 when decoded."
                further.append(.finding(Finding(.invalidUTF8, text, side: side)))
                return
            }
        }
    }

    /// Finds a `charset=` that names no set.
    static func charset(_ type: ArraySlice<UInt8>, _ side: Side) -> Event.Kind? {
        guard let word = CharsetDecoder.unknownCharset(type) else { return nil }
        let text = "The character set \"\(word)\" of a message is not known; it was read as if none was named."
        return .finding(Finding(.charsetUnknown, text, side: side))
    }

    /// Whether a percent sign stands only before two hexadecimal digits. Letters beyond ASCII may stand as they are: clients
    /// and the servers of MSN wrote them so.
    private static func isEncoded(_ token: Span<UInt8>) -> Bool {
        var index = token.first(0x25, from: 0, to: token.count)
        while index < token.count {
            guard PercentEncoding.byte(in: token, at: index) != nil else { return false }
            index = token.first(0x25, from: index &+ 1, to: token.count)
        }
        return true
    }
}
