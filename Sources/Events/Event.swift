// Events: what happened on a connection, and when. Producers emit them and sinks receive them.

package import MSNP

/// One occurrence on a connection, with its time and the state of the connection at that time.
package struct Event: Sendable {
    /// The time by the clock of the relay or of the capture.
    package var time: Timestamp
    /// The connection as it was at that time. Consecutive events of a connection share one context.
    package var context: ConnectionContext
    /// What happened.
    package var kind: Kind
    /// The result of the analysis; nil if no `FrameAnalyzer` processed the event. It has only what was requested.
    package var annotation: Annotation?
    /// The secret byte ranges of a frame or of noise, which depend on earlier bytes; nil if no `FrameAnalyzer`
    /// computed them.
    package var secrets: [Range<Int>]?

    package init(time: Timestamp, context: ConnectionContext, kind: Kind) {
        self.time = time
        self.context = context
        self.kind = kind
    }

    package init(
        time: Timestamp, connection: Int, role: Role = .unknown, dialect: Dialect? = nil, signIn: SignIn? = nil,
        kind: Kind
    ) {
        self.init(
            time: time,
            context: ConnectionContext(connection: connection, role: role, dialect: dialect, signIn: signIn), kind: kind
        )
    }

    /// The same event without the results of an analysis.
    package var unanalysed: Event { Event(time: time, context: context, kind: kind) }

    /// The number of the TCP connection, counted from 1; 0 for events without a connection.
    package var connection: Int {
        get { context.connection }
        set { context = ConnectionContext(connection: newValue, role: role, dialect: dialect, signIn: signIn) }
    }
    /// The role of the connection, as far as known at that time.
    package var role: Role { context.role }
    /// The negotiated dialect, as far as known at that time.
    package var dialect: Dialect? { context.dialect }
    /// The sign-in that the connection belongs to, as far as known at that time.
    package var signIn: SignIn? {
        get { context.signIn }
        set { context = ConnectionContext(connection: connection, role: role, dialect: dialect, signIn: newValue) }
    }

    /// What happened, with its data.
    package enum Kind: Sendable {
        /// The relay listens at this address.
        indirect case listening(HostPort)
        /// A connection was opened.
        indirect case opened(Endpoints)
        /// A connection ended; with the totals of both directions.
        indirect case closed(Endpoints, reason: CloseReason, client: Tally.Sums, server: Tally.Sums)
        /// A side sent a frame.
        case frame(Frame, from: Side)
        /// The relay sent another line than it received.
        indirect case rewritten(Rewriting)
        /// A side sent bytes that are not MSNP.
        case noise(Noise, from: Side)
        /// Bytes are missing from the capture.
        case gap(bytes: UInt64, offset: UInt64, from: Side)
        /// An observation about the traffic, such as a protocol violation.
        indirect case finding(Finding)
        /// A text message, reassembled from its parts and decoded.
        indirect case message(Message)
        /// An HTTP request or answer beside MSNP, put together from noise. Derived from it, never recorded.
        indirect case http(HTTPMessage)
        /// A connection through the relay's proxy that was not decoded, at its end.
        indirect case tunnel(Tunnel)
        /// The log dropped events because its output was too slow. Only the log has this event; it is never recorded.
        indirect case notPrinted(Omission)
    }
}

/// Events that a log dropped because its output was too slow.
package struct Omission: Sendable, Hashable {
    /// The number of dropped events.
    package var events: UInt64
    /// The time of the earliest of them.
    package var from: Timestamp
    /// The time of the latest of them.
    package var to: Timestamp
    /// Whether an archive recorded all of them.
    package var isRecorded: Bool

    package init(events: UInt64, from: Timestamp, to: Timestamp, isRecorded: Bool) {
        self.events = events
        self.from = from
        self.to = to
        self.isRecorded = isRecorded
    }
}

/// The two endpoints of a connection, as text.
package struct Endpoints: Sendable, Hashable {
    /// The endpoint that opened the connection, `host:port`.
    package var client: String
    /// The endpoint that accepted the connection, `host:port`.
    package var server: String

    /// The capture file, or pasted log, that the connection's first packet is in, as the user named it; nil for
    /// connections of a relay, and in archives that do not know it.
    package var file: String?
    /// The time of the first packet; set on `closed` events only.
    package var firstTime: Timestamp?
    /// The time of the last packet; set on `closed` events only.
    package var lastTime: Timestamp?

    package init(client: String, server: String, file: String? = nil) {
        self.client = client
        self.server = server
        self.file = file
    }
}

/// One session of a user from sign-in to sign-out, across all its connections.
package struct SignIn: Sendable, Hashable {
    /// Counted from 1.
    package var number: Int
    /// The e-mail address that signed in; nil until a command contains it.
    package var account: String?

    package init(number: Int, account: String?) {
        self.number = number
        self.account = account
    }
}

