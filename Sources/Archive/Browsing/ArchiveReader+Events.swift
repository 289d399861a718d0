// Lists of events and single events.

package import Events
internal import GRDB
internal import MSNP

extension ArchiveReader {
    /// Reads a part of a list of events.
    ///
    /// - Parameters:
    ///   - scope: which events the list has.
    ///   - place: which part of it to read.
    ///   - limit: the largest number of items, at most `mostItems`.
    ///   - depth: how much is made of each event.
    ///   - control: cancels the request, and limits how long is searched with a condition.
    ///   - onlyCommands: whether the condition holds for no item but for its recorded event; the others are then made
    ///     for wanted items only.
    ///   - matches: the condition on items; without it every item is wanted.
    /// - Returns: the items, ascending whatever the direction.
    package func events(
        _ scope: EventScope, _ place: EventPlace, limit: Int, _ depth: EventDepth = .row,
        _ control: ReadControl = ReadControl(), onlyCommands: Bool = false,
        where matches: ((EventItem) throws -> Bool)? = nil
    ) throws -> EventWindow {
        let limit = min(max(limit, 1), Self.mostItems)
        return try reading(control) { session in
            let spans = try session.spans(of: scope)
            func search(_ start: EventMerge.Start, _ limit: Int, until end: EventCursor? = nil) throws -> EventSearch {
                var search = EventSearch(session, spans, start, limit, depth, until: end)
                search.derives = !onlyCommands
                try search.run(matches)
                return search
            }
            switch place {
            case .newest(let cursor):
                let found = try search(.before(.end), limit, until: cursor)
                var window = found.window
                if let cursor {
                    for span in spans.byEnd.reversed() {
                        guard span.last >= cursor.time else { break }
                        let count = try session.directory(of: span.connection).end.events
                        window.skipped +=
                            count - (try session.count(of: span.connection, upTo: cursor, includingIt: true))
                    }
                    window.skipped = max(0, window.skipped - found.looked)
                }
                return window
            case .after(let cursor): return try search(.after(cursor), limit).window
            case .before(let cursor): return try search(.before(cursor), limit).window
            case .around(let address):
                let last = try session.directory(of: address.connection).end.events
                let number = min(address.number, last)
                let middle = try session.cursor(
                    of: EventAddress(connection: address.connection, number: number))
                return try middle.map { try around($0, limit, search) } ?? EventWindow()
            case .aroundTime(let time): return try around(EventCursor(before: time), limit, search)
            }
        }
    }

    private func around(
        _ cursor: EventCursor, _ limit: Int,
        _ search: (EventMerge.Start, Int, EventCursor?) throws -> EventSearch
    ) throws -> EventWindow {
        let before = limit > 1 ? try search(.before(cursor), limit / 2, nil).window : EventWindow()
        let behind = try search(.from(cursor), limit - before.items.count, nil).window
        var window = EventWindow()
        window.items = before.items + behind.items
        window.previous = limit > 1 ? before.previous : behind.previous
        window.next = behind.next
        window.scanned = before.scanned + behind.scanned
        window.isDone = before.isDone && behind.isDone
        return window
    }

    /// One event in full, with what follows from it; nil if there is none at this address.
    ///
    /// The first event far inside a long connection takes long, because what it means depends on all events before it;
    /// later ones begin at a snapshot. The transaction is renewed meanwhile.
    ///
    /// - Parameter progress: is called with the number of events read so far and the number to read.
    package func event(
        _ address: EventAddress, _ control: ReadControl = ReadControl(), progress: (Int64, Int64) -> Void = { _, _ in }
    ) throws -> EventDetails? {
        while true {
            let end = Clock.ticks() &+ Self.longestTransaction
            do {
                return try reading(control) { session in
                    guard let cursor = try session.cursor(of: address) else { return nil }
                    guard
                        var analysis = try session.analysis(
                            before: address.number, of: address.connection,
                            { events in
                                progress(events, address.number)
                                return Clock.ticks() > end
                            }), let step = try analysis.next(session, of: address.connection)
                    else { return nil }
                    try session.keep(analysis, of: address.connection)
                    session.analyses[address.connection] = analysis
                    return try session.details(step, at: cursor, &analysis)
                }
            } catch is BrowsingSession.TransactionOver {
                continue
            }
        }
    }

    /// How long one transaction may read, in nanoseconds: longer ones would keep a relay's log from being reused.
    private static let longestTransaction: Int64 = 200_000_000

    /// The address of the last event of a scope; nil if it has none.
    package func last(of scope: EventScope, _ control: ReadControl = ReadControl()) throws -> EventAddress? {
        try reading(control) { session in
            var merge = EventMerge(session, try session.spans(of: scope), .before(.end))
            return try merge.next().map { EventAddress(connection: $0.connection, number: $0.number) }
        }
    }

