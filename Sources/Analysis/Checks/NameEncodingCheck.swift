// Checks line ends, UTF-8, and the percent encoding of display names.

internal import Events
internal import MSNP
internal import Payloads

/// Checks the characters of a line.
struct NameEncodingCheck: Sendable {
    /// A buffer for the decoded name, kept to avoid allocations.
    private var decoded: [UInt8] = []

    /// The finding on a line end without carriage return. In file transfers between clients, lines commonly end in a
    /// line feed alone.
    static func lineEnd(_ frame: Frame, _ side: Side, _ role: Role) -> Finding? {
        guard frame.payloadStart &- frame.lineEnd != 2, role != .fileTransfer else { return nil }
        let line = frame.verb == .empty ? "An empty line" : "The line of \(frame.verb)"
        return Finding(.lineEnd, "\(line) ends with LF instead of CRLF.", side: side)
    }

    /// The characters of a line.
    enum Characters {
        /// ASCII without percent signs: its names need no check.
        case plain
        /// Other valid UTF-8.
        case encoded
        case invalid
    }

    /// Classifies the characters of a line.
    static func characters(_ frame: Frame) -> Characters {
        let line = frame.bytes.span.extracting(..<frame.lineEnd)
        if UTF8Sequence.isASCII(line) {
            return line.first(0x25, from: 0, to: line.count) < line.count ? .encoded : .plain
        }
        return UTF8Sequence.isValid(line) ? .encoded : .invalid
    }

    /// The finding on the percent encoding of a display name.
    mutating func finding(_ frame: Frame, _ side: Side, name argument: CommandReading.Argument) -> Finding? {
        let token = frame.bytes.span.extracting(argument.range)
        let sign = token.first(0x25, from: 0, to: token.count)
        if sign == token.count { return nil }
        if !Self.isEncoded(token, from: sign) {
            let text = "\(frame.verb): \(ArgumentField.all[argument.field].name) is not URL-encoded."
            return Finding(.nameNotEncoded, text, side: side)
        }
        PercentEncoding.decode(token, into: &decoded)
        guard !UTF8Sequence.isASCII(decoded.span), !UTF8Sequence.isValid(decoded.span) else { return nil }
        let text = "\(frame.verb): \(ArgumentField.all[argument.field].name) is not UTF-8 when decoded."
        return Finding(.invalidUTF8, text, side: side)
    }

    /// The finding on a `charset=` with an unknown character set; nil if it is known or absent.
    static func charset(_ type: ByteSlice, _ side: Side) -> Event.Kind? {
        guard let word = CharsetDecoder.unknownCharset(type) else { return nil }
        let text = "Unknown character set \"\(word)\" in a message; it was decoded as if none was given."
        return .finding(Finding(.charsetUnknown, text, side: side))
    }

    /// Whether each percent sign precedes two hexadecimal digits. Unencoded letters beyond ASCII are accepted, because
    /// clients and MSN's servers sent them.
    private static func isEncoded(_ token: Span<UInt8>, from sign: Int) -> Bool {
        var index = sign
        while index < token.count {
            guard PercentEncoding.byte(in: token, at: index) != nil else { return false }
            index = token.first(0x25, from: index &+ 1, to: token.count)
        }
        return true
    }
}
