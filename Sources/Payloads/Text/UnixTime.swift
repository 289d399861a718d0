// Formats times that payloads contain as numbers.

/// Seconds since 1970.
package enum UnixTime {
    /// `2004-09-14T15:06:00Z`; nil from 2^33 seconds (year 2242) on.
    package static func text(_ seconds: UInt64) -> String? {
        guard seconds < 1 &<< 33 else { return nil }
        let days = Int64(seconds / 86_400)
        let rest = Int(seconds % 86_400)
        // Days to a date: Howard Hinnant's algorithm for the proleptic Gregorian calendar.
        let shifted = days + 719_468
        let era = shifted / 146_097
        let day = shifted % 146_097
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        let date = (
            year + era * 400 + (month < 10 ? 0 : 1), month < 10 ? month + 3 : month - 9,
            dayOfYear - (153 * month + 2) / 5 + 1
        )
        func two(_ number: some BinaryInteger) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(date.0)-\(two(date.1))-\(two(date.2))T\(two(rest / 3_600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }
}
