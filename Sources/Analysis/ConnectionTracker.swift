// Makes the ordered events of one connection. The relay, captures, the archive and redaction share it.

package import Events
internal import MSNP

/// Makes the events of one connection. It emits each event that a caller observes, then the messages and findings of
/// this connection's analysis, then the findings that involve other connections.
///
///     var tracker = ConnectionTracker(connection: 3)
///     while let kind = tap.next(bytes, from: &position, side: side) {
///         tracker.observe(Event(time: …, context: …, kind: kind)) { event in … }
///     }
///     tracker.end(Event(…, kind: tap.closed(ends, reason: .closed))) { event in … }
///
/// Live connections and captures parse bytes with a `Tap`; an archive or a pasted log already contains frames.
package struct ConnectionTracker: Sendable {
    /// Nil if no analysis is requested.
    private var analyzer: FrameAnalyzer?

    /// Creates a tracker for one connection.
    ///
    /// - Parameters:
    ///   - connection: the number of the connection.
    ///   - analysis: what to compute in addition to the events themselves.
    ///   - passwords: the passwords for checking the answers to `USR MD5`.
    ///   - isExcerpt: whether frames may be missing without a gap event, as in a log that people pasted.
    package init(
        connection: Int, analysis: AnalysisOptions = .all, passwords: Passwords = .none, isExcerpt: Bool = false
    ) {
        if !analysis.isEmpty {
            analyzer = FrameAnalyzer(connection: connection, analysis, passwords: passwords, isExcerpt: isExcerpt)
        }
    }

    /// Emits an event, and the messages and findings that it causes.
    ///
    /// - Parameters:
    ///   - event: an event that was not analysed yet.
    ///   - others: returns the findings that an analysed event causes together with other connections.
    ///   - emit: receives each event, in order.
    package mutating func observe(
        _ event: consuming Event, others: (Event) -> [Event.Kind] = { _ in [] }, emit: (Event) -> Void
    ) {
        let further = analyzer?.take(&event) ?? []
        emit(event)
        for kind in further { emit(event.followed(by: kind)) }
        // Only now: a caller may note where in its output the findings belong.
        for kind in others(event) { emit(event.followed(by: kind)) }
    }

    /// Emits the last events of the connection: findings on what is incomplete, then its end.
    ///
    /// - Parameters:
    ///   - event: the end of the connection.
    ///   - others: findings that involve other connections.
    ///   - emit: receives each event, in order.
    package mutating func end(
        _ event: consuming Event, others: [Event.Kind] = [], emit: (Event) -> Void
    ) {
        for kind in analyzer?.finish() ?? [] { emit(event.followed(by: kind)) }
        if let unfinished = analyzer?.unfinished, !unfinished.isEmpty {
            event.annotation = Annotation()
            event.annotation?.transfers = unfinished
        }
        for kind in others { emit(event.followed(by: kind)) }
        emit(event)
    }
}

extension Event {
    /// An event caused by this one, with the same time and connection state.
    package func followed(by kind: Kind) -> Event { Event(time: time, context: context, kind: kind) }
}

extension Tap {
    /// The `closed` event of the connection, with the totals of both sides.
    package func closed(_ ends: Endpoints, reason: CloseReason) -> Event.Kind {
        .closed(ends, reason: reason, client: sums(of: .client), server: sums(of: .server))
    }
}
