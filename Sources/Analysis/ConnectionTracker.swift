// Turns what happened on one connection into events. Relay, captures, archive and copies for sharing share it.

package import Events
package import MSNP

/// Something that happened on a connection, and what was known of the connection at that time.
package struct Occurrence: Sendable {
    /// What happened.
    package var kind: Event.Kind
    /// When it happened.
    package var time: Timestamp
    /// What the connection was for.
    package var role: Role
    /// The dialect spoken.
    package var dialect: Dialect?
    /// The sign-in that the connection belonged to.
    package var signIn: SignIn?

    /// Something that happened.
    package init(_ kind: Event.Kind, at time: Timestamp, role: Role, dialect: Dialect?, signIn: SignIn?) {
        self.kind = kind
        self.time = time
        self.role = role
        self.dialect = dialect
        self.signIn = signIn
    }

    /// What an event was made from.
    package init(_ event: Event) {
        self.init(
            event.kind, at: event.time, role: event.role, dialect: event.dialect, signIn: event.signIn)
    }
}

/// Makes the events of one connection, in this order: what happened, what the analysis of this connection adds to it, what
/// other connections add to it.
///
///     var tracker = ConnectionTracker(connection: 3)
///     while let kind = tap.next(bytes, from: &position, side: side) {
///         tracker.observe(Occurrence(kind, …)) { event in … }
///     }
///     tracker.end(Occurrence(tap.closed(ends, reason: .closed), …)) { event in … }
///
/// A tap cuts a connection's bytes into pieces. The pieces of an archive or a pasted log have been cut before.
package struct ConnectionTracker: Sendable {
    private let connection: Int
    /// Nil where only what happened is wanted.
    private var analyzer: ConnectionAnalyzer?

    /// A tracker of a connection.
    ///
    /// - Parameters:
    ///   - connection: its number.
    ///   - isAnalyzing: whether events get their remarks, and are followed by messages and findings.
    ///   - passwords: what the answers to `USR MD5` are checked against.
    ///   - isExcerpt: whether parts may be missing without a trace, as in a log that people wrote down.
    package init(
        connection: Int, isAnalyzing: Bool = true, passwords: Passwords = .none, isExcerpt: Bool = false
    ) {
        self.connection = connection
        if isAnalyzing {
            analyzer = ConnectionAnalyzer(connection: connection, passwords: passwords, isExcerpt: isExcerpt)
        }
    }

    /// Makes the event of something that happened, and those that follow from it.
    ///
    /// - Parameters:
    ///   - occurrence: what happened.
    ///   - others: says what follows from an analysed event together with other connections.
    ///   - emit: is called for each event, in order.
    package mutating func observe(
        _ occurrence: consuming Occurrence, others: (Event) -> [Event.Kind] = { _ in [] }, emit: (Event) -> Void
    ) {
        var event = Event(occurrence, on: connection)
        let further = analyzer?.take(&event) ?? []
        emit(event)
        for kind in further { emit(event.followed(by: kind)) }
        for kind in others(event) { emit(event.followed(by: kind)) }
    }

    /// Makes the event of something that needs no analysis.
    package func report(_ occurrence: consuming Occurrence, emit: (Event) -> Void) {
        emit(Event(occurrence, on: connection))
    }

    /// Makes the last events: what was incomplete until now, and the end itself.
    ///
    /// - Parameters:
    ///   - closed: the end of the connection.
    ///   - others: what other connections add to the end.
    ///   - emit: is called for each event, in order.
    package mutating func end(
        _ closed: consuming Occurrence, others: [Event.Kind] = [], emit: (Event) -> Void
    ) {
        let event = Event(closed, on: connection)
        for kind in analyzer?.finish() ?? [] { emit(event.followed(by: kind)) }
        for kind in others { emit(event.followed(by: kind)) }
        emit(event)
    }
}

extension Event {
    fileprivate init(_ occurrence: consuming Occurrence, on connection: Int) {
        self.init(
            time: occurrence.time, connection: connection, role: occurrence.role, dialect: occurrence.dialect,
            signIn: occurrence.signIn, kind: occurrence.kind)
    }

    /// An event that follows from this one, with what was known of the connection then.
    fileprivate func followed(by kind: Kind) -> Event {
        Event(time: time, connection: connection, role: role, dialect: dialect, signIn: signIn, kind: kind)
    }
}

extension Tap {
    /// The end of the connection, with the sums of both sides.
    package func closed(_ ends: Endpoints, reason: CloseReason) -> Event.Kind {
        .closed(ends, reason: reason, client: sums(of: .client), server: sums(of: .server))
    }
}
