// Parses times on the command line.

import ArgumentParser
import Events
internal import Query

/// A UTC time as `--since` takes it: the beginning of a year, a month, a day or a minute.
struct DateArgument: Sendable {
    /// The beginning of what was named.
    let start: Timestamp

    /// Parses a time.
    ///
    /// - Throws: `ValidationError` that says which forms are understood.
    static func parse(_ text: String) throws -> DateArgument {
        guard let period = TimeText(now: SystemTime.now()).period(of: text) else {
            throw ValidationError("“\(text)” is not a time; a time is \(TimeText.forms).")
        }
        return DateArgument(start: period.lowerBound)
    }
}
