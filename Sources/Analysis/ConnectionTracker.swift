// Makes the ordered events of one connection. The relay, captures, the archive and redaction share it.

package import Events
package import MSNP

/// An event kind with the time and the state of the connection at that time.
package struct Occurrence: Sendable {
    package var kind: Event.Kind
    package var time: Timestamp
    /// The role of the connection.
    package var role: Role
    /// The negotiated dialect.
    package var dialect: Dialect?
    /// The sign-in that the connection belonged to.
    package var signIn: SignIn?

    package init(_ kind: Event.Kind, at time: Timestamp, role: Role, dialect: Dialect?, signIn: SignIn?) {
        self.kind = kind
        self.time = time
        self.role = role
        self.dialect = dialect
        self.signIn = signIn
    }

    /// The occurrence from which an event was made.
    package init(_ event: Event) {
        self.init(
            event.kind, at: event.time, role: event.role, dialect: event.dialect, signIn: event.signIn)
    }
}

/// Makes the events of one connection. For each occurrence it emits the event itself, then the messages and findings of
/// this connection's analysis, then the findings that involve other connections.
///
///     var tracker = ConnectionTracker(connection: 3)
///     while let kind = tap.next(bytes, from: &position, side: side) {
///         tracker.observe(Occurrence(kind, …)) { event in … }
///     }
///     tracker.end(Occurrence(tap.closed(ends, reason: .closed), …)) { event in … }
///
/// Live connections and captures parse bytes with a `Tap`; an archive or a pasted log already contains frames.
package struct ConnectionTracker: Sendable {
    private let connection: Int
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
        self.connection = connection
        if !analysis.isEmpty {
            analyzer = FrameAnalyzer(connection: connection, analysis, passwords: passwords, isExcerpt: isExcerpt)
        }
    }

    /// Emits the event of an occurrence, and the messages and findings that it causes.
    ///
    /// - Parameters:
    ///   - others: returns the findings that an analysed event causes together with other connections.
    ///   - emit: receives each event, in order.
    package mutating func observe(
        _ occurrence: consuming Occurrence, others: (Event) -> [Event.Kind] = { _ in [] }, emit: (Event) -> Void
    ) {
        var event = Event(occurrence, on: connection)
        let further = analyzer?.take(&event) ?? []
        emit(event)
        for kind in further { emit(event.followed(by: kind)) }
        for kind in others(event) { emit(event.followed(by: kind)) }
    }

    /// Emits the event of an occurrence without analysis.
    package func report(_ occurrence: consuming Occurrence, emit: (Event) -> Void) {
        emit(Event(occurrence, on: connection))
    }

    /// Emits the last events of the connection: findings on what is incomplete, then its end.
    ///
    /// - Parameters:
    ///   - closed: the end of the connection.
    ///   - others: findings that involve other connections.
    ///   - emit: receives each event, in order.
    package mutating func end(
        _ closed: consuming Occurrence, others: [Event.Kind] = [], emit: (Event) -> Void
    ) {
        var event = Event(closed, on: connection)
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
    /// The event of an occurrence, without analysis.
    package init(_ occurrence: consuming Occurrence, on connection: Int) {
        self.init(
            time: occurrence.time, connection: connection, role: occurrence.role, dialect: occurrence.dialect,
            signIn: occurrence.signIn, kind: occurrence.kind)
    }

    /// An event caused by this one, with the same time and connection state.
    package func followed(by kind: Kind) -> Event {
        Event(time: time, connection: connection, role: role, dialect: dialect, signIn: signIn, kind: kind)
    }
}

extension Tap {
    /// The `closed` event of the connection, with the totals of both sides.
    package func closed(_ ends: Endpoints, reason: CloseReason) -> Event.Kind {
        .closed(ends, reason: reason, client: sums(of: .client), server: sums(of: .server))
    }
}
