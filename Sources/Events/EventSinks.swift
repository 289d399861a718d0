// Several outlets that look like one: the log, the archive.

/// Gives every event to several outlets, and waits for the slowest.
package struct Outlets: EventOutlet {
    private let outlets: [any EventOutlet]

    /// All of these, in this order.
    package init(_ outlets: [any EventOutlet]) { self.outlets = outlets }

    /// Takes events; false when the slowest has enough.
    package func receive(_ events: [Event]) -> Bool {
        var isReady = true
        for outlet in outlets where !outlet.receive(events) { isReady = false }
        return isReady
    }

    /// Calls back once more can be taken.
    package func whenReady(_ callback: @escaping @Sendable () -> Void) { wait(for: outlets[...], callback) }

    /// One after the other: when the last is ready, those before it were.
    private func wait(for rest: ArraySlice<any EventOutlet>, _ callback: @escaping @Sendable () -> Void) {
        guard let first = rest.first else { return callback() }
        first.whenReady { wait(for: rest.dropFirst(), callback) }
    }
}
