// Makes placeholders: as long as the original, the same for the same original, and not reversible without the key.

internal import MSNP

/// Makes the placeholders of one export. All derive from a key that is not kept, so that a guessed original cannot be
/// checked against its placeholder.
struct Placeholders: Sendable {
    private let key: (UInt64, UInt64)
    /// Values from the first pass, which placeholders must fit.
    var learned = LearnedValues()

    /// The byte that fills data.
    static let filling: UInt8 = 0x2E

    init(key: (UInt64, UInt64)) { self.key = key }

    /// Pseudorandom numbers, seeded by an original.
    struct Generator {
        private var state: UInt64

        fileprivate init(_ seed: UInt64) { state = seed }

        /// A number below a small bound (SplitMix64).
        mutating func next(below bound: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed &>> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed &>> 27) &* 0x94D0_49BB_1331_11EB
            return Int((mixed ^ mixed &>> 31) &>> 33) % bound
        }
    }

    /// The generator of an original; `label` separates different uses of the same bytes.
    func generator(_ label: UInt8, _ original: some Collection<UInt8>) -> Generator { Generator(hash(label, original)) }

    /// SipHash-2-4 (Aumasson and Bernstein): its result reveals nothing without the key.
    func hash(_ label: UInt8, _ message: some Collection<UInt8>) -> UInt64 {
        var v0 = key.0 ^ 0x736F_6D65_7073_6575
        var v1 = key.1 ^ 0x646F_7261_6E64_6F6D
        var v2 = key.0 ^ 0x6C79_6765_6E65_7261
        var v3 = key.1 ^ 0x7465_6462_7974_6573
        func round() {
            v0 &+= v1
            v1 = v1 &<< 13 | v1 &>> 51
            v1 ^= v0
            v0 = v0 &<< 32 | v0 &>> 32
            v2 &+= v3
            v3 = v3 &<< 16 | v3 &>> 48
            v3 ^= v2
            v0 &+= v3
            v3 = v3 &<< 21 | v3 &>> 43
            v3 ^= v0
            v2 &+= v1
            v1 = v1 &<< 17 | v1 &>> 47
            v1 ^= v2
            v2 = v2 &<< 32 | v2 &>> 32
        }
        func compress(_ word: UInt64) {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }
        var word = UInt64(label)
        var filled: UInt64 = 1
        for byte in message {
            word |= UInt64(byte) &<< (8 &* filled)
            filled += 1
            guard filled == 8 else { continue }
            compress(word)
            (word, filled) = (0, 0)
        }
        compress(word | UInt64(truncatingIfNeeded: message.count &+ 1) &<< 56)
        v2 ^= 0xFF
        for _ in 0..<4 { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }
}

// MARK: - Shapes

extension Placeholders {
    /// Lowercase letters for all bytes except line ends and zeros, which show where texts are divided.
    func letters(_ original: some Collection<UInt8>) -> [UInt8] {
        var generator = generator(0x54, original)
        return original.map { byte in
            let letter = UInt8(truncatingIfNeeded: 0x61 + generator.next(below: 26))
            return byte == 0x0D || byte == 0x0A || byte == 0 ? byte : letter
        }
    }

    /// Digits for digits, letters for letters, and letters for all other bytes except separators.
    func token(_ original: some Collection<UInt8>) -> [UInt8] {
        var generator = generator(0x4B, original)
        var isFirst = true
        return original.map { byte in
            let number = generator.next(below: 26 * 9 * 10)
            defer { isFirst = !byte.isDigit }
            // A number without a leading 0 does not get one.
            if byte.isDigit {
                return UInt8(truncatingIfNeeded: isFirst && byte > 0x30 ? 0x31 + number % 9 : 0x30 + number % 10)
            }
            if byte &- 0x41 < 26 { return UInt8(truncatingIfNeeded: 0x41 + number % 26) }
            return Self.separators.contains(byte) ? byte : UInt8(truncatingIfNeeded: 0x61 + number % 26)
        }
    }

    /// Hexadecimal digits for hexadecimal digits; the dashes and braces of GUIDs stay.
    func hex(_ original: some Collection<UInt8>) -> [UInt8] {
        // Case must not matter: the same GUID occurs in both cases.
        var generator = generator(0x48, original.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 })
        let isUpper = original.contains { $0 &- 0x41 < 6 }
        return original.map { byte in
            let digit = UInt8(truncatingIfNeeded: generator.next(below: 16))
            if !byte.isHexDigit { return [0x2D, 0x7B, 0x7D].contains(byte) ? byte : 0x78 }
            return Hexadecimal.digit(digit, isUpperCase: isUpper)
        }
    }

    /// Base64 of the same length; the unused bits of the last digit are 0.
    func base64(_ original: some Collection<UInt8>) -> [UInt8] {
        var generator = generator(0x42, original)
        let all = Array(original)
        let digits = all.count { Base64.value(of: $0) != nil }
        var seen = 0
        return all.map { byte in
            guard Base64.value(of: byte) != nil else {
                return byte == 0x3D || byte == 0x0D || byte == 0x0A ? byte : 0x41
            }
            seen += 1
            let value = UInt8(truncatingIfNeeded: generator.next(below: 64))
            let isLast = seen == digits
            return Base64.digit(
                isLast && digits % 4 == 2 ? value & 0x30 : isLast && digits % 4 == 3 ? value & 0x3C : value)
        }
    }

    /// The placeholder of an account's part before the `@`, which XML lists have alone. Different accounts stay
    /// different: short ones of letters and digits are permuted, long ones do not collide in practice.
    func local(_ original: some Collection<UInt8>) -> [UInt8] {
        let lowered = Self.lowered(original)
        if lowered.count <= Self.maxPermutedLength, let permuted = permuted(lowered) { return permuted }
        var generator = generator(0x4C, lowered)
        return lowered.indices.map { index in
            let number = generator.next(below: 26 * 18)
            return index == 0 || number % 18 < 13
                ? UInt8(truncatingIfNeeded: 0x61 + number / 18) : UInt8(truncatingIfNeeded: 0x30 + number % 10)
        }
    }

    /// The limit on permuted letters and digits: the number must fit 62 bits.
    private static let maxPermutedLength = 11

    /// A one-to-one permutation of texts of letters and digits. Nil if the text has other bytes.
    private func permuted(_ text: [UInt8]) -> [UInt8]? {
        var number: UInt64 = 0
        var choices: UInt64 = 1
        for byte in text {
            guard byte.isDigit || byte &- 0x61 < 26 else { return nil }
            number = number &* 36 &+ UInt64(byte.isDigit ? byte &- 0x30 : byte &- 0x57)
            choices = choices &* 36
        }
        number = permuted(number, below: choices, label: [0x4C, UInt8(truncatingIfNeeded: text.count)])
        var digits: [UInt8] = []
        for _ in text {
            let digit = UInt8(truncatingIfNeeded: number % 36)
            digits.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
            number /= 36
        }
        return digits.reversed()
    }

    /// The placeholder of an account's domain: a name under `test`, which is reserved (RFC 2606), if there is room.
    func domain(_ original: some Collection<UInt8>) -> [UInt8] {
        var generator = generator(0x44, Self.lowered(original))
        let end = original.count > 5 ? Array(".test".utf8) : []
        return original.prefix(original.count - end.count).map { _ in
            UInt8(truncatingIfNeeded: 0x61 + generator.next(below: 26))
        } + end
    }

    private static func lowered(_ bytes: some Collection<UInt8>) -> [UInt8] {
        bytes.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
    }

    private static let separators = Set(".=&,-{}:/".utf8)
}
