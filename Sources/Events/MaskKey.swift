// The key for masks: short keyed digests that replace secrets in output.

internal import Crypto
internal import MSNP

/// A key for masks. With one key, equal secrets have equal masks; without the key, a guess at a secret cannot be
/// verified.
///
/// The key is never printed: neither its description nor its mirror shows the bytes.
package struct MaskKey: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// The key's bytes, for storage in an archive.
    package let bytes: [UInt8]

    /// The length of a random key in bytes.
    package static let length = 32
    /// The number of hash iterations that derive a key from content. They cost a capture reader a few milliseconds, and
    /// an attacker the same for each guess at the content.
    private static let rounds = 10_000

    /// A stored key.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// A new random key.
    package static func random() -> MaskKey {
        MaskKey((0..<length).map { _ in UInt8.random(in: 0...255) })
    }

    /// The key for output of this process that is not stored.
    package static let ofThisRun = random()

    /// Derives the key from content that has no stored key, so that the same content always has the same key.
    package init(derivedFrom content: some Sequence<UInt8>) {
        var digest = Array(SHA256.hash(data: Array("butterflynet mask key".utf8) + content))
        for _ in 0..<Self.rounds { digest = Array(SHA256.hash(data: digest)) }
        bytes = digest
    }

    /// The mask that replaces a secret; see `MaskMaker`, which is faster for many secrets.
    package func mask(of secret: some Sequence<UInt8>) -> String {
        String(decoding: MaskMaker(self).mask(of: Array(secret)), as: UTF8.self)
    }

    /// A fixed text that does not show the key.
    package var description: String { "a key" }
    /// An empty mirror, so that dumps do not show the key.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Makes masks with one key.
package struct MaskMaker: Sendable {
    /// The digest after the key, which is the same for all secrets.
    private let keyed: HMAC<SHA256>

    package init(_ key: MaskKey) { keyed = HMAC(key: SymmetricKey(data: key.bytes)) }

    /// The mask that replaces a secret: short, without spaces, with 24 bits of a keyed digest. That is enough to follow
    /// a cookie through a session.
    package func mask(of secret: [UInt8]) -> [UInt8] {
        Array("‹secret:".utf8) + name(of: secret) + "›".utf8
    }

    /// The hexadecimal digits in the mask of a secret.
    package func name(of secret: [UInt8]) -> [UInt8] {
        var code = keyed
        code.update(data: secret)
        return code.finalize().prefix(3).flatMap { [Hexadecimal.digit($0 &>> 4), Hexadecimal.digit($0 & 15)] }
    }
}

/// A running digest of the beginning of a capture, from which its mask key is derived.
package struct ContentKey: Sendable {
    private var hash = SHA256()
    private var count = 0

    /// How many bytes the digest covers at least. The limit makes the key available before the first mask is needed.
    private static let sufficientBytes = 64 << 10

    package init() {}

    /// Whether further content is ignored.
    package var isFull: Bool { count >= Self.sufficientBytes }
    /// Whether no content was added yet.
    package var isEmpty: Bool { count == 0 }

    /// Adds a piece of content and a number that belongs to it. The piece is added whole, or ignored if `isFull`.
    package mutating func take(_ bytes: [UInt8], number: Int64 = 0) {
        guard !isFull else { return }
        for value in [number, Int64(bytes.count)] {
            hash.update(data: (0..<8).map { UInt8(truncatingIfNeeded: value &>> ($0 * 8)) })
        }
        hash.update(data: bytes)
        count += bytes.count
    }

    /// The key derived from the content so far.
    package var key: MaskKey { MaskKey(derivedFrom: Array(hash.finalize())) }
}
