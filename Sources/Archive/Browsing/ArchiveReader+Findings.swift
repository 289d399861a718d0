// Findings over many connections.

package import Events
internal import GRDB
internal import MSNP

/// One finding of an archive.
package struct FindingRow: Sendable {
    /// Its row, which orders the list.
    package var id: Int64
    /// The connection; nil if it concerns none.
    package var connection: Int64?
    /// The event that it follows from; nil if the archive does not know it.
    package var address: EventAddress?
    package var time: Timestamp
    package var finding: Finding
}

/// A name and how often it occurs.
package struct FindingCount: Sendable, Hashable {
    package var name: Finding.Name
    package var count: Int64
    /// How serious these findings are.
    package var severity: String { Finding(recorded: name, "", side: nil).severity.rawValue }
}

extension ArchiveReader {
    /// The largest number of different names in one list.
    private static let mostNames = 1_000

    /// Findings in the order in which they were recorded.
    ///
    /// - Parameters:
    ///   - name: only those with this name.
    ///   - after: the row behind which to go on.
    /// - Returns: the findings, and whether there are more.
    package func findings(
        _ scope: EventScope, name: String?, after: Int64?, limit: Int, _ control: ReadControl = ReadControl()
    ) throws -> (rows: [FindingRow], isMore: Bool) {
        try reading(control) { session in
            let event = session.hasEventNumbers ? "finding.event" : "NULL"
            let select = try PreparedStatement(
                """
                SELECT finding.id, finding.connection, \(event), finding.time_ns, finding.said_by, finding.name, finding.text
                FROM finding WHERE \(try Self.condition(scope, session)) AND finding.id > ?
                AND (?2 IS NULL OR finding.name = ?2) ORDER BY finding.id LIMIT ?
                """, in: session.db, isShared: false)
            select.longestText = ArchiveLimits.longestLabel
            defer { select.reset() }
            select.bind(1, after ?? 0)
            select.bind(2, name)
            select.bind(3, limit + 1)
            var rows: [FindingRow] = []
            while try select.step() {
                try control.check()
                if rows.count == limit { return (rows, true) }
                let connection = select.optionalInteger(1)
                let number = select.optionalInteger(2)
                rows.append(
                    FindingRow(
                        id: select.integer(0), connection: connection,
                        address: connection.flatMap { row in
                            number.map { EventAddress(connection: row, number: $0) }
                        },
                        time: Timestamp(nanoseconds: select.integer(3)),
                        finding: BrowsingSession.finding(select, 4)))
            }
            return (rows, false)
        }
    }

    /// How often each finding occurs, the most frequent first.
    package func findingCounts(
        _ scope: EventScope, _ control: ReadControl = ReadControl()
    ) throws -> [FindingCount] {
        try reading(control) { session in
            let select = try PreparedStatement(
                """
                SELECT finding.name, count(*) FROM finding WHERE \(try Self.condition(scope, session))
                GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT \(Self.mostNames)
                """, in: session.db, isShared: false)
            select.longestText = ArchiveLimits.longestLabel
            defer { select.reset() }
            var counts: [FindingCount] = []
            while try select.step() {
                counts.append(FindingCount(name: Finding.Name(select.text(0)), count: select.integer(1)))
            }
            return counts
        }
    }

    /// The SQL condition on rows that belong to connections of a scope.
    static func condition(
        _ scope: EventScope, _ session: BrowsingSession, table: String = "finding",
        column: String = "finding.connection"
    ) throws -> String {
        let complete = "\(table).recording IN (SELECT id FROM recording WHERE is_complete)"
        switch scope {
        case .everything: return complete
        case .of(.recording(let number)): return "\(complete) AND \(table).recording = \(number)"
        case .of(.signIn(let number)):
            return "\(complete) AND \(column) IN (SELECT id FROM connection WHERE sign_in = \(number))"
        case .of(.connection), .of(.conversation):
            let rows = try session.connections(of: scope) ?? []
            return "\(complete) AND \(column) IN (\(rows.map { "\($0)" }.joined(separator: ", ")))"
        }
    }
}
