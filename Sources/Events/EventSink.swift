// The protocol of event receivers: the live log, the archive, an import, an export.

/// Receives events in the order in which they happened on their connection.
package protocol EventSink {
    /// Receives events.
    ///
    /// - Returns: false if the sink cannot accept more events. A live sink can accept them again later (`whenReady`);
    ///   any other sink is done.
    func receive(_ events: [Event]) -> Bool
}

extension EventSink {
    /// Passes all events of a source to this sink, in batches: an array for each event would cost too much.
    ///
    /// - Parameter source: emits events one at a time, until `emit` returns false.
    package func receiveAll<Result>(
        of source: (_ emit: (Event) -> Bool) throws -> Result
    ) rethrows -> Result {
        let batchSize = 32
        var batch: [Event] = []
        var isReady = true
        let result = try source { event in
            batch.append(event)
            guard batch.count == batchSize else { return isReady }
            isReady = receive(batch)
            batch.removeAll(keepingCapacity: true)
            return isReady
        }
        if isReady, !batch.isEmpty { _ = receive(batch) }
        return result
    }
}

/// A sink of a running relay. `receive` is called from several threads at once, must not block, and may request a
/// pause.
package protocol LiveEventSink: EventSink, Sendable {
    /// Calls back when the sink can accept events again, immediately if it already can. After `receive` has returned
    /// false, the relay does not read from its sockets until this callback.
    func whenReady(_ callback: @escaping @Sendable () -> Void)
}
