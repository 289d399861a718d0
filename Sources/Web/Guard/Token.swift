// The token that opens a session, and comparison in constant time.

import Crypto
import MSNP

/// What a reader must know to be let in.
package struct Token: Sendable {
    /// The token as text.
    let text: String
    /// Whether people chose it or it is used again in later runs. Guesses are then slowed down; one of 256 random bits
    /// needs no such protection, and nobody can lock its reader out.
    let isFixed: Bool
    /// Whether the printed link contains it.
    let isInLink: Bool

    /// A token for this run of the program.
    package static func random() -> Token { Token(text: randomText(), isFixed: false, isInLink: true) }

    /// The token from a file of the user.
    package static func fixed(_ text: String) -> Token { Token(text: text, isFixed: true, isInLink: true) }

    /// A password, which is typed and never part of an address.
    package static func password(_ text: String) -> Token { Token(text: text, isFixed: true, isInLink: false) }

    /// Whether a text is the token.
    func isEqual(to other: String) -> Bool { Self.areEqual(text, other) }

    /// Compares two texts in a time that does not depend on where they differ.
    static func areEqual(_ one: String, _ other: String) -> Bool {
        // The lengths of digests are equal, and their bytes say nothing about the beginning of a text.
        let (one, other) = (SHA256.hash(data: Array(one.utf8)), SHA256.hash(data: Array(other.utf8)))
        return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// 32 random bytes in the alphabet of URLs.
    static func randomText() -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return Base64URL.text(bytes)
    }
}

/// Base64 in the alphabet of URLs, without padding.
enum Base64URL {
    static func text(_ bytes: [UInt8]) -> String {
        let digits = Base64.encode(bytes).filter { $0 != UInt8(ascii: "=") }.map { digit -> UInt8 in
            switch digit {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: digit
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// The bytes; nil for a text that `text` does not make.
    static func bytes(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map { digit -> UInt8 in
            switch digit {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: digit
            }
        }
        guard let bytes = Base64.decode(digits), Self.text(bytes) == text else { return nil }
        return bytes
    }
}
