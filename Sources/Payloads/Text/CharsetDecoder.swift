// Decodes text from any character set to UTF-8.

package import MSNP

/// Decodes text to UTF-8. This module has no conversion tables: the caller supplies a converter, such as that of the
/// module `Charsets`, which supports every set.
package struct CharsetDecoder: Sendable {
    /// Converts bytes of a character set to UTF-8, with U+FFFD for invalid characters; nil for unsupported sets.
    package typealias Converter = @Sendable (_ bytes: ByteSlice, _ charset: Charset) -> [UInt8]?

    private let convert: Converter

    package init(_ convert: @escaping Converter) { self.convert = convert }

    /// Decodes UTF-8 and windows-1252 only.
    package static let basic = CharsetDecoder { _, _ in nil }

    /// Decodes a text by its message's headers. Valid UTF-8 is returned unchanged.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - type: the value of `Content-Type`.
    ///   - format: the value of `X-MMS-IM-Format`; evaluated only if needed.
    package func utf8(
        _ bytes: [UInt8], type: ByteSlice?, format: @autoclosure () -> ByteSlice?
    ) -> [UInt8] {
        let declared = type.flatMap(Self.charset)
        if declared?.isUTF8 ?? true, Self.isUTF8(bytes) { return bytes }
        return utf8(ByteSlice(bytes), declared: declared) { format().flatMap { TextStyle($0).charset } }
    }

    /// Decodes a part of a text. If it is UTF-8, incomplete characters at cut ends are dropped.
    ///
    /// - Parameters: see `utf8(_:type:format:)`.
    package func utf8(
        _ bytes: [UInt8], isCutBefore: Bool, isCutBehind: Bool, type: ByteSlice?, format: ByteSlice?
    ) -> [UInt8] {
        guard type.flatMap(Self.charset)?.isUTF8 ?? true else { return utf8(bytes, type: type, format: format) }
        let whole = TruncatedText.whole(ByteSlice(bytes), isCutBefore: isCutBefore, isCutBehind: isCutBehind)
        return utf8(Array(whole), type: type, format: format)
    }

    /// Decodes a text with or without a declared set. A declared `charset=utf-8` is ignored if the text is not UTF-8.
    func text(_ bytes: ByteSlice, declared: Charset?, style: TextStyle? = nil) -> String {
        if declared?.isUTF8 ?? true, let valid = try? UTF8Span(validating: bytes.span) { return String(copying: valid) }
        return String(decoding: utf8(bytes, declared: declared) { style?.charset }, as: UTF8.self)
    }

    private func utf8(_ bytes: ByteSlice, declared: Charset?, font: () -> Charset?) -> [UInt8] {
        if let declared, !declared.isUTF8 {
            if let converted = converted(bytes, declared) { return converted }
        }
        let copy = Array(bytes)
        if Self.isUTF8(copy) { return copy }
        if declared?.isUTF8 == true, let repaired = Self.repaired(copy) { return repaired }
        return font().flatMap { converted(bytes, $0) } ?? Windows1252.utf8(bytes)
    }

    private func converted(_ bytes: ByteSlice, _ charset: Charset) -> [UInt8]? {
        if charset == .windows1252 { return Windows1252.utf8(bytes) }
        return charset.name == "HZ" ? convert(ByteSlice(HZ.eightBit(bytes)), .gb18030) : convert(bytes, charset)
    }

    /// UTF-8 in which U+FFFD replaces a few invalid bytes; nil if many are invalid, because then it is another
    /// character set.
    private static func repaired(_ bytes: [UInt8]) -> [UInt8]? {
        let text = String(decoding: bytes, as: UTF8.self)
        var valid = 0
        var invalid = 0
        for scalar in text.unicodeScalars where scalar.value > 0x7F {
            if scalar == "\u{FFFD}" { invalid += 1 } else { valid += 1 }
        }
        return valid > 3 * invalid ? Array(text.utf8) : nil
    }

    static func isUTF8(_ bytes: [UInt8]) -> Bool { (try? UTF8Span(validating: bytes.span)) != nil }

    /// Whether a text is declared as UTF-8 but is not valid UTF-8.
    package func isMisdeclared(_ bytes: [UInt8], type: ByteSlice?) -> Bool {
        type.flatMap(Self.charset)?.isUTF8 == true && !Self.isUTF8(bytes)
    }

    /// The value of `charset=` in a content type, without quotes; nil if there is none.
    static func charsetName(_ type: ByteSlice) -> ByteSlice? {
        var rest = type
        while let semicolon = rest.firstIndex(of: 0x3B) {
            rest = rest[(semicolon + 1)...].drop(while: isBlank)
            guard Headers.equal(rest.prefix(7), "charset") else { continue }
            let behind = rest.dropFirst(7).drop(while: isBlank)
            guard behind.first == 0x3D else { continue }
            let value = behind.dropFirst().prefix { $0 != 0x3B }.drop { isBlank($0) || $0 == 0x22 || $0 == 0x27 }
            let end = value.lastIndex { !isBlank($0) && $0 != 0x22 && $0 != 0x27 }
            return end.map { value[...$0] }
        }
        return nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// The character set that a content type names; nil if it names none that is known.
    static func charset(_ type: ByteSlice) -> Charset? {
        isUsual(type) ? .utf8 : charsetName(type).flatMap(namedCharset)
    }

    /// Whether this is the type of nearly all texts, for which several checks ask.
    private static func isUsual(_ type: ByteSlice) -> Bool { Headers.equal(type, "text/plain; charset=utf-8") }

    /// The character set with a name; nil if it is unknown.
    static func namedCharset(_ name: ByteSlice) -> Charset? {
        // The common case needs no look-up.
        if Headers.equal(name, "utf-8") { return .utf8 }
        return Charset(named: String(decoding: name, as: UTF8.self))
    }

    /// The value of `charset=` if it names an unknown character set, shortened for display.
    package static func unknownCharset(_ type: ByteSlice) -> String? {
        guard !isUsual(type), let name = charsetName(type), !Headers.equal(name, "utf-8") else { return nil }
        return Charset(named: String(decoding: name, as: UTF8.self)) == nil ? displayText(name) : nil
    }

    /// The name of a character set for fields and findings, at most 80 bytes.
    static func displayText(_ name: ByteSlice) -> String { String(decoding: name.prefix(80), as: UTF8.self) }
}

/// windows-1252. As in browsers, the five undefined bytes decode to control characters.
enum Windows1252 {
    private static let high: [UInt16] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
        0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
        0x0153, 0x9D, 0x017E, 0x0178,
    ]

    static func utf8(_ bytes: ByteSlice) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 8)
        for byte in bytes {
            guard byte >= 0x80 else {
                result.append(byte)
                continue
            }
            let unit = byte < 0xA0 ? high[Int(byte & 0x1F)] : UInt16(byte)
            if unit >= 0x800 {
                result += [0xE0 | UInt8(truncatingIfNeeded: unit &>> 12), Self.tail(unit &>> 6), Self.tail(unit)]
            } else {
                result += [0xC0 | UInt8(truncatingIfNeeded: unit &>> 6), Self.tail(unit)]
            }
        }
        return result
    }

    private static func tail(_ unit: UInt16) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: unit & 0x3F) }
}
