// The ladder diagram of connections: parties as columns, what they sent each other as rows, time downwards.

package import Events
package import MSNP

/// A ladder diagram. Texts in it are as received: every format escapes them.
package struct Ladder: Sendable, Hashable {
    /// The columns, from left to right.
    package var parties: [Party]
    /// The rows, in order of time.
    package var rows: [Row]
    /// The number of rows that were left out after the last one, because there is a limit.
    package var omittedRows = 0

    /// The maximum number of columns; the servers of further connections share the last one.
    package static let mostParties = 12

    /// The text at the end of a ladder that has a limit; nil if nothing was left out.
    package var omission: String? {
        omittedRows == 0 ? nil : "\(omittedRows) more rows are left out; choose a connection, or unfold less"
    }

    /// A column.
    package struct Party: Sendable, Hashable {
        /// What stands at this end.
        package var kind: Kind
        /// Who it is: an account, or the address of a host. Empty for the relay, and for servers shared by many
        /// connections.
        package var name: String
        /// The role of the connection, for servers.
        package var role: Role?
        /// The connection, for a server; nil for other parties, and for a column that several connections share.
        package var connection: Int?
        /// When the party appeared; nil for parties that are there from the start.
        package var from: Timestamp?
        /// When the party disappeared; nil if it stays to the end.
        package var to: Timestamp?

        /// The kind of a party.
        package enum Kind: String, Sendable, Hashable {
            case client, relay, server
            /// The servers of all connections for which there is no column.
            case others
        }

        /// The heading of the column: `alice@example.com`, `relay`, `NS c14`.
        package var label: String {
            switch kind {
            case .client: name
            case .relay: "relay"
            case .server:
                "\(role.map { $0 == .unknown ? "" : "\($0.rawValue) " } ?? "")\(connection.map { "c\($0)" } ?? name)"
            case .others: "more…"
            }
        }
    }

    /// The place of an event: a connection, and the number of the event in its record, counted from 1.
    package struct Place: Sendable, Hashable {
        package var connection: Int
        package var number: Int

        package init(connection: Int, number: Int) {
            self.connection = connection
            self.number = number
        }

        /// `c14.12`.
        package var text: String { "c\(connection).\(number)" }
    }

    /// A row.
    package struct Row: Sendable, Hashable {
        /// What happened.
        package var kind: Kind
        package var time: Timestamp
        /// The place of the event; of the first one if the row stands for several. Nil for silence.
        package var place: Place?
        /// The index of the party from which an arrow starts.
        package var from: Int
        /// The index of the party at which it ends; the same as `from` for events of a whole connection.
        package var to: Int
        /// The command line with masks, the text of a message, or the reason of an end.
        package var label = ""
        /// The findings at this event.
        package var findings: [String] = []
        /// The address that the relay sent instead of the one received.
        package var sent: String?
        /// The connection that this redirect led to.
        package var leadsTo: Int?
        /// The redirect that led to this connection; on rows of the kind `opened`.
        package var cameFrom: Place?

        /// The kind of a row.
        package enum Kind: Sendable, Hashable {
            /// A connection was opened.
            case opened
            /// A command line.
            case command
            /// A text message; `label` is the text.
            case text
            /// Bytes that are no commands: file data, packets of a direct link, noise.
            case bytes(Int)
            /// Bytes are missing.
            case gap(UInt64)
            /// Commands that are folded into one row.
            case folded(Int)
            /// A finding without a command of its own.
            case finding
            /// Nothing happened for this many nanoseconds.
            case silence(Int64)
            /// A connection ended.
            case closed

            /// The name in JSON.
            package var name: String {
                switch self {
                case .opened: "opened"
                case .command: "command"
                case .text: "text"
                case .bytes: "bytes"
                case .gap: "gap"
                case .folded: "folded"
                case .finding: "finding"
                case .silence: "silence"
                case .closed: "closed"
                }
            }
        }
    }
}

/// Numbers the recorded events of each connection, as they are replayed.
package struct EventPlaces: Sendable {
    private var last: [Int: Int] = [:]

    package init() {}

    /// The place of the next event. What follows from an event (messages, findings of the checks) has its place.
    package mutating func next(_ event: Event) -> Ladder.Place {
        let isDerived =
            switch event.kind {
            case .message: true
            case .finding(let finding): finding.isDerived(on: event.role)
            default: false
            }
        let number = last[event.connection, default: 0] + (isDerived ? 0 : 1)
        last[event.connection] = number
        return Ladder.Place(connection: event.connection, number: max(1, number))
    }
}
