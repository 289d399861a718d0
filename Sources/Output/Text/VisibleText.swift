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
            index = append(plainPartOf: span, from: index, to: span.count, special: { $0.notPrintable })
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
            index = append(visibleLettersOf: span, from: index, to: span.count)
            guard index < span.count else { return }
            guard span[index] >= 0x80 else { continue }
            let length = UTF8Sequence.length(in: span, at: index, end: span.count)
            if length == 0 {
                append(plain: "\\x")
                append(hex: span[index])
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

extension Span<UInt8> {
    /// Whether the bytes are readable text: UTF-8 without controls other than tabs and line ends.
    var isReadable: Bool {
        var index = 0
        while index < count {
            index = first(from: index, to: count) { $0.lessThanSpace }
            guard index < count else { break }
            let byte = self[index]
            if byte < 0x20, byte != 0x09, byte != 0x0A, byte != 0x0D { return false }
            let length = UTF8Sequence.length(in: self, at: index, end: count)
            guard length > 0 else { return false }
            index &+= length
        }
        return true
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
