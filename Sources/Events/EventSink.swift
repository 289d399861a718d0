// Where events go: the seam between those who make them and the log, the archive, the live page.

/// Takes events, from several threads at once.
package protocol EventOutlet: Sendable {
    /// Takes events in the order in which they happened on their connection. Never blocks.
    ///
    /// - Returns: false when enough is waiting already: the relay stops to read from its sockets until `whenReady` calls
    ///   back.
    func receive(_ events: [Event]) -> Bool

    /// Calls back once more can be taken; at once if that is now.
    func whenReady(_ callback: @escaping @Sendable () -> Void)
}
