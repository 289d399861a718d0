// The verb of a command: three capital letters, or the three digits of an error.

/// The verb of a command: any three capital letters or digits, known or not. An empty line has the empty verb.
public struct Verb: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The three bytes in big-endian order; 0 for the empty verb.
    public let packed: UInt32

    /// The verb of an empty line.
    public static let empty = Verb(packed: 0)

    @usableFromInline
    init(packed: UInt32) { self.packed = packed }

    /// Packs three bytes; nil unless they are three capital letters or three digits (payload-rules.md, L5).
    @inline(__always)
    init?(_ first: UInt8, _ second: UInt8, _ third: UInt8) {
        if Self.isCapital(first) {
            guard Self.isCapital(second), Self.isCapital(third) else { return nil }
        } else {
            guard Self.isDigit(first), Self.isDigit(second), Self.isDigit(third) else { return nil }
        }
        packed = UInt32(first) &<< 16 | UInt32(second) &<< 8 | UInt32(third)
    }

    /// Makes a verb from a literal of three letters or digits; a literal of another length gives the empty verb.
    @inlinable
    public init(stringLiteral text: StaticString) {
        guard text.utf8CodeUnitCount == 3 else {
            self.init(packed: 0)
            return
        }
        // The literal is static and has three bytes. The compiler folds this into a constant.
        let letters = unsafe text.utf8Start
        self.init(
            packed: unsafe UInt32(letters[0]) &<< 16 | UInt32(letters[1]) &<< 8 | UInt32(letters[2]))
    }

    /// Parses a verb; nil unless the text is three capital letters or three digits.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 3 else { return nil }
        self.init(bytes[0], bytes[1], bytes[2])
    }

    /// Whether the verb is an error number.
    public var isError: Bool { packed != 0 && packed &>> 16 <= 0x39 }

    /// The letters or digits; empty for the empty verb.
    public var description: String {
        guard packed != 0 else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The three bytes on the wire; empty for the empty verb.
    public var bytes: [UInt8] {
        guard packed != 0 else { return [] }
        return [
            UInt8(truncatingIfNeeded: packed &>> 16), UInt8(truncatingIfNeeded: packed &>> 8),
            UInt8(truncatingIfNeeded: packed),
        ]
    }

    /// The index in lookup tables of `tableSize` entries: one for each verb of letters, `errorIndex` for all errors,
    /// and the last one for the empty verb.
    @inline(__always)
    var tableIndex: Int {
        guard packed >= 0x41_41_41 else { return isError ? Self.errorIndex : Self.errorIndex &+ 1 }
        let first = (packed &>> 16) &- 0x41
        let second = (packed &>> 8 & 0xFF) &- 0x41
        let third = (packed & 0xFF) &- 0x41
        return Int((first &* 26 &+ second) &* 26 &+ third)
    }

    static let errorIndex = 26 * 26 * 26
    static let tableSize = errorIndex + 2

    @inline(__always)
    private static func isCapital(_ byte: UInt8) -> Bool { byte &- 0x41 < 26 }

    @inline(__always)
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}