    /// The connections of a scope that were opened at a time or before.
    package func connections(
        of scope: EventScope, openedUpTo time: Int64, _ control: ReadControl = ReadControl()
    ) throws -> Set<Int64> {
        try reading(control) { session in
            Set(try session.spans(of: scope).byOpening.prefix { $0.opened <= time }.map(\.connection))
        }
    }

    /// The number of events of a connection; nil if there is no such connection.
    package func eventCount(of connection: Int64, _ control: ReadControl = ReadControl()) throws -> Int64? {
        try reading(control) { session in
            try session.facts(of: connection).map { _ in try session.directory(of: connection).end.events }
        }
    }

    /// The place of an event in the order of lists; nil if there is none at this address.
    package func cursor(of address: EventAddress, _ control: ReadControl = ReadControl()) throws -> EventCursor? {
        try reading(control) { try $0.cursor(of: address) }
    }

    /// The number of commands recorded on the connections of a scope: about as many events there are.
    package func total(of scope: EventScope, _ control: ReadControl = ReadControl()) throws -> Int64 {
        // Before it is counted: a commit in between has it counted again.
        let commit = try commitNumber()
        if let known = cache.totals.value(scope), known.commit == commit { return known.count }
        let count = try count(scope, control)
        cache.totals.keep((commit, count), for: scope, cost: 1)
        return count
    }

    private func count(_ scope: EventScope, _ control: ReadControl) throws -> Int64 {
        try reading(control) { session in
            let complete = "recording IN (SELECT id FROM recording WHERE is_complete)"
            guard let rows = try session.connections(of: scope) else {
                let select = try PreparedStatement(
                    "SELECT total(frames) FROM connection WHERE \(complete)", in: session.db)
                defer { select.reset() }
                return try select.step() ? select.integer(0) : 0
            }
            let select = try PreparedStatement(
                "SELECT frames FROM connection WHERE id = ? AND \(complete)", in: session.db)
            defer { select.reset() }
            return try rows.reduce(Int64(0)) { sum, row in
                select.bind(1, row)
                defer { select.reset() }
                return try select.step() ? sum &+ select.integer(0) : sum
            }
        }
    }
}

extension EventCursor {
    /// Behind all events.
    fileprivate static let end = EventCursor(time: .max, connection: .max, number: .max)
}

/// Looks for items in one direction until there are enough.
struct EventSearch {
    private(set) var window = EventWindow()
    /// How many events were passed, from the start to the last item.
    private(set) var looked: Int64 = 0
    private let session: BrowsingSession
    private var merge: EventMerge
    private let start: EventMerge.Start
    private let limit: Int
    private let depth: EventDepth
    private let end: EventCursor?
    /// Whether the condition is tested on what follows from events, too.
    var derives = true

    /// How many events are looked at together with a condition.
    private static let portion = 512
    /// How many bytes of events are looked at together, and how many a window has, more or less: with messages as large
    /// as a server takes, a few hundred would be hundreds of megabytes.
    private static let mostBytes: UInt64 = 8 << 20

    /// - Parameter end: events up to this place are not wanted.
    init(
        _ session: BrowsingSession, _ spans: ConnectionSpans.Ordered, _ start: EventMerge.Start, _ limit: Int,
        _ depth: EventDepth, until end: EventCursor?
    ) {
        self.session = session
        self.start = start
        self.limit = limit
        self.depth = depth
        self.end = end
        merge = EventMerge(session, spans, start)
    }

    private var isBackward: Bool { if case .before = start { true } else { false } }

    mutating func run(_ matches: ((EventItem) throws -> Bool)?) throws {
        var found: [EventItem] = []
        var size: UInt64 = 0
        /// Where to go on; nil if nothing more is there.
        var stop: EventCursor?
        var last: EventCursor?
        while true {
            try session.control.check()
            // The time limits a search, not what is asked for directly.
            if matches != nil, session.control.isOver, let last {
                if try nextCursors(1).isEmpty { break }
                window.isDone = false
                stop = last
                break
            }
            let cursors = try nextCursors(matches == nil ? limit - found.count : Self.portion)
            guard let furthest = cursors.last else { break }
            last = furthest
            window.scanned += Int64(cursors.count)
            var items = try session.items(
                at: isBackward ? cursors.reversed() : cursors, depth, derives: derives || matches == nil)
            if let matches { items = try items.filter(matches) }
            if !derives, matches != nil, depth == .row { items = try session.items(at: items.map(\.cursor), depth) }
            let before = found.count
            for item in isBackward ? items.reversed() : items where found.count < limit && size < Self.mostBytes {
                size += item.size
                found.append(item)
            }
            guard found.count == limit || size >= Self.mostBytes, found.count > before, let final = found.last?.cursor
            else {
                looked += Int64(cursors.count)
                continue
            }
            // Further events of the portion were looked at, and are looked at again later.
            looked += Int64((cursors.firstIndex(of: final) ?? 0) + 1)
            if try final != furthest || !nextCursors(1).isEmpty { stop = final }
            break
        }
        window.items = isBackward ? found.reversed() : found
        switch start {
        case .before(let cursor):
            window.previous = stop
            window.next = cursor == .end ? nil : window.items.last?.cursor ?? cursor
        case .after(let cursor), .from(let cursor):
            window.next = stop
            window.previous = window.items.first?.cursor ?? cursor
        }
    }

