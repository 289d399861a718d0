// Reads a part of a conversation's entries without the rest of it.

package import Analysis
package import Events
package import Payloads

/// The entries of one conversation in parts. A part is read from a piece of the events around it: some more in front,
/// so that nothing is shown twice, and some more behind it, where the answers to messages come.
package struct TalkPages: Sendable {
    /// A part of the entries.
    package struct Page: Sendable {
        /// The entries in order; all have an address.
        package fileprivate(set) var entries: [ChatEntry] = []
        /// Where to go on; nil where there is nothing more now.
        package fileprivate(set) var next: EventCursor?
        package fileprivate(set) var previous: EventCursor?
    }

    /// Which part to read.
    package enum Direction: Sendable, Hashable {
        /// Entries of events behind a place, and in front of it.
        case after(EventCursor)
        case before(EventCursor)
        /// Entries of events from a place on.
        case from(EventCursor)
    }

    /// Reads some events in front of a place and from it on.
    package typealias Source = (
        _ around: EventCursor, _ back: Int, _ ahead: Int
    ) throws -> ConversationPiece

    private let conversation: ChatConversation
    private let names: NameHistory
    private let sideEvents: [Int: [SideEvent]]?
    private let sha1: Transfers.Digest
    private let charsets: CharsetDecoder
    private let showsTyping: Bool

    /// How many events in front of a part and behind it are read with it.
    private static let margin = 300
    /// How many events are read for each entry at first; twice as many each time that they are not enough.
    private static let eventsForEntry = 4

    /// - Parameters:
    ///   - names: display names for accounts whose name the conversation does not contain.
    ///   - sideEvents: the files and invitations of each connection; without them, they are looked for in the piece that
    ///     is read.
    ///   - sha1: the SHA-1 function.
    package init(
        _ conversation: ChatConversation, names: NameHistory = NameHistory(), sideEvents: [Int: [SideEvent]]? = nil,
        sha1: @escaping Transfers.Digest, charsets: CharsetDecoder = .basic, showsTyping: Bool = false
    ) {
        self.conversation = conversation
        self.names = names
        self.sideEvents = sideEvents
        self.sha1 = sha1
        self.charsets = charsets
        self.showsTyping = showsTyping
    }

    /// Reads a part of the entries.
    ///
    /// - Parameter limit: the number of entries; some more where several belong to one event.
    package func page(_ direction: Direction, limit: Int, from source: Source) throws -> Page {
        let limit = max(limit, 1)
        var count = max(limit * Self.eventsForEntry, Self.margin)
        while true {
            let piece: ConversationPiece
            switch direction {
            case .after(let cursor), .from(let cursor): piece = try source(cursor, Self.margin, count + Self.margin)
            case .before(let cursor): piece = try source(cursor, count + Self.margin, Self.margin)
            }
            let entries = entries(of: piece)
            // What may depend on events in front of the piece is not shown from it, nor what may be answered behind it.
            let first = piece.isFromStart ? nil : Self.cursor(piece.events, at: Self.margin / 2)
            let last = piece.isToEnd ? nil : Self.cursor(piece.events, at: piece.events.count - Self.margin / 2)
            let shown = entries.filter { entry in
                guard let cursor = entry.cursor else { return false }
                if let first, cursor < first { return false }
                if let last, last < cursor { return false }
                return true
            }
            var page = Page()
            switch direction {
            case .after(let cursor): page.entries = shown.filter { $0.cursor.map { cursor < $0 } ?? false }
            case .from(let cursor): page.entries = shown.filter { $0.cursor.map { cursor <= $0 } ?? false }
            case .before(let cursor): page.entries = shown.filter { $0.cursor.map { $0 < cursor } ?? false }
            }
            if case .before(let cursor) = direction {
                guard page.entries.count >= limit || piece.isFromStart || piece.events.isEmpty else {
                    count *= 2
                    continue
                }
                let cut = Self.start(page.entries, limit)
                let isMore = cut > 0 || !piece.isFromStart
                page.entries.removeFirst(cut)
                page.previous = isMore ? page.entries.first?.cursor : nil
                page.next = page.entries.last?.cursor ?? cursor
                return page
            }
            guard page.entries.count >= limit || piece.isToEnd || piece.events.isEmpty else {
                count *= 2
                continue
            }
            let cut = Self.end(page.entries, limit)
            let isMore = cut < page.entries.count || !piece.isToEnd
            page.entries.removeSubrange(cut...)
            page.next = isMore ? page.entries.last?.cursor : nil
            page.previous = page.entries.first?.cursor
            return page
        }
    }

    private static func cursor(_ events: [AddressedEvent], at place: Int) -> EventCursor? {
        events.indices.contains(place) ? events[place].cursor : nil
    }

    /// The number of the first of the last entries; those of one event stay together.
    private static func start(_ entries: [ChatEntry], _ limit: Int) -> Int {
        var start = max(0, entries.count - limit)
        while start > 0, entries[start - 1].cursor == entries[start].cursor { start -= 1 }
        return start
    }

    private static func end(_ entries: [ChatEntry], _ limit: Int) -> Int {
        var end = min(limit, entries.count)
        while end > 0, end < entries.count, entries[end - 1].cursor == entries[end].cursor { end += 1 }
        return end
    }

    /// All entries of a piece, in order.
    private func entries(of piece: ConversationPiece) -> [ChatEntry] {
        let sideEvents = sideEvents ?? Self.sideEvents(of: piece, sha1: sha1)
        let conversations = conversations(of: piece)
        var entries: [ChatEntry] = []
        for conversation in conversations {
            var reader = ConversationReader(
                conversation, names: names, sideEvents: sideEvents, charsets: charsets, showsTyping: showsTyping)
            // What was shown before.
            for event in piece.earlier { reader.take(event) { _ in } }
            for event in piece.events { reader.take(event) { entries.append($0) } }
            reader.finish { entries.append($0) }
        }
        // Of several conversations over one connection, and of what was known late.
        return entries.enumerated().sorted {
            guard let a = $0.element.cursor, let b = $1.element.cursor, a != b else { return $0.offset < $1.offset }
            return a < b
        }.map(\.element)
    }

    /// What was sent besides text in a piece.
    private static func sideEvents(of piece: ConversationPiece, sha1: @escaping Transfers.Digest) -> [Int: [SideEvent]]
    {
        var attachments = Attachments(keepsPictures: true, mostBytes: 0, sha1: sha1)
        var connections: Set<Int> = []
        for item in piece.earlier + piece.events {
            connections.insert(item.event.connection)
            attachments.take(item.event, number: item.address.number)
        }
        for connection in connections.sorted() { attachments.endOfConnection(connection) }
        attachments.endOfRecording()
        return attachments.sideEvents
    }

    /// The conversation, or, if it went over the notification server, one for each partner in the piece.
    private func conversations(of piece: ConversationPiece) -> [ChatConversation] {
        guard case .directMessages = conversation.segments.first?.carrier else { return [conversation] }
        var finders: [Int: SegmentFinder] = [:]
        for item in piece.events {
            let recording = conversation.segments.first?.recording ?? 0
            finders[
                item.event.connection, default: SegmentFinder(connection: item.event.connection, recording: recording)
            ]
            .take(item.event)
        }
        return Conversations.join(finders.sorted { $0.key < $1.key }.flatMap { $0.value.segments })
    }
}
