// Where events go: the seam between those who make events and the log, the archive, an import, an export.

/// Receives events in the order in which they happened on their connection.
package protocol EventSink {
    /// Receives events.
    ///
    /// - Returns: false when the sink wants no more for now. A sink that is not live wants none any more then.
    func receive(_ events: [Event]) -> Bool
}

extension EventSink {
    /// Receives all events of a source. It gets several at a time: an array for each event would cost too much.
    ///
    /// - Parameter source: emits one event after the other, until the sink wants no more.
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

/// A sink of a running relay: it is called from several threads at once, never blocks, and may ask for a pause.
package protocol LiveEventSink: EventSink, Sendable {
    /// Calls back once more can be received; at once if that is now. After `receive` returned false, the relay does not
    /// read from its sockets until then.
    func whenReady(_ callback: @escaping @Sendable () -> Void)
}
