// Points in time as nanoseconds. Callers pass times in; this module never reads a clock.

internal import MSNP

/// Nanoseconds since 1970-01-01T00:00:00Z.
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Nanoseconds since 1970; negative before.
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Whether this is a placeholder for an unknown time. In logs without times, each line counts as one microsecond
    /// from 1970 on; the longest log stays within 90 seconds.
    package var isStandIn: Bool { 0..<90_000_000_000 ~= nanoseconds }

    /// The UTC day, counted from 1970-01-01.
    package var day: Int64 { Self.floorDivision(nanoseconds, 86_400_000_000_000).0 }

    /// Whether the date is known. Logs with times of day but no dates count from 1970-01-01.
    package var hasDate: Bool { day > 365 }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.nanoseconds < b.nanoseconds }

    /// The time in RFC 3339 format, in UTC with microseconds: `2005-05-06T09:17:57.389967Z`.
    package var rfc3339: String {
        let (second, nanoseconds) = secondAndFraction
        let (date, clock) = Self.text(ofSecond: second)
        let micros = String(nanoseconds / 1_000)
        let zeros = String(repeating: "0", count: 6 - micros.utf8.count)
        return String(decoding: date + [UInt8(ascii: "T")] + clock, as: UTF8.self) + ".\(zeros)\(micros)Z"
    }

    /// The whole seconds since 1970, rounded down, and the remaining nanoseconds.
    package var secondAndFraction: (second: Int64, nanoseconds: Int64) {
        let (second, fraction) = Self.floorDivision(nanoseconds, 1_000_000_000)
        return (second, fraction)
    }

    /// The UTC date and time of a second since 1970: `2005-05-06` and `09:17:57`.
    package static func text(ofSecond second: Int64) -> (date: [UInt8], clock: [UInt8]) {
        let (days, inDay) = floorDivision(second, 86_400)
        let (year, month, day) = civil(fromDays: days)
        let date = digits(year, 4) + [0x2D] + digits(month, 2) + [0x2D] + digits(day, 2)
        let clock =
            digits(inDay / 3_600, 2) + [0x3A] + digits(inDay / 60 % 60, 2) + [0x3A] + digits(inDay % 60, 2)
        return (date, clock)
    }

    private static func digits(_ value: Int64, _ width: Int) -> [UInt8] {
        let text = Array(String(value).utf8)
        return [UInt8](repeating: 0x30, count: max(0, width - text.count)) + text
    }

    private static func floorDivision(_ value: Int64, _ divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// The Gregorian date of a day counted from 1970-01-01, computed with 400-year eras that start on 1 March.
    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivision(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}
