// Walks through the events of many connections in the order of lists, forwards or backwards, from any place.

internal import Events
internal import HeapModule

/// The places of events, one after the other. A connection is opened when its first event in this direction is due, and
/// a block only when it is reached.
struct EventMerge {
    /// Which events come, and in which direction.
    enum Start {
        /// From the first event behind a place on, forwards.
        case after(EventCursor)
        /// From a place on, forwards.
        case from(EventCursor)
        /// From the last event in front of a place on, backwards.
        case before(EventCursor)
    }

    private struct Head: Comparable {
        var cursor: EventCursor
        var isBackward: Bool

        static func < (a: Head, b: Head) -> Bool { a.isBackward ? b.cursor < a.cursor : a.cursor < b.cursor }
    }

    /// Connections are opened this much early, in nanoseconds: events that are known late may have an earlier time than
    /// the ones before them, so the time of a connection's last event is not always its latest.
    private static let slack: Int64 = 60_000_000_000

    private let session: BrowsingSession
    private let start: Start
    private let isBackward: Bool
    private var heads = Heap<Head>()
    /// The connections in the order in which they are opened here, and the place of the next one, which may have no
    /// event in this direction.
    private let waiting: [ConnectionSpans.Span]
    private var place: Int

    init(_ session: BrowsingSession, _ spans: ConnectionSpans.Ordered, _ start: Start) {
        self.session = session
        self.start = start
        switch start {
        case .after, .from: (isBackward, waiting, place) = (false, spans.byOpening, 0)
        case .before: (isBackward, waiting, place) = (true, spans.byEnd, spans.byEnd.count - 1)
        }
    }

    /// The next connection to open; nil if there is none.
    private mutating func nextSpan() -> ConnectionSpans.Span? {
        while waiting.indices.contains(place) {
            let span = waiting[place]
            switch start {
            case .after(let cursor), .from(let cursor):
                if span.last >= cursor.time.subtracting(Self.slack) { return span }
                place += 1
            case .before(let cursor):
                if span.opened <= cursor.time { return span }
                place -= 1
            }
        }
        return nil
    }

    /// The next event; nil if there is none in this direction.
    mutating func next() throws -> EventCursor? {
        while let span = nextSpan(), isDue(span) {
            place += isBackward ? -1 : 1
            if let number = try firstNumber(of: span.connection) { try insert(number, of: span.connection) }
        }
        guard let head = heads.popMin()?.cursor else { return nil }
        let number = isBackward ? head.number - 1 : head.number + 1
        if number > 0 { try insert(number, of: head.connection) }
        return head
    }

    private func isDue(_ span: ConnectionSpans.Span) -> Bool {
        guard let head = heads.min?.cursor else { return true }
        return isBackward ? span.last >= head.time.subtracting(Self.slack) : span.opened <= head.time
    }

    private mutating func insert(_ number: Int64, of connection: Int64) throws {
        if let found = session.recentEntry(number, of: connection) {
            heads.insert(
                Head(
                    cursor: EventCursor(time: found.entry.order, connection: connection, number: number),
                    isBackward: isBackward))
            return
        }
        let directory = try session.directory(of: connection)
        guard let place = directory.part(of: number) else { return }
        let part = directory.parts[place]
        let time: Int64
        if number == part.before.events + 1 {
            time = part.first
        } else if number == part.before.events + Int64(part.count) {
            time = part.last
        } else {
            guard let found = try session.entry(number, of: connection) else { return }
            time = found.entry.order
        }
        heads.insert(
            Head(cursor: EventCursor(time: time, connection: connection, number: number), isBackward: isBackward))
    }

    private func firstNumber(of connection: Int64) throws -> Int64? {
        let number: Int64
        switch start {
        case .after(let cursor): number = try session.count(of: connection, upTo: cursor, includingIt: true) + 1
        case .from(let cursor): number = try session.count(of: connection, upTo: cursor, includingIt: false) + 1
        case .before(let cursor): number = try session.count(of: connection, upTo: cursor, includingIt: false)
        }
        return number > 0 ? number : nil
    }
}

extension BrowsingSession {
    /// How many events of a connection come in front of a place.
    func count(of connection: Int64, upTo cursor: EventCursor, includingIt: Bool) throws -> Int64 {
        func isBehind(_ time: Int64, _ number: Int64) -> Bool {
            let place = EventCursor(time: time, connection: connection, number: number)
            return includingIt ? cursor < place : cursor <= place
        }
        let directory = try directory(of: connection)
        // The first part that has an event behind the place.
        let index = directory.firstIndex { isBehind($0.last, $0.before.events + Int64($0.count)) }
        guard directory.parts.indices.contains(index) else { return directory.end.events }
        let part = directory.parts[index]
        if isBehind(part.first, part.before.events + 1) { return part.before.events }
        let entries = try entries(of: part, connection)
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(entries[middle].order, part.before.events + Int64(middle) + 1) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return part.before.events + Int64(low)
    }
}

extension Int64 {
    /// The difference, at least the smallest number.
    fileprivate func subtracting(_ other: Int64) -> Int64 {
        let (difference, isOver) = subtractingReportingOverflow(other)
        return isOver ? .min : difference
    }
}
