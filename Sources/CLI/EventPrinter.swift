// Events onto standard output or into a file, for commands that end.

import Console
internal import Events
internal import Output
internal import Query

/// A sink that prints events in one format; it wants no more once nobody reads.
final class EventPrinter<Format: EventFormat>: EventSink {
    var format: Format
    var printer: Printer
    private let condition: Filter?

    /// A printer.
    ///
    /// - Parameter condition: which events are printed; nil for all.
    init(_ format: Format, where condition: Filter? = nil, to descriptor: Int32) {
        self.format = format
        self.condition = condition
        printer = Printer(descriptor: descriptor)
    }

    func receive(_ events: [Event]) -> Bool {
        for event in events where condition?.matches(event) ?? true {
            format.append(event, to: &printer.bytes)
            guard printer.flushIfFull() else { return false }
        }
        return true
    }
}
