// Counts the connections of a capture while another writer prints its events.

import Captures
internal import Events

/// Passes everything to another writer, and counts ends of connections.
struct CountingWriter<Writer: EventWriter>: EventWriter {
    var writer: Writer
    /// The number of connections that ended.
    private(set) var connections = 0

    init(_ writer: Writer) { self.writer = writer }

    mutating func mask(with key: MaskKey) { writer.mask(with: key) }

    mutating func selects(_ event: Event) -> Bool {
        if case .closed = event.kind { connections += 1 }
        return writer.selects(event)
    }

    mutating func append(_ event: Event, to bytes: inout [UInt8]) { writer.append(event, to: &bytes) }

    mutating func headingDay(of time: Timestamp) -> Int64? { writer.headingDay(of: time) }

    mutating func appendHeading(of time: Timestamp, to bytes: inout [UInt8]) {
        writer.appendHeading(of: time, to: &bytes)
    }

    mutating func addCounts(of other: Self) {
        connections += other.connections
        writer.addCounts(of: other.writer)
    }
}
