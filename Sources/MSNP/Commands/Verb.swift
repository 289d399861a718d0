// The first word of a command line: three capitals, or the three digits of an error.

/// A command's name. Any three capitals or digits make one, known or not; the empty verb stands for an empty line.
public struct Verb: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The three bytes, the first in the highest place; 0 for the empty verb.
    public let packed: UInt32

    /// The verb of an empty line.
    public static let empty = Verb(packed: 0)

    @usableFromInline
    init(packed: UInt32) { self.packed = packed }

    /// Packs three bytes; nil where they are neither three capitals nor three digits (payload-rules.md, L5).
    @inline(__always)
    init?(_ a: UInt8, _ b: UInt8, _ c: UInt8) {
        if Self.isCapital(a) {
            guard Self.isCapital(b), Self.isCapital(c) else { return nil }
        } else {
            guard Self.isDigit(a), Self.isDigit(b), Self.isDigit(c) else { return nil }
        }
        packed = UInt32(a) &<< 16 | UInt32(b) &<< 8 | UInt32(c)
    }

    /// A verb written in the source: three letters or digits; text of another length becomes the empty verb.
    @inlinable
    public init(stringLiteral text: StaticString) {
        guard text.utf8CodeUnitCount == 3 else {
            self.init(packed: 0)
            return
        }
        // The three bytes are in the program itself; the compiler turns all of this into a number.
        let letters = unsafe text.utf8Start
        self.init(
            packed: unsafe UInt32(letters[0]) &<< 16 | UInt32(letters[1]) &<< 8 | UInt32(letters[2]))
    }

    /// The verb that this text spells, or nil.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 3 else { return nil }
        self.init(bytes[0], bytes[1], bytes[2])
    }

    /// Whether this is the number of an error.
    public var isError: Bool { packed != 0 && packed &>> 16 <= 0x39 }

    /// The verb's letters or digits.
    public var description: String {
        guard packed != 0 else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The three bytes as they stand on the wire; none for the empty verb.
    public var bytes: [UInt8] {
        guard packed != 0 else { return [] }
        return [
            UInt8(truncatingIfNeeded: packed &>> 16), UInt8(truncatingIfNeeded: packed &>> 8),
            UInt8(truncatingIfNeeded: packed),
        ]
    }

    /// A number below `tableSize` for verbs of letters, for look-up tables; `tableSize` - 1 for all others.
    @inline(__always)
    var tableIndex: Int {
        guard packed >= 0x41_41_41 else { return isError ? Self.errorIndex : Self.errorIndex &+ 1 }
        let a = (packed &>> 16) &- 0x41
        let b = (packed &>> 8 & 0xFF) &- 0x41
        let c = (packed & 0xFF) &- 0x41
        return Int((a &* 26 &+ b) &* 26 &+ c)
    }

    static let errorIndex = 26 * 26 * 26
    static let tableSize = errorIndex + 2

    @inline(__always)
    private static func isCapital(_ byte: UInt8) -> Bool { byte &- 0x41 < 26 }

    @inline(__always)
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}
