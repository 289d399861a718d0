// Recognizes invisible and direction-changing characters, which text, JSON and HTML output escape.

internal import MSNP

/// Determines which characters must be escaped, as `\u{…}` or `\u…`.
///
/// Joiners stay between two letters or two emoji, and variation selectors stay after a character that has variants.
/// Elsewhere they have no visible effect, so they are escaped.
enum InvisibleCharacters {
    /// The length of a character that is visible in every context, by its first two bytes: 2 or 3, the third byte not
    /// examined. 0 for characters that need `scalar`, and for bytes that are not UTF-8.
    @inline(__always)
    static func visibleLength(_ first: UInt8, _ second: UInt8) -> Int {
        guard second & 0xC0 == 0x80 else { return 0 }
        switch first {
        case 0xC3...0xCC, 0xCE...0xD7, 0xD9...0xDF: return 2
        case 0xE4...0xEC: return 3
        // Arabic without the letter mark; kana without the Hangul filler; before the surrogates.
        case 0xD8: return second == 0x9C ? 0 : 2
        case 0xE0: return second >= 0xA0 ? 3 : 0
        case 0xE3: return second != 0x85 ? 3 : 0
        case 0xED: return second < 0xA0 ? 3 : 0
        default: return 0
        }
    }

    /// The character at an index if it must be escaped; nil if it is visible.
    ///
    /// - Parameters:
    ///   - bytes: a text with valid UTF-8 at the index.
    ///   - length: the length of the character in bytes.
    ///   - end: the end of the text.
    static func scalar(in bytes: Span<UInt8>, at index: Int, length: Int, end: Int) -> UInt32? {
        let value = decoded(bytes, index, length)
        let isHidden =
            isContextual(value)
            ? !fits(value, after: before(index, bytes), before: after(index &+ length, bytes, end)) : isHidden(value)
        return isHidden ? value : nil
    }

    /// Whether a character must be escaped between these two.
    static func isHidden(_ value: UInt32, after last: UInt32?, before next: UInt32?) -> Bool {
        isContextual(value) ? !fits(value, after: last, before: next) : isHidden(value)
    }

    /// Whether the only effect of a character is on the writing direction or line breaks around it.
    static func isDirectional(_ value: UInt32) -> Bool {
        switch value {
        case 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// Whether a character is invisible in every context.
    private static func isHidden(_ value: UInt32) -> Bool {
        switch value {
        // Controls, soft hyphen, grapheme joiner, fillers, direction marks, zero-width spaces.
        case 0x80...0x9F, 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B...0x180F: true
        case 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0x2800, 0x3164: true
        // Private use, noncharacters, annotations.
        case 0xE000...0xF8FF, 0xFDD0...0xFDEF, 0xFEFF, 0xFFA0, 0xFFF0...0xFFFC: true
        // Format characters of hieroglyphs, Khitan, shorthand, music.
        case 0x13430...0x1343F, 0x16FE4, 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A: true
        // Unassigned planes, tags, private use.
        case 0x40000...: true
        default: value & 0xFFFE == 0xFFFE
        }
    }

    /// Whether the visibility of a character depends on its neighbours: joiners and variation selectors.
    private static func isContextual(_ value: UInt32) -> Bool {
        switch value {
        case 0x200C, 0x200D, 0xFE00...0xFE0F, 0xE0100...0xE01EF: true
        default: false
        }
    }

    /// Whether a joiner or variation selector has an effect between these two characters.
    private static func fits(_ value: UInt32, after last: UInt32?, before next: UInt32?) -> Bool {
        guard let last else { return false }
        switch value {
        case 0x200C, 0x200D: return (joins(last) || last == 0xFE0F) && next.map(joins) ?? false
        case 0xFE0E, 0xFE0F:
            // Digits, # and * form a keycap emoji only with U+20E3.
            if last == 0x23 || last == 0x2A || 0x30...0x39 ~= last { return next == 0x20E3 }
            return last == 0xA9 || last == 0xAE || 0x203C...0x3299 ~= last && !isHidden(last) || isPicture(last)
        case 0xFE00...0xFE0D: return isIdeograph(last) || 0x2190...0x2BFF ~= last || 0x1000...0x109F ~= last
        default: return isIdeograph(last)
        }
    }

    /// Whether a joiner next to this character can have an effect.
    private static func joins(_ value: UInt32) -> Bool {
        guard value >= 0x590, !isHidden(value), !isContextual(value) else { return false }
        // Excludes punctuation and spaces.
        return !(0x2000...0x206F ~= value || 0x3000...0x3003 ~= value)
    }

    private static func isPicture(_ value: UInt32) -> Bool { 0x1F000...0x1FAFF ~= value }

    private static func isIdeograph(_ value: UInt32) -> Bool {
        0x3400...0x9FFF ~= value || 0xF900...0xFAFF ~= value || 0x20000...0x3FFFD ~= value
    }

    private static func before(_ index: Int, _ bytes: Span<UInt8>) -> UInt32? {
        var start = index &- 1
        while start > 0, index &- start < 4, bytes[start] & 0xC0 == 0x80 { start &-= 1 }
        guard start >= 0, UTF8Sequence.length(in: bytes, at: start, end: index) == index &- start else { return nil }
        return decoded(bytes, start, index &- start)
    }

    private static func after(_ index: Int, _ bytes: Span<UInt8>, _ end: Int) -> UInt32? {
        guard index < end else { return nil }
        let length = UTF8Sequence.length(in: bytes, at: index, end: end)
        return length > 0 ? decoded(bytes, index, length) : nil
    }

    private static func decoded(_ bytes: Span<UInt8>, _ index: Int, _ length: Int) -> UInt32 {
        var value = UInt32(bytes[index])
        switch length {
        case 2: value &= 0x1F
        case 3: value &= 0x0F
        case 4: value &= 0x07
        default: break
        }
        var next = index &+ 1
        while next < index &+ length {
            value = value &<< 6 | UInt32(bytes[next] & 0x3F)
            next &+= 1
        }
        return value
    }
}
