// The event sink of commands that read recorded data: prints events in one format to a file descriptor.

import Console
internal import Events
internal import Output

/// Prints events in one format; stops the source when writing fails.
final class EventPrinter<Format: EventFormat>: EventSink {
    var format: Format
    var printer: Printer
    /// The number of printed events.
    private(set) var count = 0
    private let times: TimeSpan
    private var condition: EventFilter?

    /// - Parameters:
    ///   - format: the text or JSON format.
    ///   - times: when printed events happened.
    ///   - condition: the filter; nil prints all events.
    ///   - descriptor: the file descriptor to write to; the caller closes it.
    init(_ format: Format, in times: TimeSpan = .always, where condition: EventFilter? = nil, to descriptor: Int32) {
        self.format = format
        self.times = times
        self.condition = condition
        printer = Printer(descriptor: descriptor)
    }

    func receive(_ events: [Event]) -> Bool {
        for event in events where times.contains(event.time) && condition?.matches(event) ?? true {
            count += 1
            format.append(event, to: &printer.bytes)
            guard printer.flushIfFull() else { return false }
        }
        return true
    }
}
