// Builds a ladder diagram from the events of some connections, in order of time.

internal import Analysis
package import Events
internal import MSNP
package import Output

/// What a ladder shows.
package struct LadderOptions: Sendable, Hashable {
    /// The groups of commands that have a row each, instead of one row for consecutive ones.
    package var unfolded: Set<FoldGroup> = []
    /// Whether a relay recorded the connections, so that it has a column.
    package var hasRelay = false
    /// The maximum number of rows.
    package var mostRows = 10_000
    /// Silence of more nanoseconds than this has a row.
    package var silence: Int64 = 1_000_000_000

    package init() {}
}

/// Builds a ladder from events. Its memory is bounded by the number of rows and of connections.
package struct LadderBuilder: Sendable {
    private let options: LadderOptions
    private var lines: LineText
    private var columns: LadderColumns
    private var links = RedirectLinks()
    private var rows: [Ladder.Row] = []
    private var omittedRows = 0
    /// The index of the last row of each connection that is a command, to which messages, findings and rewritings belong.
    private var lastRow: [Int: Int] = [:]
    /// The index of the row that announces each connection.
    private var openedRow: [Int: Int] = [:]
    /// The index of the row of each redirect that no connection has followed yet.
    private var redirectRow: [Ladder.Place: Int] = [:]
    /// How many commands it has taken.
    package private(set) var frames: Int64 = 0
    /// What the last row stands for, if it is a row of folded events.
    private var foldedNames: [String] = []

    /// - Parameters:
    ///   - presentation: the key of masks; whether secrets are shown.
    ///   - options: what the ladder shows.
    package init(_ presentation: Presentation, _ options: LadderOptions = LadderOptions()) {
        self.options = options
        lines = LineText(presentation)
        columns = LadderColumns(hasRelay: options.hasRelay)
    }

    /// Whether a relay has a column for certain.
    package var hasRelay: Bool { options.hasRelay }

    /// Whether further events have no row.
    package var isFull: Bool { rows.count >= options.mostRows }

    /// Notes that rows are left out whose events were not read.
    package mutating func leaveOut(_ count: Int) { omittedRows += count }

    /// Takes the next event.
    ///
    /// - Parameter place: the place of the event; of the event that it follows from if it is not recorded itself.
    package mutating func take(_ event: Event, at place: Ladder.Place) {
        if let origin = links.take(event, at: place) { link(event.connection, from: origin) }
        switch event.kind {
        case .opened(let ends):
            columns.open(event, ends)
            if let row = append(.opened, event, place, from: .client, label: "\(ends.client) → \(ends.server)") {
                openedRow[event.connection] = row
            }
        case .closed(_, let reason, _, _):
            columns.close(event)
            _ = append(.closed, event, place, from: nil, label: reason.text)
            lastRow[event.connection] = nil
        case .frame(let frame, let side):
            frames += 1
            if fold(event, place, from: side) { return }
            let row = append(.command, event, place, from: side, label: lines.line(of: frame, from: side, in: event))
            if let row, side == .server, Redirect.mayBe(frame.verb) { redirectRow[place] = row }
        case .rewritten(let rewriting):
            columns.noteRelay()
            if let row = lastRow[event.connection] { rows[row].sent = rewriting.to }
        case .message(let message):
            guard let row = lastRow[event.connection], rows[row].kind == .command else { return }
            rows[row].kind = .text
            rows[row].label = message.text
        case .finding(let finding):
            if let row = lastRow[event.connection] {
                if !rows[row].findings.contains(finding.name.text) { rows[row].findings.append(finding.name.text) }
            } else if event.connection > 0, omittedRows == 0 {
                _ = append(.finding, event, place, from: finding.side, label: finding.name.text)
            }
        case .http(let message):
            let name = [message.word(message.side == .client ? 0 : 1), message.path].compactMap(\.self)
            let label = name.joined(separator: " ")
            _ = append(.bytes(Int(clamping: message.bodyBytes)), event, place, from: message.side, label: label)
        case .noise(let noise, _) where noise.reason == .httpMessage: return
        case .noise(let noise, let side):
            if fold(event, place, from: side) { return }
            _ = append(.bytes(noise.bytes.count), event, place, from: side, label: noise.reason.rawValue)
        case .gap(let count, _, let side): _ = append(.gap(count), event, place, from: side, label: "")
        case .tunnel(let tunnel):
            _ = append(.finding, event, place, from: nil, label: "tunnel to \(tunnel.text)")
        case .listening, .notPrinted: break
        }
    }

    /// Records which redirect led to a connection, if the redirect itself was not among the events.
    package mutating func link(_ connection: Int, from origin: Ladder.Place) {
        if let row = openedRow[connection] { rows[row].cameFrom = origin }
        if let row = redirectRow.removeValue(forKey: origin) { rows[row].leadsTo = connection }
    }

    /// The ladder of the events so far.
    package func finish() -> Ladder {
        let (parties, places) = columns.parties()
        var ladder = Ladder(parties: parties, rows: rows)
        for index in ladder.rows.indices {
            ladder.rows[index].from = places[ladder.rows[index].from]
            ladder.rows[index].to = places[ladder.rows[index].to]
        }
        ladder.omittedRows = omittedRows
        return ladder
    }

    /// Appends a row, unless there are too many.
    ///
    /// - Returns: its index.
    private mutating func append(
        _ kind: Ladder.Row.Kind, _ event: Event, _ place: Ladder.Place, from side: Side?, label: String
    ) -> Int? {
        let ends = columns.ends(of: event)
        appendSilence(before: event, at: ends.client)
        guard rows.count < options.mostRows else {
            omittedRows += 1
            lastRow[event.connection] = nil
            return nil
        }
        let (from, to) =
            switch side {
            case .client: (ends.client, ends.server)
            case .server: (ends.server, ends.client)
            case nil: (ends.server, ends.server)
            }
        rows.append(Ladder.Row(kind: kind, time: event.time, place: place, from: from, to: to, label: label))
        lastRow[event.connection] = rows.count - 1
        foldedNames = []
        return rows.count - 1
    }

    private mutating func appendSilence(before event: Event, at party: Int) {
        guard let last = rows.last, !event.time.isStandIn, rows.count < options.mostRows else { return }
        let (pause, overflow) = event.time.nanoseconds.subtractingReportingOverflow(last.time.nanoseconds)
        guard !overflow, pause > options.silence else { return }
        rows.append(Ladder.Row(kind: .silence(pause), time: event.time, from: party, to: party))
    }

    /// Adds an event to the row of folded events, if its group is folded.
    private mutating func fold(_ event: Event, _ place: Ladder.Place, from side: Side) -> Bool {
        guard let group = FoldGroup(event), !options.unfolded.contains(group) else { return false }
        let name = group.name(of: event)
        if let last = rows.indices.last, case .folded(let count) = rows[last].kind, omittedRows == 0,
            rows[last].place?.connection == place.connection,
            event.time.nanoseconds &- rows[last].time.nanoseconds <= options.silence
        {
            rows[last].kind = .folded(count + 1)
            if !foldedNames.contains(name), foldedNames.count < 8 { foldedNames.append(name) }
            rows[last].label = foldedNames.joined(separator: ", ")
        } else {
            _ = append(.folded(1), event, place, from: side, label: name)
            foldedNames = [name]
        }
        return true
    }
}
