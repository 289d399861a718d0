// Parses times and dates at the start of lines of pasted logs. Pure.

/// A time at the start of a line.
enum LogTime: Equatable, Sendable {
    /// Nanoseconds since midnight.
    case clock(Int64)
    /// Nanoseconds since 1970, interpreted as UTC.
    case date(Int64)

    /// Parses `15:28:18`, `9:28:18`, `15:28:18.123456`, `2005-05-06 15:28:18`, `2005-05-06T15:28:18.123Z`, each also in brackets
    /// or parentheses.
    ///
    /// - Returns: the time and its length in bytes; nil if there is none.
    static func read(_ text: ArraySlice<UInt8>) -> (LogTime, Int)? {
        var rest = text.prefix(48)
        let closing: UInt8? = rest.first == 0x5B ? 0x5D : rest.first == 0x28 ? 0x29 : nil
        if closing != nil { rest = rest.dropFirst() }
        guard let (time, length) = bare(rest) else { return nil }
        rest = rest.dropFirst(length)
        if let closing {
            guard rest.first == closing else { return nil }
            rest = rest.dropFirst()
        }
        guard rest.isEmpty || rest.first == 0x20 || rest.first == 0x09 || rest.first == 0x3A else { return nil }
        if rest.first == 0x3A { rest = rest.dropFirst() }
        return (time, rest.startIndex - text.startIndex)
    }

    /// Parses the same forms without brackets, whatever follows.
    ///
    /// - Returns: the time and its length in bytes; nil if there is none.
    static func bare(_ text: ArraySlice<UInt8>) -> (LogTime, Int)? {
        var rest = text.prefix(48)
        var date: Int64?
        if let midnight = Self.date(rest) {
            rest = rest.dropFirst(10)
            guard rest.first == 0x54 || rest.first == 0x20 else { return nil }
            rest = rest.dropFirst()
            date = midnight
        }
        let shape = date == nil && rest.dropFirst().first == 0x3A ? "0:00:00" : "00:00:00"
        guard let clock = numbers(rest, shape), clock.count == 3, clock[0] < 24, clock[1] < 60, clock[2] < 61 else {
            return nil
        }
        rest = rest.dropFirst(shape.utf8.count)
        var time = (clock[0] * 3_600 + clock[1] * 60 + clock[2]) * 1_000_000_000
        if rest.first == 0x2E || rest.first == 0x2C {
            let digits = rest.dropFirst().prefix { $0 &- 0x30 < 10 }
            guard !digits.isEmpty else { return nil }
            var unit: Int64 = 100_000_000
            for digit in digits.prefix(9) {
                time += Int64(digit &- 0x30) * unit
                unit /= 10
            }
            rest = rest.dropFirst(1 + digits.count)
        }
        if rest.first == 0x5A { rest = rest.dropFirst() }
        return (date.map { .date($0 + time) } ?? .clock(time), rest.startIndex - text.startIndex)
    }

    /// Midnight at the start of a day written as `2005-05-06`, in nanoseconds since 1970.
    static func date(_ text: Substring) -> Int64? {
        text.utf8.count == 10 ? date(Array(text.utf8)[...]) : nil
    }

    /// Midnight at the start of the date at the beginning of a text.
    private static func date(_ text: ArraySlice<UInt8>) -> Int64? {
        guard let date = numbers(text, "0000-00-00"), date.count == 3, years ~= date[0], 1...12 ~= date[1],
            1...31 ~= date[2]
        else { return nil }
        return days(date[0], date[1], date[2]) * day
    }

    /// The accepted years: 64 bits of nanoseconds end in 2262.
    private static let years: ClosedRange<Int64> = 1_970...2_199

    /// The last midnight to which times of day can advance.
    static let lastMidnight = days(2_200, 1, 1) * day

    /// One day in nanoseconds.
    static let day: Int64 = 86_400 * 1_000_000_000

    /// The numbers in a text of this shape, in which 0 stands for any digit; nil if it has another shape.
    private static func numbers(_ text: ArraySlice<UInt8>, _ shape: String) -> [Int64]? {
        guard text.count >= shape.utf8.count else { return nil }
        var found: [Int64] = [0]
        for (byte, pattern) in zip(text, shape.utf8) {
            if pattern == 0x30 {
                guard byte &- 0x30 < 10 else { return nil }
                found[found.count - 1] = found[found.count - 1] * 10 + Int64(byte &- 0x30)
            } else {
                guard byte == pattern else { return nil }
                found.append(0)
            }
        }
        return found
    }

    /// Days since 1970, computed by eras of 400 years that start on a 1 March.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
