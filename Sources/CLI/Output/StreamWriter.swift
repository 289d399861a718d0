// What `streams` prints: a line for each connection.

import Captures
internal import Events
internal import Output

/// Prints the ends of connections.
struct StreamWriter: EventWriter {
    private var format = StreamFormat()

    mutating func mask(with key: MaskKey) {}

    func selects(_ event: Event) -> Bool { if case .closed = event.kind { true } else { false } }

    mutating func append(_ event: Event, to bytes: inout [UInt8]) { format.append(event, to: &bytes) }

    func headingDay(of time: Timestamp) -> Int64? { nil }

    mutating func appendHeading(of time: Timestamp, to bytes: inout [UInt8]) {}

    mutating func addCounts(of other: StreamWriter) {}
}
