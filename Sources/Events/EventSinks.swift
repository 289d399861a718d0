// Combines several live sinks, such as the log and the archive, into one.

/// Passes every event to several sinks, and waits for the slowest.
package struct EventSinks: LiveEventSink {
    private let sinks: [any LiveEventSink]

    package init(_ sinks: [any LiveEventSink]) { self.sinks = sinks }

    /// Passes events to all sinks; false if any of them cannot accept more for now.
    package func receive(_ events: [Event]) -> Bool {
        var isReady = true
        for sink in sinks where !sink.receive(events) { isReady = false }
        return isReady
    }

    /// Calls back when all sinks can accept events again.
    package func whenReady(_ callback: @escaping @Sendable () -> Void) { wait(for: sinks[...], callback) }

    /// Waits for the sinks one after another.
    private func wait(for rest: ArraySlice<any LiveEventSink>, _ callback: @escaping @Sendable () -> Void) {
        guard let first = rest.first else { return callback() }
        first.whenReady { wait(for: rest.dropFirst(), callback) }
    }
}
