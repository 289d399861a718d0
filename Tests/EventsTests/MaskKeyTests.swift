// Masks are the same for the same secret, and reveal nothing without the key.

import MSNP
import Testing

@testable import Events

@Suite struct MaskKeyTests {
    @Test func masksFollowASecretWithoutShowingIt() {
        let key = MaskKey.random()
        let cookie = Array("17262740.1050826919.32308".utf8)
        #expect(key.mask(of: cookie) == key.mask(of: cookie[...]))
        #expect(key.mask(of: cookie) != key.mask(of: "17262740.1050826919.32309".utf8))
        #expect(key.mask(of: cookie).wholeMatch(of: /‹secret:[0-9a-f]{6}›/) != nil)
        #expect(key.mask(of: []).wholeMatch(of: /‹secret:[0-9a-f]{6}›/) != nil)
        let many = Set((0..<1_000).map { key.mask(of: "cookie \($0)".utf8) })
        #expect(many.count > 990)
    }

    @Test func anotherKeyMakesOtherMasks() {
        let masks = Set((0..<100).map { _ in MaskKey.random().mask(of: "swordfish".utf8) })
        #expect(masks.count > 95)
        #expect(!masks.contains(MaskKey.ofThisRun.mask(of: "swordfish".utf8)))
    }

    /// What can be computed from a guess alone is not the mask: a key of nothing, and the digest of earlier versions.
    @Test func aGuessAloneGivesNoMask() {
        func fnv(_ secret: String) -> String {
            let hash = secret.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
            let digits = String((hash ^ hash >> 32) & 0xFF_FFFF, radix: 16)
            return "‹secret:\(String(repeating: "0", count: 6 - digits.count))\(digits)›"
        }
        let key = MaskKey.random()
        let nothing = MaskKey([UInt8](repeating: 0, count: 32))
        let guesses = (0..<200).map { "password\($0)" }
        let hits = guesses.count { [fnv($0), nothing.mask(of: $0.utf8)].contains(key.mask(of: $0.utf8)) }
        #expect(hits < 3)
    }

    @Test func contentGivesItsKeyAgain() {
        func key(_ pieces: [[UInt8]]) -> MaskKey {
            var content = ContentKey()
            for (index, piece) in pieces.enumerated() { content.take(piece, number: Int64(index)) }
            return content.key
        }
        let pieces = (0..<100).map { [UInt8](repeating: UInt8($0), count: 1_000) }
        #expect(key(pieces) == key(pieces))
        #expect(key(pieces) == key(Array(pieces.prefix(70))), "what comes later makes no difference")
        #expect(key(pieces) != key(Array(pieces.prefix(10))))
        #expect(key([[1, 2], [3]]) != key([[1], [2, 3]]))
    }

    @Test func nothingDescribesAKey() {
        let key = MaskKey([UInt8](repeating: 0xAB, count: 32))
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains("171") && !text.lowercased().contains("abab"))
        }
    }
}
