// The analysis of one connection as a value: a copy of it is a snapshot, from which reading goes on.

internal import Analysis
internal import Events
internal import GRDB
internal import MSNP

/// A place in a connection after which there is a snapshot.
struct SnapshotKey: Hashable, Sendable {
    var connection: Int64
    /// The number of events that were analysed; a multiple of `ConnectionAnalysis.interval`.
    var events: Int64
}

/// What is known after some events of a connection.
struct ConnectionAnalysis: Sendable {
    /// How many events lie between two places for snapshots.
    static let interval: Int64 = 4_096
    /// How many snapshots of a connection are kept, more or less: of longer ones not every place has one.
    static let mostOfConnection: Int64 = 64
    /// What a snapshot costs, in bytes, as measured on long connections: its parts are shared with others.
    static let cost = 448 << 10
    /// The largest number of requests whose numbers are remembered.
    private static let mostRequests = 4_096

    /// The number of events that were analysed.
    private(set) var events: Int64 = 0
    private var tracker: ConnectionTracker
    private var tallies: PerSide<Tally>
    private var context: ConnectionContext
    /// The numbers of the client's latest requests, by transaction identifier.
    private var requests: [UInt32: Int64] = [:]

    init(_ connection: Int64, _ facts: ConnectionFacts) {
        tallies = PerSide(both: Tally())
        // Only connections of pasted logs have no client address.
        tracker = ConnectionTracker(
            connection: Int(connection), analysis: .all, isExcerpt: facts.ends.client == "unknown")
        context = ConnectionContext(connection: Int(connection))
    }

    /// What an event and its analysis gave.
    struct Step {
        /// In the order of `show`.
        var events: [Event] = []
        /// The place of the recorded event itself in `events`; nil if it cannot be read.
        var recorded: Int?
        /// The number of the request that it answers.
        var request: Int64?
        var transaction: UInt32?
    }

    /// Analyses the next event.
    mutating func next(_ session: BrowsingSession, of connection: Int64) throws -> Step? {
        guard let (entry, part, _) = try session.entry(events + 1, of: connection) else { return nil }
        events += 1
        var step = Step()
        guard var event = try session.event(entry, part, of: connection, context) else { return step }
        context = event.context
        switch event.kind {
        case .frame(let frame, let side):
            tallies[side].count(frame.bytes.span)
            tallies[side].count(frame)
            step.transaction = frame.transaction(from: side, in: event.dialect) ?? frame.leadingNumber
        case .noise(let noise, let side):
            tallies[side].count(noise.bytes.span)
            tallies[side].count(noise)
        case .gap(let bytes, _, let side): tallies[side].countGap(bytes)
        case .closed(let ends, let reason, let client, let server):
            tallies.client.ackedUnseenBytes = client.ackedUnseenBytes
            tallies.server.ackedUnseenBytes = server.ackedUnseenBytes
            event.kind = .closed(
                ends, reason: reason, client: tallies.client.sums, server: tallies.server.sums)
            tracker.end(event) { step.events.append($0) }
            step.recorded = step.events.count - 1
            return step
        default: break
        }
        tracker.observe(event) { step.events.append($0) }
        step.recorded = 0
        guard let transaction = step.transaction, case .frame(_, let side) = event.kind else { return step }
        if side == .client {
            if requests.count >= Self.mostRequests { requests = [:] }
            requests[transaction] = events
        } else if step.events.first?.annotation?.request != nil {
            step.request = requests[transaction]
        }
        return step
    }
}

extension BrowsingSession {
    /// The analysis of a connection just before an event: the one at hand, or one read from the nearest snapshot.
    ///
    /// - Parameter isDue: called every few hundred events; whether the transaction is to be renewed soon.
    /// - Throws: `TransactionOver` if it is, with a snapshot to go on from.
    func analysis(
        before number: Int64, of connection: Int64, _ isDue: (_ events: Int64) -> Bool = { _ in false }
    ) throws -> ConnectionAnalysis? {
        guard let facts = try facts(of: connection) else { return nil }
        var analysis = analyses.removeValue(forKey: connection)
        if analysis.map({ $0.events >= number }) ?? false { analysis = nil }
        var slot = (number - 1) / ConnectionAnalysis.interval * ConnectionAnalysis.interval
        while slot > analysis?.events ?? 0 {
            if let kept = cache.snapshots.value(SnapshotKey(connection: connection, events: slot)) {
                analysis = kept
                break
            }
            slot -= ConnectionAnalysis.interval
        }
        var result = analysis ?? ConnectionAnalysis(connection, facts)
        while result.events < number - 1 {
            guard try result.next(self, of: connection) != nil else { return nil }
            try keep(result, of: connection, towards: number)
            if result.events & 0xFF == 0 {
                try control.check()
                if isDue(result.events), result.events % ConnectionAnalysis.interval == 0 {
                    store(result, of: connection)
                    throw TransactionOver()
                }
            }
        }
        return result
    }

    /// The transaction was open long enough; what was read is in a snapshot.
    struct TransactionOver: Error {}

    /// Keeps a snapshot if it is time for one: near what is read for, and here and there on the way.
    ///
    /// - Parameter number: the event that is read for.
    func keep(_ analysis: ConnectionAnalysis, of connection: Int64, towards number: Int64 = 0) throws {
        guard analysis.events % ConnectionAnalysis.interval == 0 else { return }
        if number - analysis.events > ConnectionAnalysis.interval {
            let places = try directory(of: connection).end.events / ConnectionAnalysis.interval
            let distance = places / ConnectionAnalysis.mostOfConnection + 1
            guard analysis.events / ConnectionAnalysis.interval % distance == 0 else { return }
        }
        store(analysis, of: connection)
    }

    private func store(_ analysis: ConnectionAnalysis, of connection: Int64) {
        cache.snapshots.keep(
            analysis, for: SnapshotKey(connection: connection, events: analysis.events), cost: ConnectionAnalysis.cost)
    }

    /// Analyses an event in full.
    func step(_ number: Int64, of connection: Int64) throws -> ConnectionAnalysis.Step? {
        guard var analysis = try analysis(before: number, of: connection) else { return nil }
        let step = try analysis.next(self, of: connection)
        try keep(analysis, of: connection)
        analyses[connection] = analysis
        return step
    }
}
