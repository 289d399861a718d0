// Checks line ends, UTF-8, and the percent encoding of display names.

internal import Events
internal import MSNP
internal import Payloads

/// Checks the characters of a line.
struct NameEncodingCheck: Sendable {
    /// A buffer for the decoded name, kept to avoid allocations.
    private var decoded: [UInt8] = []

    /// Appends findings on a line end without carriage return, on invalid UTF-8, and on invalid percent encoding of
    /// names.
    mutating func inspect(
        _ frame: Frame, _ side: Side, _ role: Role, _ reading: CommandReading?, _ further: inout [Event.Kind]
    ) {
        // In file transfers between clients, lines commonly end in a line feed alone.
        if frame.payloadStart &- frame.lineEnd != 2, role != .fileTransfer {
            let line = frame.verb == .empty ? "An empty line" : "The line of \(frame.verb)"
            let text = "\(line) ends with LF instead of CRLF."
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
                let text = "\(frame.verb): \(ArgumentField.all[argument.field].name) is not URL-encoded."
                further.append(.finding(Finding(.nameNotEncoded, text, side: side)))
                return
            }
            PercentEncoding.decode(token, into: &decoded)
            if !UTF8Sequence.isValid(decoded.span) {
                let text = "\(frame.verb): \(ArgumentField.all[argument.field].name) is not UTF-8 when decoded."
                further.append(.finding(Finding(.invalidUTF8, text, side: side)))
                return
            }
        }
    }

    /// The finding on a `charset=` with an unknown character set; nil if it is known or absent.
    static func charset(_ type: ArraySlice<UInt8>, _ side: Side) -> Event.Kind? {
        guard let word = CharsetDecoder.unknownCharset(type) else { return nil }
        let text = "Unknown character set \"\(word)\" in a message; it was decoded as if none was given."
        return .finding(Finding(.charsetUnknown, text, side: side))
    }

    /// Whether each percent sign precedes two hexadecimal digits. Unencoded letters beyond ASCII are accepted, because
    /// clients and MSN's servers sent them.
    private static func isEncoded(_ token: Span<UInt8>) -> Bool {
        var index = token.first(0x25, from: 0, to: token.count)
        while index < token.count {
            guard PercentEncoding.byte(in: token, at: index) != nil else { return false }
            index = token.first(0x25, from: index &+ 1, to: token.count)
        }
        return true
    }
}
