// Parses dates on the command line.

public import ArgumentParser
import Events
import Glibc

/// A UTC day: `2005-05-06`.
public struct DateArgument: ExpressibleByArgument, Sendable {
    /// The beginning of the day.
    let start: Timestamp

    /// Parses a day of the Gregorian calendar; nil for days that no month has.
    public init?(argument: String) {
        let numbers = argument.split(separator: "-", omittingEmptySubsequences: false).map { Int32($0) }
        guard argument.utf8.count == 10, numbers.count == 3, let year = numbers[0], let month = numbers[1],
            let day = numbers[2]
        else { return nil }
        var parts = tm()
        parts.tm_year = year &- 1_900
        parts.tm_mon = month &- 1
        parts.tm_mday = day
        let (nanoseconds, isTooLarge) = Int64(timegm(&parts)).multipliedReportingOverflow(by: 1_000_000_000)
        start = Timestamp(nanoseconds: nanoseconds)
        // Days that no month has, such as 2005-02-31, become others.
        guard !isTooLarge, start.rfc3339.hasPrefix(argument) else { return nil }
    }
}
