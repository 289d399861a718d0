// Ladders that were built, kept so that the next part of one, or the next commit, does not build it again.

import Archive
import Events
import Ladders
import NIOConcurrencyHelpers

/// A ladder that grows with its connections.
struct GrowingLadder: Sendable {
    /// The commit that it shows.
    var commit: Int64
    /// Built from the events up to a place, behind which nothing comes late.
    var settled: LadderBuilder
    var place: EventCursor?
    /// The connections that were opened up to there. If there are others, such as one whose sign-in became known late,
    /// it is built anew.
    var connections: Set<Int64> = []
    /// The ladder of all events.
    var ladder: Ladder
}

/// Keeps a few ladders, those that were used last.
final class LadderCache: Sendable {
    struct Key: Hashable, Sendable {
        var ids: [ArchiveID]
        var unfolded: Set<FoldGroup>
    }

    private static let most = 4

    private let kept = NIOLockedValueBox<[(key: Key, ladder: GrowingLadder)]>([])

    func value(_ key: Key) -> GrowingLadder? {
        kept.withLockedValue { kept in
            guard let place = kept.firstIndex(where: { $0.key == key }) else { return nil }
            let found = kept.remove(at: place)
            kept.append(found)
            return found.ladder
        }
    }

    func keep(_ ladder: GrowingLadder, for key: Key) {
        kept.withLockedValue { kept in
            kept.removeAll { $0.key == key }
            kept.append((key, ladder))
            if kept.count > Self.most { kept.removeFirst() }
        }
    }
}

extension DataService {
    /// How late an event may be committed behind others of its time, in nanoseconds.
    private static let late: Int64 = 5_000_000_000
    /// How many events wait for that at most.
    private static let mostUnsettled = 20_000
    /// How long one ladder may take; the rest is left out.
    static let longestLadder = Duration.seconds(5)

    /// The ladder of connections as of now.
    func ladder(of id: ArchiveID, _ options: LadderOptions, _ control: ReadControl) throws -> Ladder {
        try require(.of(id), control)
        // Before anything is read: a commit in between has it read again.
        let commit = try reader.commitNumber()
        let key = LadderCache.Key(ids: [id], unfolded: options.unfolded)
        let kept = ladders.value(key)
        if let kept, kept.commit == commit { return kept.ladder }
        var options = options
        options.hasRelay = try self.options.mode == .relay || reader.lists(control) { try $0.isOfRelay([id]) }
        let now = try reader.connections(of: .of(id), openedUpTo: kept?.place?.time ?? .min, control)
        let isUsable = kept.map { $0.connections == now && $0.settled.hasRelay == options.hasRelay } ?? false
        let grown = try grow(
            isUsable ? kept : nil, LadderBuilder(presentation, options), commit, id, control)
        ladders.keep(grown, for: key)
        return grown.ladder
    }

    private func grow(
        _ kept: GrowingLadder?, _ empty: LadderBuilder, _ commit: Int64, _ id: ArchiveID, _ control: ReadControl
    ) throws -> GrowingLadder {
        var settled = kept?.settled ?? empty
        var place = kept?.place
        /// The events that others may still come before.
        var waiting: [EventItem] = []
        let end = ContinuousClock.now + Self.longestLadder
        var next = place ?? EventCursor(time: .min, connection: 0, number: 0)
        var isCut = settled.isFull
        while !isCut {
            let window = try reader.events(.of(id), .after(next), limit: ArchiveReader.mostItems, .row, control)
            waiting += window.items
            if let newest = waiting.last?.cursor.time {
                let count = waiting.prefix { item in
                    let (age, isOver) = newest.subtractingReportingOverflow(item.cursor.time)
                    return isOver || age > Self.late
                }.count
                let settling = max(count, waiting.count - Self.mostUnsettled)
                for item in waiting.prefix(settling) { settled.take(item) }
                if settling > 0 { place = waiting[settling - 1].cursor }
                waiting.removeFirst(settling)
            }
            isCut = settled.isFull || ContinuousClock.now > end
            guard let following = window.next else { break }
            next = following
        }
        var builder = settled
        for item in waiting { builder.take(item) }
        if isCut {
            let rest = try reader.total(of: .of(id), control) - builder.frames
            builder.leaveOut(Int(clamping: max(1, rest)))
        }
        return GrowingLadder(
            commit: commit, settled: settled, place: place,
            connections: try reader.connections(of: .of(id), openedUpTo: place?.time ?? .min, control),
            ladder: builder.finish())
    }
}

extension LadderBuilder {
    /// Takes an event of a list with what follows from it.
    fileprivate mutating func take(_ item: EventItem) {
        let place = Ladder.Place(
            connection: Int(clamping: item.address.connection), number: Int(clamping: item.address.number))
        for event in item.events { take(event, at: place) }
    }
}
