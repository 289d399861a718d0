// How events are spread over time.

package import Events
internal import GRDB

/// How much happened in each part of a time.
package struct ArchiveOverview: Sendable {
    /// One part of the time.
    package struct Bucket: Sendable, Hashable {
        package var from: Timestamp
        /// About how many commands there are.
        package var events: Double = 0
        package var findings: Int64 = 0
        /// Connections with missing bytes that began here.
        package var gaps: Int64 = 0

        package init(from: Timestamp) { self.from = from }
    }

    package var from: Timestamp
    package var to: Timestamp
    package var buckets: [Bucket]
    /// False if the time was used up: some connections are spread evenly over their time then.
    package var isDone = true

    /// Parts of the same length.
    ///
    /// - Returns: nil if the times are too far apart; they are so in hostile archives only.
    init?(from: Int64, to: Int64, count: Int) {
        let (length, isOver) = max(to, from).subtractingReportingOverflow(from)
        guard count > 0, !isOver, length < .max / 2 else { return nil }
        step = max(1, length / Int64(count) + 1)
        self.from = Timestamp(nanoseconds: from)
        self.to = Timestamp(nanoseconds: to)
        buckets = (0..<count).map { [step] in Bucket(from: Timestamp(nanoseconds: from &+ Int64($0) &* step)) }
    }

    /// The length of a part in nanoseconds.
    let step: Int64

    /// The part of a time.
    package func place(_ time: Int64) -> Int {
        let (distance, isOver) = time.subtractingReportingOverflow(from.nanoseconds)
        return isOver ? 0 : Int(clamping: min(max(0, distance / step), Int64(buckets.count - 1)))
    }

    mutating func spread(_ events: Double, from first: Int64, to last: Int64) {
        let (low, high) = (place(first), max(place(first), place(last)))
        for index in low...high { buckets[index].events += events / Double(high - low + 1) }
    }
}

extension ArchiveReader {
    /// As many connections are counted whatever the time.
    private static let fewConnections = 16

    /// How commands, findings and gaps are spread over the time of a scope. Connections that fit into one part are
    /// counted there; longer ones by block, the largest first, so their places are not exact.
    ///
    /// - Parameters:
    ///   - count: the number of parts.
    ///   - control: when its time is used up, the rest is estimated.
    package func overview(
        _ scope: EventScope, buckets count: Int, _ control: ReadControl = ReadControl()
    ) throws -> ArchiveOverview? {
        try reading(control) { session in
            let spans = try session.spans(of: scope)
            guard let first = spans.byOpening.first, let last = spans.byEnd.last,
                var overview = ArchiveOverview(from: first.opened, to: last.last, count: count)
            else { return nil }
            try session.countFindings(scope, &overview)
            var long: [(connection: Int64, frames: Int64, opened: Int64, last: Int64)] = []
            let select = try PreparedStatement(
                """
                SELECT id, frames, opened_ns, last_ns, missing_bytes FROM connection
                WHERE \(try Self.condition(scope, session, table: "connection", column: "connection.id"))
                """, in: session.db, isShared: false)
            defer { select.reset() }
            while try select.step() {
                try control.check()
                let (opened, last) = (select.integer(2), select.integer(3))
                if select.integer(4) > 0 { overview.buckets[overview.place(opened)].gaps += 1 }
                if overview.place(opened) == overview.place(last) {
                    overview.spread(Double(select.integer(1)), from: opened, to: last)
                } else {
                    long.append((select.integer(0), select.integer(1), opened, last))
                }
            }
            for (index, connection) in long.sorted(by: { $0.frames > $1.frames }).enumerated() {
                try control.check()
                guard index < Self.fewConnections || !control.isOver else {
                    overview.isDone = false
                    overview.spread(Double(connection.frames), from: connection.opened, to: connection.last)
                    continue
                }
                let directory = try session.directory(of: connection.connection)
                for (index, part) in directory.parts.enumerated() {
                    let next = index + 1 < directory.parts.count ? directory.parts[index + 1].before : directory.end
                    overview.spread(Double(next.frames - part.before.frames), from: part.first, to: part.last)
                }
            }
            return overview
        }
    }
}

extension BrowsingSession {
    fileprivate func countFindings(_ scope: EventScope, _ overview: inout ArchiveOverview) throws {
        let findings = try PreparedStatement(
            "SELECT finding.time_ns FROM finding WHERE \(try ArchiveReader.condition(scope, self))", in: db,
            isShared: false)
        defer { findings.reset() }
        while try findings.step() {
            try control.check()
            overview.buckets[overview.place(findings.integer(0))].findings += 1
        }
    }
}
