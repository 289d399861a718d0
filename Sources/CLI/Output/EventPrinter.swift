// The event sink of commands that read recorded data: prints events in one format to a file descriptor.

import Console
internal import Events
internal import Output
internal import Query

/// Prints events in one format; stops the source when writing fails.
final class EventPrinter<Format: EventFormat>: EventSink {
    var format: Format
    var printer: Printer
    private let condition: Filter?

    /// - Parameters:
    ///   - format: the text or JSON format.
    ///   - condition: the filter; nil prints all events.
    ///   - descriptor: the file descriptor to write to; the caller closes it.
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
