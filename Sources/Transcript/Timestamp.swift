// A moment in time, as a number that is handed down from the edge; nothing below asks a clock.

internal import MSNP

/// Nanoseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// The count; negative before 1970.
    public var nanoseconds: Int64

    /// A moment so many nanoseconds after 1970.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Whether it stands in for a time that nobody wrote down: lines of texts without times are counted in microseconds
    /// from 1970 on, and the largest has lines for little more than a minute.
    public var isStandIn: Bool { 0..<90_000_000_000 ~= nanoseconds }

    /// The day in UTC, counted from 1970-01-01.
    var day: Int64 { TimeWriter.floorDivision(nanoseconds, 86_400_000_000_000).0 }

    /// Whether the date means something: texts with times of day and no dates are told as from 1970-01-01 on.
    public var hasDate: Bool { day > 365 }

    /// `2005-05-06 UTC`, for people; `no date` where none is known.
    public var dateInWords: String { hasDate ? "\(rfc3339.prefix { $0 != "T" }) UTC" : "no date" }

    /// Earlier moments are smaller.
    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.nanoseconds < b.nanoseconds }

    /// The moment as RFC 3339 writes it, in UTC with microseconds: `2005-05-06T09:17:57.389967Z`.
    public var rfc3339: String {
        var writer = TimeWriter()
        var bytes: [UInt8] = []
        bytes.write { writer.appendDateAndTime(self, to: &$0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Writes times as text; remembers the last second, for most events share it with their neighbour.
struct TimeWriter: Sendable {
    private var second: Int64 = .min
    private var clock: [UInt8] = []
    private var dateAndClock: [UInt8] = []
    private var template = InlineArray<64, UInt8>(repeating: 0x30)
    private var stampLength = 0

    /// Appends `2005-05-06T09:17:57.389967Z`.
    mutating func appendDateAndTime(_ time: Timestamp, to bytes: inout ByteWriter) {
        let fraction = prepare(time)
        bytes.append(dateAndClock)
        Self.append(fraction / 1_000, digits: 6, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// Appends `09:17:57.389967`.
    mutating func appendTime(_ time: Timestamp, to bytes: inout ByteWriter) {
        let fraction = prepare(time)
        bytes.append(clock)
        bytes.append(UInt8(ascii: "."))
        Self.append(fraction / 1_000, digits: 6, to: &bytes)
    }

    /// Appends `2005-05-06T09:17:57.389967Z","ns":1115371077389967000`, the two times that every JSON line has, in one
    /// piece.
    mutating func appendStamp(_ time: Timestamp, to bytes: inout ByteWriter) {
        guard time.nanoseconds >= 1_000_000_000 else {
            appendDateAndTime(time, to: &bytes)
            bytes.append(plain: "\",\"ns\":")
            bytes.append(number: time.nanoseconds)
            return
        }
        let fraction = prepare(time)
        bytes.append(stamp(fraction).span, 0..<stampLength)
    }

    /// The stamp of this second with this fraction in both its places.
    private mutating func stamp(_ nanoseconds: Int64) -> InlineArray<64, UInt8> {
        var rest = UInt32(truncatingIfNeeded: nanoseconds)
        var index = 8
        while index >= 0 {
            let digit = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            template[stampLength &- 9 &+ index] = digit
            if index < 6 { template[20 &+ index] = digit }
            index &-= 1
        }
        return template
    }

    /// Makes the texts of this second.
    ///
    /// - Returns: the nanoseconds within it.
    private mutating func prepare(_ time: Timestamp) -> Int64 {
        let (quotient, remainder) = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let whole = remainder < 0 ? quotient - 1 : quotient
        let rest = remainder < 0 ? remainder + 1_000_000_000 : remainder
        if whole != second {
            second = whole
            let (days, inDay) = Self.floorDivision(whole, 86_400)
            let (year, month, day) = Self.civil(fromDays: days)
            let date = Self.digits(year, 4) + [0x2D] + Self.digits(month, 2) + [0x2D] + Self.digits(day, 2)
            clock =
                Self.digits(inDay / 3_600, 2) + [0x3A] + Self.digits(inDay / 60 % 60, 2) + [0x3A]
                + Self.digits(inDay % 60, 2)
            dateAndClock = date + [UInt8(ascii: "T")] + clock + [UInt8(ascii: ".")]
            let stamp = dateAndClock + Array("000000Z\",\"ns\":\(whole)000000000".utf8)
            stampLength = min(stamp.count, 64)
            for index in 0..<stampLength { template[index] = stamp[index] }
        }
        return rest
    }

    /// Appends a number with leading zeros; it has at most nine digits.
    private static func append(_ value: Int64, digits count: Int, to bytes: inout ByteWriter) {
        var digits = InlineArray<9, UInt8>(repeating: 0x30)
        var rest = UInt32(truncatingIfNeeded: value)
        var index = 9
        while index > 9 - count {
            index -= 1
            digits[index] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        bytes.append(digits.span, 9 - count..<9)
    }

    private static func digits(_ value: Int64, _ width: Int) -> [UInt8] {
        let text = Array(String(value).utf8)
        return [UInt8](repeating: 0x30, count: max(0, width - text.count)) + text
    }

    fileprivate static func floorDivision(_ value: Int64, _ divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// The Gregorian date of a day counted from 1970-01-01, by eras of 400 years that start on a 1 March.
    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivision(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}
