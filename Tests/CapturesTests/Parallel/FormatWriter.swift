// Prints events in one format, as the commands do.

import Captures
import Events
import Output

/// Prints all events, or findings only, and counts them.
struct FormatWriter<Format: EventFormat & Sendable>: EventWriter {
    var format: Format
    var onlyFindings = false
    private(set) var count = 0

    init(_ format: Format, onlyFindings: Bool = false) {
        self.format = format
        self.onlyFindings = onlyFindings
    }

    mutating func mask(with key: MaskKey) { format.mask(with: key) }

    mutating func selects(_ event: Event) -> Bool {
        if onlyFindings { guard case .finding = event.kind else { return false } }
        count += 1
        return format.shows(event)
    }

    mutating func append(_ event: Event, to bytes: inout [UInt8]) { format.append(event, to: &bytes) }
    mutating func headingDay(of time: Timestamp) -> Int64? { format.dateDay(of: time) }

    mutating func appendHeading(of time: Timestamp, to bytes: inout [UInt8]) {
        format.appendDate(of: time, to: &bytes)
    }

    mutating func addCounts(of other: Self) { count += other.count }
}
