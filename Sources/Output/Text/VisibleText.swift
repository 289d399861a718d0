// Escapes untrusted text so that a terminal displays it without interpreting it.

internal import MSNP

extension ByteWriter {
    /// Appends text that may contain untrusted names, with controls made visible.
    ///
    /// - Parameter keepingLines: whether line feeds stay.
    mutating func append(visible text: String, keepingLines: Bool = false) {
        append(visible: text.utf8Span.span, keepingLines: keepingLines)
    }

    /// Appends bytes with all controls made visible: C0 controls as control pictures (U+2400…), DEL as ␡, invisible and
    /// direction-changing characters as `\u{…}`, bytes that are not UTF-8 as `\xNN`. Tabs stay.
    mutating func append(visible span: Span<UInt8>, keepingLines: Bool = false) {
        var index = 0
        while true {
            index = append(
                plainPartOf: span, from: index, to: span.count, special: Self.notPrintable,
                isPlain: { $0 &- 0x20 < 0x5F })
            guard index < span.count else { return }
            let byte = span[index]
            if byte < 0x80 {
                if byte == 0x09 || (keepingLines && byte == 0x0A) {
                    append(byte)
                } else {
                    append(0xE2)
                    append(0x90)
                    append(byte == 0x7F ? 0xA1 : 0x80 | byte)
                }
                index &+= 1
                continue
            }
            let length = UTF8Sequence.length(in: span, at: index, end: span.count)
            if length == 0 {
                append(plain: "\\x")
                append(hex: byte)
                index &+= 1
            } else if let scalar = InvisibleCharacters.scalar(in: span, at: index, length: length, end: span.count) {
                append("\\u{\(String(scalar, radix: 16))}")
                index &+= length
            } else {
                append(span, index..<index &+ length)
                index &+= length
            }
        }
    }
}

extension [UInt8] {
    /// Appends text that may contain untrusted names, with controls made visible.
    ///
    /// - Parameter keepingLines: whether line feeds stay.
    package mutating func append(visible text: String, keepingLines: Bool = false) {
        write { $0.append(visible: text, keepingLines: keepingLines) }
    }
}
