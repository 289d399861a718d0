// Pieces of the events of talks, so that a long talk can be read from its middle.

package import Analysis
package import Events
internal import GRDB
internal import MSNP
internal import NIOConcurrencyHelpers

extension ArchiveReader {
    /// The talk that a connection is part of, as the parts of it were joined; nil if there is none.
    package func conversation(
        of connection: Int64, _ control: ReadControl = ReadControl()
    ) throws -> ChatConversation? {
        guard let talk = try talk(of: connection, control) else { return nil }
        return try reading(control) { session in
            let segments: [ChatSegment] = try talk.connections.compactMap { row in
                guard var segment = try TalkDerivation.part(of: row, session.db)?.segment else { return nil }
                // What a relay has recorded since.
                if let last = session.overlay.connections[row]?.last {
                    segment.last = max(segment.last, Timestamp(nanoseconds: last))
                }
                return segment
            }
            return Conversations.join(segments).first
        }
    }

    /// Reads events of a talk around a place.
    ///
    /// - Parameters:
    ///   - connections: those of the talk.
    ///   - cursor: the place.
    ///   - back: how many events in front of it.
    ///   - ahead: how many from it on.
    ///   - analysis: what is derived from the frames, as far as that follows from the piece.
    package func piece(
        of connections: [Int64], around cursor: EventCursor, back: Int, ahead: Int, _ analysis: AnalysisOptions,
        _ control: ReadControl = ReadControl()
    ) throws -> ConversationPiece {
        try reading(control) { session in
            let spans = try session.spans(of: connections)
            var piece = ConversationPiece()
            var cursors: [EventCursor] = []
            var backwards = EventMerge(session, spans, .before(cursor))
            while cursors.count < back, let next = try backwards.next() { cursors.append(next) }
            piece.isFromStart = try backwards.next() == nil
            cursors.reverse()
            let end = cursors.count + ahead
            var forwards = EventMerge(session, spans, .from(cursor))
            while cursors.count < end, let next = try forwards.next() { cursors.append(next) }
            piece.isToEnd = try forwards.next() == nil
            var firsts: [Int64: Int64] = [:]
            for cursor in cursors where firsts[cursor.connection] == nil { firsts[cursor.connection] = cursor.number }
            if let first = cursors.first, !piece.isFromStart {
                for span in spans.byOpening {
                    let before =
                        try firsts[span.connection].map { $0 - 1 }
                        ?? session.count(of: span.connection, upTo: first, includingIt: false)
                    piece.earlier += try session.commands(of: span.connection, upTo: before)
                }
                piece.earlier.sort { $0.cursor < $1.cursor }
            }
            var trackers: [Int64: ConnectionTracker] = [:]
            for cursor in cursors {
                try control.check()
                guard let event = try session.event(at: cursor) else { continue }
                let address = EventAddress(connection: cursor.connection, number: cursor.number)
                func emit(_ event: Event) {
                    piece.events.append(AddressedEvent(event: event, address: address, cursor: cursor))
                }
                var tracker =
                    trackers.removeValue(forKey: cursor.connection)
                    ?? ConnectionTracker(connection: Int(cursor.connection), analysis: analysis)
                if case .closed = event.kind {
                    tracker.end(event, emit: emit)
                } else {
                    tracker.observe(event, emit: emit)
                }
                trackers[cursor.connection] = tracker
            }
            return piece
        }
    }
}

/// The numbers of the commands of a connection that are no messages, up to an event.
struct CommandList: Sendable {
    var end: Int64 = 0
    var numbers: [Int64] = []
}

extension BrowsingSession {
    /// The spans of some connections.
    func spans(of connections: [Int64]) throws -> ConnectionSpans.Ordered {
        try cache.spans.withLockedValue { spans in
            try spans.update(db, overlay)
            return spans.of(connections)
        }
    }

    /// The event at a place as it was recorded; nil if it cannot be read.
    func event(at cursor: EventCursor) throws -> Event? {
        guard let (entry, part, _) = try entry(cursor.number, of: cursor.connection) else { return nil }
        return try event(entry, part, of: cursor.connection)
    }

    /// The largest number of commands in front of a piece that are read.
    private static let mostCommands = 4_096

    /// The commands of a switchboard that are no messages and no answers to messages.
    ///
    /// - Parameter last: the number of the last event to look at.
    func commands(of connection: Int64, upTo last: Int64) throws -> [AddressedEvent] {
        guard try facts(of: connection)?.role == .switchboard else { return [] }
        var list = cache.commands.value(connection) ?? CommandList()
        if list.end < last {
            let directory = try directory(of: connection)
            for part in directory.parts where part.before.events + Int64(part.count) > list.end {
                guard part.before.events < last else { break }
                try control.check()
                for (index, entry) in try entries(of: part, connection).enumerated() {
                    let number = part.before.events + Int64(index) + 1
                    guard number > list.end, number <= last else { continue }
                    if try isCommand(entry, part, connection) { list.numbers.append(number) }
                }
            }
            list.end = last
            // Who joined last matters more than who was there once.
            if list.numbers.count > Self.mostCommands {
                list.numbers.removeFirst(list.numbers.count - Self.mostCommands)
            }
            cache.commands.keep(list, for: connection, cost: 64 + list.numbers.count * 8)
        }
        return try list.numbers.filter { $0 <= last }.compactMap { number in
            guard let (entry, part, _) = try self.entry(number, of: connection),
                let event = try event(entry, part, of: connection)
            else { return nil }
            return AddressedEvent(
                event: event, address: EventAddress(connection: connection, number: number),
                cursor: EventCursor(time: entry.order, connection: connection, number: number))
        }
    }

    /// Whether an entry is a command that tells who takes part, or the beginning or end of the connection.
    private func isCommand(_ entry: BlockEntry, _ part: BlockDirectory.Part, _ connection: Int64) throws -> Bool {
        switch entry.kind {
        case .opened, .closed: return true
        case .frame:
            guard let bytes = try bytes(of: part, connection).bytes(of: entry) else { return false }
            return !Self.messages.contains { bytes.starts(with: $0) }
        default: return false
        }
    }

    private static let messages = ["MSG", "ACK", "NAK", "UUN", "UBN"].map { Array($0.utf8) }
}
