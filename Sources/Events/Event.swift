// What happened on a connection, and when: the one thing that producers make and sinks take.

package import MSNP

/// One thing that happened.
package struct Event: Sendable {
    /// When: the clock of the relay, or of the capture.
    package var time: Timestamp
    /// The TCP connection, counted from 1; 0 for events that concern none.
    package var connection: Int
    /// What the connection was for, as far as it was known then.
    package var role: Role
    /// The dialect spoken, as far as it was known then.
    package var dialect: Dialect?
    /// The sign-in that the connection belongs to, as far as it was known then.
    package var signIn: SignIn?
    /// What happened.
    package var kind: Kind
    /// What is known of a frame beside, where a `ConnectionAnalyzer` has seen it.
    package var annotation: Annotation?
    /// Which bytes of a frame or of noise are secret, where a `ConnectionAnalyzer` has seen it: it knows what came before.
    package var secrets: [Range<Int>]?

    /// An event with all that is known of its circumstances.
    package init(
        time: Timestamp, connection: Int, role: Role = .unknown, dialect: Dialect? = nil, signIn: SignIn? = nil,
        kind: Kind
    ) {
        self.time = time
        self.connection = connection
        self.role = role
        self.dialect = dialect
        self.signIn = signIn
        self.kind = kind
    }

    /// What can happen.
    package enum Kind: Sendable {
        /// The relay listens at this address.
        case listening(HostPort)
        /// A connection came to be.
        case opened(Endpoints)
        /// A connection ended, with the sums of both directions.
        indirect case closed(Endpoints, reason: CloseReason, client: Tally.Sums, server: Tally.Sums)
        /// Somebody said something.
        case frame(Frame, from: Side)
        /// The relay sent another line than it received.
        indirect case rewritten(Rewriting)
        /// Bytes that are no MSNP.
        case noise(Noise, from: Side)
        /// Bytes are missing from the capture.
        case gap(bytes: UInt64, offset: UInt64, from: Side)
        /// Something that a reader should know.
        case finding(Finding)
        /// A text message, put together.
        indirect case message(Message)
        /// Events found no room in the log; of the log alone, and never recorded.
        case notPrinted(Omission)
    }
}

/// Events that were left out of a log, because its output took no more.
package struct Omission: Sendable, Hashable {
    /// How many.
    package var events: UInt64
    /// The time of the earliest of them.
    package var from: Timestamp
    /// The time of the latest of them.
    package var to: Timestamp
    /// Whether an archive took all of them.
    package var isRecorded: Bool

    /// An omission.
    package init(events: UInt64, from: Timestamp, to: Timestamp, isRecorded: Bool) {
        self.events = events
        self.from = from
        self.to = to
        self.isRecorded = isRecorded
    }
}

/// The two ends of a connection, as text.
package struct Endpoints: Sendable, Hashable {
    /// The end that connected, `host:port`.
    package var client: String
    /// The end that was connected to, `host:port`.
    package var server: String

    /// When the connection was first and last seen, on its `closed` event.
    package var firstTime: Timestamp?
    /// See `firstTime`.
    package var lastTime: Timestamp?

    /// Both ends.
    package init(client: String, server: String) {
        self.client = client
        self.server = server
    }
}

/// One person's presence from signing in to signing out, over all its connections.
package struct SignIn: Sendable, Hashable {
    /// Counted from 1.
    package var number: Int
    /// The e-mail address that signed in, once it was named.
    package var account: String?

    /// A sign-in.
    package init(number: Int, account: String?) {
        self.number = number
        self.account = account
    }
}

/// A redirect that the relay changed.
package struct Rewriting: Sendable, Hashable {
    /// What came from the server.
    package var original: Frame
    /// What went to the client.
    package var sent: Frame
    /// The address that the server named.
    package var from: String
    /// The address that the client was given.
    package var to: String

    /// A change of address.
    package init(original: Frame, sent: Frame, from: String, to: String) {
        self.original = original
        self.sent = sent
        self.from = from
        self.to = to
    }
}

/// Something that a reader should know, with a name that scripts can rely on.
package struct Finding: Sendable, Hashable {
    /// In `snake_case`, stable.
    package var name: String
    /// One sentence.
    package var text: String
    /// Whose words gave rise to it, if anybody's.
    package var side: Side?
    /// With whom the letter that it is about was exchanged, on a notification connection; not recorded.
    package var partner: String?

    /// Whether it follows from the bytes of its connection alone, so that it can be made again from them.
    package var isDerived: Bool { FindingName(rawValue: name)?.isDerived ?? false }

    /// The same of a finding on a connection of this role: what a direct link or a file's own connection carries was
    /// agreed on elsewhere.
    package func isDerived(on role: Role) -> Bool {
        guard let name = FindingName(rawValue: name), name.isDerived else { return false }
        return !name.isOfTransfers || !FindingName.rolesWithoutAgreement.contains(role)
    }

    /// A finding.
    package init(_ name: FindingName, _ text: String, side: Side? = nil) {
        self.init(recorded: name.rawValue, text, side: side)
    }

    /// A finding out of an archive, which a later version may have written.
    package init(recorded name: String, _ text: String, side: Side?) {
        self.name = name
        self.text = text
        self.side = side
    }
}

/// A text message as its reader saw it.
package struct Message: Sendable, Hashable {
    /// The sender's account; empty where the capture does not tell.
    package var from: String
    /// The accounts that got it, as far as known.
    package var to: [String]
    /// The text's bytes, which should be UTF-8.
    package var bytes: [UInt8]
    /// The switchboard's session number, or a name made from the connection where it was not seen.
    package var conversation: String
    /// Who said it on this connection.
    package var side: Side
    /// In how many parts it came.
    package var parts: Int
    /// What is known of a message of which parts never came; nil for those that are whole. Each hole in its text is an
    /// ellipsis.
    package var fragment: Fragment?

    /// A message that came only in part.
    package struct Fragment: Sendable, Hashable {
        /// How many parts it was to have; nil where its first one never came.
        package var expected: Int?
        /// When the first of its parts came that were seen.
        package var began: Timestamp

        /// What is known of a message that came only in part.
        package init(expected: Int?, began: Timestamp) {
            self.expected = expected
            self.began = began
        }

        /// `1 of 2 parts`.
        package func count(of parts: Int) -> String {
            expected.map { "\(parts) of \($0) parts" } ?? "\(parts) later \(parts == 1 ? "part" : "parts")"
        }
    }

    /// The text, U+FFFD for what is not UTF-8.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// A message as it was put together.
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
