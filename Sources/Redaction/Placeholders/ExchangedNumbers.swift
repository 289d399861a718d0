// Numbers that something else refers to: each is exchanged for another one, the same throughout a copy.

internal import MSNP

extension Placeholders {
    /// Stands for a number of 32 bits that packets refer to: different ones stay different, and 0 stays.
    func number(_ original: UInt32) -> UInt32 {
        guard original != 0 else { return 0 }
        return UInt32(truncatingIfNeeded: 1 + exchanged(UInt64(original) - 1, below: UInt64(UInt32.max), label: [0x51]))
    }

    /// Stands for the number of a session, in texts as in packets: one of as many digits. Short ones tell nothing.
    func session(_ original: UInt32) -> UInt32 {
        original <= Self.mostShort ? original : sameDigits(original, label: 0x53)
    }

    /// The same as text. What is no such number gets digits for digits.
    func session(_ original: [UInt8]) -> [UInt8] {
        guard let number = plainNumber(original) else { return token(original) }
        return Array(String(session(number)).utf8)
    }

    /// Stands for a transaction identifier of many digits: one of as many, so that answers still find their requests.
    func transaction(_ original: [UInt8]) -> [UInt8] {
        guard let number = plainNumber(original), number > Self.mostShort else { return token(original) }
        return Array(String(sameDigits(number, label: 0x54)).utf8)
    }

    /// Stands for a length that is not the length of anything in the recording: the greatest number of as many digits, so
    /// that no part of the thing lies outside.
    func size(_ original: [UInt8]) -> [UInt8] {
        HarmlessValues.decimal(original[...]) == nil ? token(original) : original.map { _ in 0x39 }
    }

    /// The same in the packets of something whose description tells such a length.
    func size(_ original: UInt64) -> UInt64 {
        guard original > UInt64(Self.mostShort), learned.claimed.contains(original),
            !learned.lengths.contains(original)
        else { return original }
        return (0..<String(original).count).reduce(0) { number, _ in number &* 10 &+ 9 }
    }

    /// Numbers up to here stay: they are counts, and no telephone number is so short.
    static let mostShort: UInt32 = 99_999

    /// A number without zeros in front.
    private func plainNumber(_ text: [UInt8]) -> UInt32? {
        guard text.count == 1 || text.first != 0x30 else { return nil }
        return HarmlessValues.decimal(text[...]).flatMap(UInt32.init(exactly:))
    }

    private func sameDigits(_ number: UInt32, label: UInt8) -> UInt32 {
        let digits = String(number).count
        let least = (1..<digits).reduce(1 as UInt64) { least, _ in least &* 10 }
        let end = min(least &* 10, UInt64(UInt32.max) + 1)
        let other = exchanged(UInt64(number) - least, below: end - least, label: [label, UInt8(clamping: digits)])
        return UInt32(truncatingIfNeeded: least + other)
    }

    /// Another number below a bound of at most 62 bits, each from exactly one: a Feistel network over as many bits as the
    /// bound has, walked until it comes back below it.
    func exchanged(_ number: UInt64, below bound: UInt64, label: [UInt8]) -> UInt64 {
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