    /// The places of the next events, at most so many, and of not much more than `mostBytes`.
    private mutating func nextCursors(_ count: Int) throws -> [EventCursor] {
        var cursors: [EventCursor] = []
        var size: UInt64 = 0
        while cursors.count < count, size < Self.mostBytes, let cursor = try merge.next(),
            end.map({ $0 < cursor }) ?? true
        {
            cursors.append(cursor)
            size += try session.size(of: cursor)
        }
        return cursors
    }
}

extension EventItem {
    /// The bytes that it holds.
    fileprivate var size: UInt64 {
        events.reduce(0) { sum, event in
            switch event.kind {
            case .frame(let frame, _): sum + UInt64(frame.bytes.count)
            case .noise(let noise, _): sum + UInt64(noise.bytes.count)
            case .message(let message): sum + UInt64(message.bytes.count)
            default: sum
            }
        }
    }
}

extension BrowsingSession {
    /// The recorded bytes of an event.
    fileprivate func size(of cursor: EventCursor) throws -> UInt64 {
        guard let entry = try entry(cursor.number, of: cursor.connection)?.entry,
            entry.kind == .frame || entry.kind == .noise
        else { return 0 }
        return min(entry.length, UInt64(UInt32.max))
    }

    /// Adds the addresses that belong to an event.
    func details(
        _ step: ConnectionAnalysis.Step, at cursor: EventCursor, _ analysis: inout ConnectionAnalysis
    ) throws -> EventDetails? {
        let connection = cursor.connection
        func address(_ number: Int64) -> EventAddress { EventAddress(connection: connection, number: number) }
        guard let recorded = step.recorded else {
            return try items(at: [cursor], .row).first.map { EventDetails(item: $0) }
        }
        var details = EventDetails(
            item: EventItem(
                address: address(cursor.number), cursor: cursor, events: step.events, damage: nil, recorded: recorded))
        details.request = step.request.map(address)
        details.leadsTo = try connectionThatCame(of: address(cursor.number))
        if let transaction = step.transaction, case .frame(let frame, .client) = step.events[recorded].kind {
            var steps = 0
            while steps < Self.mostToAnswer, let later = try analysis.next(self, of: connection) {
                steps += 1
                try keep(analysis, of: connection)
                guard later.transaction == transaction, let place = later.recorded else { continue }
                if later.events[place].annotation?.request == frame.verb, later.request == cursor.number {
                    details.answer = address(analysis.events)
                    break
                }
            }
        }
        return details
    }

    /// How many events behind a request are searched for its answer.
    private static let mostToAnswer = 4_096

    /// The connection that came of a redirect; nil if the event is no redirect, or nobody followed it.
    func connectionThatCame(of address: EventAddress) throws -> Int64? {
        guard hasEventNumbers else { return nil }
        let select = try PreparedStatement(
            "SELECT id FROM connection WHERE from_connection = ? AND from_event = ? ORDER BY id LIMIT 1", in: db)
        defer { select.reset() }
        select.bind(1, address.connection)
        select.bind(2, address.number)
        return try select.step() ? select.integer(0) : nil
    }
}

extension ArchiveReader {
    /// The event that led to a connection: a redirect on another one; nil if none is known.
    package func origin(of connection: Int64, _ control: ReadControl = ReadControl()) throws -> EventAddress? {
        try reading(control) { session in
            guard session.hasEventNumbers else { return nil }
            let select = try PreparedStatement(
                "SELECT from_connection, from_event FROM connection WHERE id = ? AND from_connection IS NOT NULL",
                in: session.db)
            defer { select.reset() }
            select.bind(1, connection)
            guard try select.step() else { return nil }
            return EventAddress(connection: select.integer(0), number: select.integer(1))
        }
    }

    /// The connections that came of redirects: of those among some events that led to one.
    package func leads(
        from addresses: [EventAddress], _ control: ReadControl = ReadControl()
    ) throws -> [EventAddress: Int64] {
        try reading(control) { session in
            var found: [EventAddress: Int64] = [:]
            for address in addresses {
                if let connection = try session.connectionThatCame(of: address) { found[address] = connection }
            }
            return found
        }
    }
}
