// Placeholders for numbers that other data refers to: one-to-one within a copy.

internal import MSNP

extension Placeholders {
    /// The placeholder of a 32-bit number that packets refer to: different numbers stay different, and 0 stays.
    func number(_ original: UInt32) -> UInt32 {
        guard original != 0 else { return 0 }
        return UInt32(truncatingIfNeeded: 1 + permuted(UInt64(original) - 1, below: UInt64(UInt32.max), label: [0x51]))
    }

    /// The placeholder of a session identifier, in texts and packets: a number with as many digits. Short ones identify
    /// nothing and stay.
    func session(_ original: UInt32) -> UInt32 {
        original <= Self.maxShortNumber ? original : sameDigits(original, label: 0x53)
    }

    /// The placeholder of a session identifier in text. Anything but such a number gets digits for digits.
    func session(_ original: [UInt8]) -> [UInt8] {
        guard let number = plainNumber(original) else { return token(original) }
        return Array(String(session(number)).utf8)
    }

    /// The placeholder of a long transaction identifier: as many digits, one to one, so that responses still match
    /// requests.
    func transaction(_ original: [UInt8]) -> [UInt8] {
        guard let number = plainNumber(original), number > Self.maxShortNumber else { return token(original) }
        return Array(String(sameDigits(number, label: 0x54)).utf8)
    }

    /// The placeholder of a length without matching data in the recording: the largest number with as many digits, so
    /// that every recorded part lies within it.
    func size(_ original: [UInt8]) -> [UInt8] {
        HarmlessValues.decimal(ByteSlice(original)) == nil ? token(original) : original.map { _ in 0x39 }
    }

    /// The placeholder of such a length in packets.
    func size(_ original: UInt64) -> UInt64 {
        guard original > UInt64(Self.maxShortNumber), learned.claimed.contains(original),
            !learned.lengths.contains(original)
        else { return original }
        return (0..<String(original).count).reduce(0) { number, _ in number &* 10 &+ 9 }
    }

    /// Numbers up to this one stay: they are counts, and no telephone number is so short.
    static let maxShortNumber: UInt32 = 99_999

    /// The value of a decimal number without leading zeros; nil for anything else.
    private func plainNumber(_ text: [UInt8]) -> UInt32? {
        guard text.count == 1 || text.first != 0x30 else { return nil }
        return HarmlessValues.decimal(ByteSlice(text)).flatMap(UInt32.init(exactly:))
    }

    private func sameDigits(_ number: UInt32, label: UInt8) -> UInt32 {
        let digits = String(number).count
        let least = (1..<digits).reduce(1 as UInt64) { least, _ in least &* 10 }
        let end = min(least &* 10, UInt64(UInt32.max) + 1)
        let other = permuted(UInt64(number) - least, below: end - least, label: [label, UInt8(clamping: digits)])
        return UInt32(truncatingIfNeeded: least + other)
    }

    /// A keyed permutation of the numbers below a bound of at most 62 bits: a Feistel network with as many bits as the
    /// bound, repeated until the result is below it.
    func permuted(_ number: UInt64, below bound: UInt64, label: [UInt8]) -> UInt64 {
        let half = UInt64((64 - bound.leadingZeroBitCount + 1) / 2)
        let mask = (1 as UInt64) &<< half &- 1
        var number = number
        repeat {
            var (left, right) = (number &>> half, number & mask)
            for round in 0..<6 as Range<UInt8> {
                let word = hash(
                    0x4C, label + [round] + (0..<8).map { UInt8(truncatingIfNeeded: right &>> (8 &* $0)) })
                (left, right) = (right, left ^ word & mask)
            }
            number = left &<< half | right
        } while number >= bound
        return number
    }
}
