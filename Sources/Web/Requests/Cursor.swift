// Places in lists as opaque texts: a version, numbers, and a check sum, in base64 of URLs.

import Crypto

/// The lists that have cursors.
enum CursorKind: UInt8, Sendable {
    case session = 1
    case event = 2
    case talk = 3
    case entry = 4
    case message = 5
    case finding = 6
    case media = 7
    case ladder = 8
}

/// Writes a place.
struct CursorWriter: Sendable {
    private var bytes: [UInt8]

    init(kind: CursorKind) { bytes = [1, kind.rawValue] }

    mutating func add(_ number: Int64) {
        let bits = UInt64(bitPattern: number)
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
    }

    var text: String { Base64URL.text(bytes + Self.check(bytes[...])) }

    /// Six bytes that change with each bit: a place that was changed is an error and not another place. It keeps nothing
    /// secret.
    static func check(_ bytes: ArraySlice<UInt8>) -> [UInt8] { Array(SHA256.hash(data: Array(bytes)).prefix(6)) }
}

/// Reads a place.
struct CursorReader: Sendable {
    private var rest: ArraySlice<UInt8>

    /// - Returns: nil for a text that a writer of this kind did not make.
    init?(_ text: String, kind: CursorKind) {
        guard text.utf8.count <= 128, let bytes = Base64URL.bytes(text), bytes.count >= 8 else { return nil }
        let body = bytes.dropLast(6)
        guard body.starts(with: [1, kind.rawValue]), CursorWriter.check(body) == Array(bytes.suffix(6)) else {
            return nil
        }
        rest = body.dropFirst(2)
    }

    /// The next number; nil at the end.
    mutating func next() -> Int64? {
        guard rest.count >= 8 else { return nil }
        let bits = rest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        rest = rest.dropFirst(8)
        return Int64(bitPattern: bits)
    }

    var isAtEnd: Bool { rest.isEmpty }
}