/// What the relay changed: a redirect, an agreement on a direct link, an acknowledgement of a changed one, or a header
/// line of a sign-in over HTTP.
package struct Rewriting: Sendable, Hashable {
    /// The frame as received.
    package var original: Frame
    /// The frame as sent.
    package var sent: Frame
    /// What was replaced: the address in the received frame.
    package var from: String
    /// What replaced it: the address in the frame that was sent.
    package var to: String

    /// The verb, or the name of the header line.
    package var name: String {
        original.verb == .empty
            ? String(decoding: original.line.prefix { $0 != 0x3A }, as: UTF8.self) : original.verb.description
    }

    /// The side from which the frame came. Of all frames that are changed, only a client's `MSG` begins with a number.
    package var side: Side {
        original.verb == "MSG" && original.argument(0).flatMap { Decimal.value(of: $0) } != nil ? .client : .server
    }

    package init(original: Frame, sent: Frame, from: String, to: String) {
        self.original = original
        self.sent = sent
        self.from = from
        self.to = to
    }
}

/// An observation about the traffic, such as a protocol violation, with a stable name for scripts.
package struct Finding: Sendable, Hashable {
    /// The stable name; see `docs/findings.md`.
    package var name: Name
    /// One sentence that describes the observation.
    package var text: String
    /// The side whose data caused the finding; nil if it concerns neither.
    package var side: Side?
    /// The other account of the direct message that the finding concerns, on a notification connection; not recorded.
    package var partner: String?

    /// The name of a finding.
    package enum Name: Sendable, Hashable {
        /// A finding that this version makes.
        case known(FindingName)
        /// A finding in an archive that a later version wrote.
        case other(String)

        /// Parses a name as written to archives and logs.
        package init(_ text: String) { self = FindingName(rawValue: text).map(Name.known) ?? .other(text) }

        /// The name as written to archives and logs, in `snake_case`.
        package var text: String {
            switch self {
            case .known(let name): name.rawValue
            case .other(let text): text
            }
        }
    }

    /// How serious it is; a warning if the name is unknown to this version.
    package var severity: FindingSeverity { if case .known(let name) = name { name.severity } else { .warning } }

    /// Whether the bytes of its connection alone suffice to compute the finding again.
    package var isDerived: Bool { if case .known(let name) = name { name.isDerived } else { false } }

    /// Whether the bytes of a connection of this role suffice to compute the finding again. For direct links and file
    /// transfer connections they do not, because the transfer was negotiated on another connection.
    package func isDerived(on role: Role) -> Bool {
        guard case .known(let name) = name, name.isDerived else { return false }
        return !name.isOfTransfers || !FindingName.rolesWithoutAgreement.contains(role)
    }

    package init(_ name: FindingName, _ text: String, side: Side? = nil) {
        self.init(recorded: .known(name), text, side: side)
    }

    /// A finding from an archive.
    package init(recorded name: Name, _ text: String, side: Side?) {
        self.name = name
        self.text = text
        self.side = side
    }
}

/// A text message as displayed to its recipient.
package struct Message: Sendable, Hashable {
    /// The sender's account; empty if unknown.
    package var from: String
    /// The recipients' accounts, as far as known.
    package var to: [String]
    /// The text; normally UTF-8.
    package var bytes: [UInt8]
    /// The switchboard's session number, or a name derived from the connection number if the session number is unknown.
    package var conversation: String
    /// The side that sent it on this connection.
    package var side: Side
    /// The number of parts seen.
    package var parts: Int
    /// Set if parts of the message are missing; nil for complete messages. The text has an ellipsis for each missing
    /// run.
    package var fragment: Fragment?

    /// Facts about an incomplete message.
    package struct Fragment: Sendable, Hashable {
        /// The announced number of parts; nil if the first part, which announces it, is missing.
        package var expected: Int?
        /// The time of the earliest part seen.
        package var began: Timestamp

        package init(expected: Int?, began: Timestamp) {
            self.expected = expected
            self.began = began
        }

        /// `1 of 2 parts`.
        package func count(of parts: Int) -> String {
            expected.map { "\(parts) of \($0) parts" } ?? "\(parts) later \(parts == 1 ? "part" : "parts")"
        }
    }

    /// The text, with U+FFFD for bytes that are not UTF-8.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    package init(
        from: String, to: [String], bytes: [UInt8], conversation: String, side: Side, parts: Int = 1,
        fragment: Fragment? = nil
    ) {
        self.from = from
        self.to = to
        self.bytes = bytes
        self.conversation = conversation
        self.side = side
        self.parts = parts
        self.fragment = fragment
    }
}
