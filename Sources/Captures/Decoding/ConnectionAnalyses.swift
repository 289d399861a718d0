// Makes the events of connections from their decoded steps: analysis and digests.

internal import Analysis
internal import Events
internal import MSNP

/// The analysis of some of the connections of a capture. It needs all steps of a connection in order; steps of
/// different connections are independent of each other, except for transfers that join them.
struct ConnectionAnalyses: Sendable {
    private struct Connection: Sendable {
        var tracker: ConnectionTracker
        /// The digests of both directions; nil if none are requested.
        var digests: PerSide<StreamDigest>?
    }

    private let detail: EventDetail
    private let passwords: Passwords
    private var connections: [Int: Connection] = [:]

    init(_ detail: EventDetail, passwords: Passwords) {
        self.detail = detail
        self.passwords = passwords
    }

    /// Makes the events of the next step.
    ///
    /// - Parameters:
    ///   - step: the step.
    ///   - number: the number of its connection.
    ///   - join: receives what the connection contributes to transfers between connections, after the events that
    ///     come before the findings; returns these findings.
    ///   - emit: receives each event, in order.
    mutating func take(
        _ step: consuming DecodedStep, of number: Int, join: (TransferJoint) -> [Event.Kind], emit: (Event) -> Void
    ) {
        switch consume step {
        case .nothing: return
        case .opened(let beginning):
            connections[number] = Connection(
                tracker: ConnectionTracker(
                    connection: number, analysis: detail.analysis, passwords: passwords, isExcerpt: beginning.isExcerpt),
                digests: detail.hasDigests ? PerSide(both: StreamDigest()) : nil)
            if let (server, isFromStart) = beginning.transfers {
                _ = join(.opened(number, to: server, isFromStart: isFromStart))
            }
        case .bytes(let bytes, let side):
            guard let place = connections.index(forKey: number) else { return }
            connections.values[place].digests?[side].update(bytes.span)
        case .observed(let event):
            guard let place = connections.index(forKey: number) else { return }
            connections.values[place].tracker.observe(
                event,
                others: { CrossConnectionTransfers.concerns($0) ? join(.event($0)) : [] }, emit: emit)
        case .reported(let event): emit(event)
        case .ended(let ending): end(number, ending, join: join, emit: emit)
        }
    }

    private mutating func end(
        _ number: Int, _ ending: DecodedStep.Ending, join: (TransferJoint) -> [Event.Kind], emit: (Event) -> Void
    ) {
        guard var connection = connections.removeValue(forKey: number) else { return }
        var closed = ending.closed
        if let digests = connection.digests { closed.kind = closed.kind.with(digests) }
        connection.tracker.end(closed) { event in
            if case .closed = event.kind {
                let findings = ending.hasTransfers ? join(.ended(event)) : []
                for finding in findings { emit(event.followed(by: finding)) }
                if let finding = ending.finding { emit(event.followed(by: .finding(finding))) }
            }
            emit(event)
        }
    }
}

extension Event.Kind {
    /// The same end of a connection with the digests of its directions.
    fileprivate func with(_ digests: PerSide<StreamDigest>) -> Event.Kind {
        guard case .closed(let ends, let reason, var client, var server) = self else { return self }
        client.sha256 = digests.client.value
        server.sha256 = digests.server.value
        return .closed(ends, reason: reason, client: client, server: server)
    }
}
