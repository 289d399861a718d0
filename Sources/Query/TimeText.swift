// Reads the times that people type: dates, times of day on them, and times relative to now.

package import Events

/// Reads times, given the zone of those without one, and the current time.
package struct TimeText: Sendable {
    /// The zone of times that name none.
    package var zone: TimeZoneRules
    /// The current time; without it relative times are not understood.
    package var now: Timestamp?

    package init(zone: TimeZoneRules = .utc, now: Timestamp? = nil) {
        self.zone = zone
        self.now = now
    }

    /// The forms that `period` understands, for messages.
    package static let forms =
        "2005, 2005-05, 2005-05-06, “2005-05-06 15:28”, 2005-05-06T15:28:18Z, 2005-05-06T17:28:18+02:00, today, "
        + "yesterday, or 2h, 3d, 1w ago"

    /// The period that a text names: of `2005-05-06` the day, of `2005-05-06 15:28` the minute. A relative time such as
    /// `2h` is empty: one point in time.
    ///
    /// - Returns: nil if the text is no time, or one that nanoseconds since 1970 cannot express.
    package func period(of text: String) -> Range<Timestamp>? {
        let text = text.lowercased()
        return relative(text) ?? absolute(text)
    }

    // MARK: - Relative times

    private func relative(_ text: String) -> Range<Timestamp>? {
        guard let now else { return nil }
        switch text {
        case "now": return now..<now
        case "today": return day(before: now, 0)
        case "yesterday": return day(before: now, 1)
        default: break
        }
        let words = text.split(separator: " ")
        guard let first = words.first, words.count == 1 || words.count == 2 && words[1] == "ago" else { return nil }
        let digits = first.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits), let unit = Self.units[String(first[digits.endIndex...])] else { return nil }
        let (length, isTooLong) = count.multipliedReportingOverflow(by: unit * 1_000_000_000)
        let (time, isTooEarly) = now.nanoseconds.subtractingReportingOverflow(length)
        guard !isTooLong, !isTooEarly else { return nil }
        return Timestamp(nanoseconds: time)..<Timestamp(nanoseconds: time)
    }

    private static let units: [String: Int64] = ["s": 1, "min": 60, "m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400]

    private func day(before now: Timestamp, _ days: Int64) -> Range<Timestamp>? {
        let day = now.shifted(to: zone).day - days
        return Self.range(zone.second(ofLocal: day * 86_400), zone.second(ofLocal: (day + 1) * 86_400))
    }

    // MARK: - Dates and times of day

    private func absolute(_ text: String) -> Range<Timestamp>? {
        var reader = Reader(text)
        guard let year = reader.number(4) else { return nil }
        guard !reader.isAtEnd else { return period(year, 1, year + 1, 1) }
        guard reader.take("-"), let month = reader.number(2), 1...12 ~= month else { return nil }
        guard !reader.isAtEnd else { return period(year, month, month == 12 ? year + 1 : year, month % 12 + 1) }
        guard reader.take("-"), let day = reader.number(2), 1...Self.days(in: month, of: year) ~= day else {
            return nil
        }
        let midnight = Self.days(to: year, month, day) * 86_400
        guard !reader.isAtEnd else { return local(midnight, 86_400) }
        guard reader.take("t", " "), let hour = reader.number(2), hour < 24, reader.take(":"),
            let minute = reader.number(2), minute < 60
        else { return nil }
        var second = midnight + hour * 3_600 + minute * 60
        var (length, fraction): (Int64, Int64) = (60, 0)
        var unit: Int64 = 1_000_000_000
        if reader.take(":") {
            guard let seconds = reader.number(2), seconds < 60 else { return nil }
            second += seconds
            length = 1
            if reader.take(".") {
                guard let part = reader.fraction() else { return nil }
                (fraction, unit) = part
            }
        }
        let start: Int64
        if reader.isAtEnd {
            start = zone.second(ofLocal: second)
        } else {
            guard let offset = reader.offset(), reader.isAtEnd else { return nil }
            start = second - offset
        }
        guard length == 1 else { return Self.range(start, start + length) }
        return Self.range(start, fraction, fraction + unit)
    }

    private func period(_ year: Int64, _ month: Int64, _ nextYear: Int64, _ nextMonth: Int64) -> Range<Timestamp>? {
        let (start, end) = (Self.days(to: year, month, 1), Self.days(to: nextYear, nextMonth, 1))
        return local(start * 86_400, (end - start) * 86_400)
    }

    private func local(_ start: Int64, _ length: Int64) -> Range<Timestamp>? {
        Self.range(zone.second(ofLocal: start), zone.second(ofLocal: start + length))
    }

    /// A range of seconds, or of nanoseconds within the first second.
    private static func range(_ start: Int64, _ end: Int64) -> Range<Timestamp>? {
        guard let start = timestamp(start, 0), let end = timestamp(end, 0), start <= end else { return nil }
        return start..<end
    }

    private static func range(_ second: Int64, _ first: Int64, _ last: Int64) -> Range<Timestamp>? {
        guard let start = timestamp(second, first), let end = timestamp(second, last) else { return nil }
        return start..<end
    }

    private static func timestamp(_ second: Int64, _ fraction: Int64) -> Timestamp? {
        let (whole, isTooLarge) = second.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isOver) = whole.addingReportingOverflow(fraction)
        return isTooLarge || isOver ? nil : Timestamp(nanoseconds: sum)
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        days(to: month == 12 ? year + 1 : year, month % 12 + 1, 1) - days(to: year, month, 1)
    }

    /// The days from 1970-01-01 to a Gregorian date, counted in 400-year eras that start on 1 March.
    private static func days(to year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month > 2 ? year : year - 1
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Reads a text from its beginning, a byte at a time.
    private struct Reader {
        private var rest: ArraySlice<UInt8>

        init(_ text: String) { rest = Array(text.utf8)[...] }

        var isAtEnd: Bool { rest.isEmpty }

        /// Consumes the next character if it is one of these.
        mutating func take(_ characters: Unicode.Scalar...) -> Bool {
            guard let next = rest.first, characters.contains(where: { $0.value == UInt32(next) }) else { return false }
            rest = rest.dropFirst()
            return true
        }

        /// A number of exactly this many digits.
        mutating func number(_ digits: Int) -> Int64? {
            let head = rest.prefix(digits)
            guard head.count == digits, head.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
            rest = rest.dropFirst(digits)
            return head.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }

        /// Decimals of a second in nanoseconds, and the size of the last decimal.
        mutating func fraction() -> (value: Int64, unit: Int64)? {
            let digits = rest.prefix { $0 &- 0x30 < 10 }
            guard 1...9 ~= digits.count else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = (digits.count..<9).reduce(Int64(1)) { unit, _ in unit * 10 }
            return (digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) } * unit, unit)
        }

        /// `Z`, `+02:00`, `+0200` or `UTC` in seconds east of UTC.
        mutating func offset() -> Int64? {
            _ = take(" ")
            if rest.elementsEqual("utc".utf8) || rest.elementsEqual("z".utf8) {
                rest = []
                return 0
            }
            let isWest = rest.first == 0x2D
            guard take("+", "-"), let hours = number(2), hours < 24 else { return nil }
            _ = take(":")
            guard let minutes = number(2), minutes < 60 else { return nil }
            return (isWest ? -1 : 1) * (hours * 3_600 + minutes * 60)
        }
    }
}
