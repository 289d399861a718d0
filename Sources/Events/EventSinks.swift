// Several sinks that look like one: the log and the archive.

/// Gives every event to several sinks, and waits for the slowest.
package struct EventSinks: LiveEventSink {
    private let sinks: [any LiveEventSink]

    /// All of these, in this order.
    package init(_ sinks: [any LiveEventSink]) { self.sinks = sinks }

    /// Receives events; false when one of the sinks wants no more for now.
    package func receive(_ events: [Event]) -> Bool {
        var isReady = true
        for sink in sinks where !sink.receive(events) { isReady = false }
        return isReady
    }

    /// Calls back once more can be received.
    package func whenReady(_ callback: @escaping @Sendable () -> Void) { wait(for: sinks[...], callback) }

    /// One after the other: when the last is ready, those before it were.
    private func wait(for rest: ArraySlice<any LiveEventSink>, _ callback: @escaping @Sendable () -> Void) {
        guard let first = rest.first else { return callback() }
        first.whenReady { wait(for: rest.dropFirst(), callback) }
    }
}
