// A conversation, joined from the segments of one or several connections.

package import Events

/// A conversation as its participants saw it, in one window, over one or several connections.
package struct ChatConversation: Sendable {
    /// Its segments, in order of their first events.
    package private(set) var segments: [ChatSegment]
    /// For each segment of a switchboard session that an earlier segment also shows: the index of that earlier segment.
    package private(set) var duplicates: [Int: Int] = [:]
    /// The time of the first event.
    package let first: Timestamp
    /// The time of the last event.
    package private(set) var last: Timestamp
    /// The accounts of the recorded clients.
    private(set) var owners: Set<String>

    init(_ segment: ChatSegment) {
        segments = [segment]
        first = segment.first
        last = segment.last
        owners = [segment.own]
    }

    /// Appends a segment.
    ///
    /// - Parameter other: the index of an earlier segment that shows the same switchboard session.
    mutating func add(_ segment: ChatSegment, duplicating other: Int? = nil) {
        if let other { duplicates[segments.count] = other }
        segments.append(segment)
        last = max(last, segment.last)
        owners.insert(segment.own)
    }

    /// The index of the first segment that shows the same switchboard session as this one.
    package func root(of segment: Int) -> Int {
        var root = segment
        while let other = duplicates[root] { root = other }
        return root
    }

    /// All accounts that took part: the recorded client first, the others sorted.
    package var accounts: [String] {
        let own = segments.first?.own ?? ""
        let others = segments.reduce(into: Set<String>()) { $0.formUnion($1.people.union([$1.own])) }
        return (own.isEmpty ? [] : [own]) + others.filter { !$0.isEmpty && $0 != own }.sorted()
    }

    /// For each segment, the end of what earlier segments show of the same switchboard session; nil if none shows it. Of
    /// such a segment only what happened later counts.
    package var shownBefore: [Timestamp?] {
        var ends: [Int: Timestamp] = [:]
        return segments.indices.map { index in
            let root = root(of: index)
            let before = ends[root]
            ends[root] = max(before ?? segments[index].last, segments[index].last)
            return before
        }
    }

    /// The largest number of connections in one group; further ones that overlap in time form the next group.
    private static let mostTogether = 50

    /// The connections to read, in groups to read one after the other. Connections of one group overlap in time: their
    /// events must be merged by time.
    package var connectionGroups: [[Int]] {
        var groups: [(connections: [Int], end: Timestamp)] = []
        for segment in segments {
            if let last = groups.last,
                last.connections.contains(segment.connection)
                    || segment.first <= last.end && last.connections.count < Self.mostTogether
            {
                groups[groups.count - 1].end = max(last.end, segment.last)
                if !last.connections.contains(segment.connection) {
                    groups[groups.count - 1].connections.append(segment.connection)
                }
            } else {
                groups.append(([segment.connection], segment.last))
            }
        }
        return groups.map(\.connections)
    }
}
