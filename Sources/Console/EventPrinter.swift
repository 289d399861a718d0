// The event sink of whatever reads recorded data: prints events in one format to a file descriptor.

package import Events
package import Output

/// Prints events in one format; stops the source when writing fails.
package final class EventPrinter<Format: EventFormat>: EventSink {
    package var format: Format
    package var printer: Printer
    /// The number of printed events.
    package private(set) var count = 0
    private let times: TimeSpan
    private var condition: EventFilter?

    /// - Parameters:
    ///   - format: the text or JSON format.
    ///   - times: when printed events happened.
    ///   - condition: the filter; nil prints all events.
    ///   - descriptor: the file descriptor to write to; the caller closes it.
    package init(
        _ format: Format, in times: TimeSpan = .always, where condition: EventFilter? = nil, to descriptor: Int32
    ) {
        self.format = format
        self.times = times
        self.condition = condition
        printer = Printer(descriptor: descriptor)
    }

    package func receive(_ events: [Event]) -> Bool {
        for event in events where times.contains(event.time) && condition?.matches(event) ?? true {
            count += 1
            format.append(event, to: &printer.bytes)
            guard printer.flushIfFull() else { return false }
        }
        return true
    }
}
