// What masks are made with.

internal import Crypto
internal import MSNP

/// A key for masks: with it the same secret always has the same mask; without it nobody can find out whether a guess at a
/// secret is right.
///
/// It is printed nowhere, and nothing that describes values shows it.
package struct MaskKey: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// The key's bytes, for the archive that keeps it.
    package let bytes: [UInt8]

    /// How many bytes a key has.
    package static let length = 32
    /// How often a digest is digested before it is a key: a few milliseconds for whoever reads a capture, and as much for
    /// every guess at one.
    private static let rounds = 10_000

    /// A key that was kept.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// A key that nobody had before.
    package static func random() -> MaskKey {
        MaskKey((0..<length).map { _ in UInt8.random(in: 0...255) })
    }

    /// The key of what is shown and kept nowhere.
    package static let ofThisRun = random()

    /// A key out of content that has none: who has it finds the same key again.
    package init(derivedFrom content: some Sequence<UInt8>) {
        var digest = Array(SHA256.hash(data: Array("butterflynet mask key".utf8) + content))
        for _ in 0..<Self.rounds { digest = Array(SHA256.hash(data: digest)) }
        bytes = digest
    }

    /// What stands for a secret: short, without spaces, 24 bits of a keyed digest. That is enough to follow a cookie through
    /// a session.
    package func mask(of secret: some Sequence<UInt8>) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array(secret), using: SymmetricKey(data: bytes))
        return "‹secret:\(Hexadecimal.text(code.prefix(3)))›"
    }

    /// That it is one, and nothing of it.
    package var description: String { "a key" }
    /// Nothing.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The beginning of what was read, out of which the key of a capture is made.
package struct ContentKey: Sendable {
    private var hash = SHA256()
    private var count = 0

    /// After so many bytes no more is wanted, so that a key is there before the first mask.
    private static let most = 64 << 10

    /// Nothing was read yet.
    package init() {}

    /// Whether more makes no difference.
    package var isFull: Bool { count >= Self.most }
    /// Whether nothing was read yet.
    package var isEmpty: Bool { count == 0 }

    /// Takes a piece of the content, in full if any of it is wanted, with a number that belongs to it.
    package mutating func take(_ bytes: [UInt8], number: Int64 = 0) {
        guard !isFull else { return }
        for value in [number, Int64(bytes.count)] {
            hash.update(data: (0..<8).map { UInt8(truncatingIfNeeded: value &>> ($0 * 8)) })
        }
        hash.update(data: bytes)
        count += bytes.count
    }

    /// The key.
    package var key: MaskKey { MaskKey(derivedFrom: Array(hash.finalize())) }
}
