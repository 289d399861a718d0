// Which strands are one conversation.

package import Events

/// A conversation as people had it, over one or several connections.
package struct ChatConversation: Sendable {
    /// What it is twisted of, in order of their beginnings.
    package private(set) var segments: [ChatSegment]
    /// For strands that show a switchboard session which an earlier one shows too: that one's place in `segments`.
    private(set) var shadows: [Int: Int] = [:]
    /// When it began.
    package let first: Timestamp
    /// When it ended.
    package private(set) var last: Timestamp
    /// The accounts whose clients were recorded.
    fileprivate private(set) var owners: Set<String>

    /// The first connection that shows the same session of a switchboard as a strand.
    func root(of segment: Int) -> Int {
        var root = segment
        while let other = shadows[root] { root = other }
        return root
    }

    init(_ segment: ChatSegment) {
        segments = [segment]
        first = segment.first
        last = segment.last
        owners = [segment.own]
    }

    /// Adds a strand, perhaps one of a session that an earlier one shows.
    fileprivate mutating func add(_ segment: ChatSegment, shadowing other: Int? = nil) {
        if let other { shadows[segments.count] = other }
        segments.append(segment)
        last = max(last, segment.last)
        owners.insert(segment.own)
    }

    /// Everybody who was there, the recorded side first.
    package var everybody: [String] {
        let own = segments.first?.own ?? ""
        let others = segments.reduce(into: Set<String>()) { $0.formUnion($1.people.union([$1.own])) }
        return (own.isEmpty ? [] : [own]) + others.filter { !$0.isEmpty && $0 != own }.sorted()
    }

    /// How many connections are read at once; what more were open together is told behind them.
    private static let mostTogether = 50

    /// The connections whose events make it, in groups that follow each other: those of one group were open together.
    package var sittings: [[Int]] {
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

/// Joins strands.
///
/// Servers close a switchboard after some minutes without a word, and clients open another at the next one; what a
/// person had was one window. So a strand goes on with a conversation of the same people (all who ever were there, or who
/// were there at last) if it begins within half an hour of its last word. Two connections of one switchboard session,
/// which its number and server show, are one conversation seen twice.
package enum Conversations {
    /// How long people may be silent in one conversation, in seconds: some times as long as the longest-lived idle
    /// switchboards, and shorter than most meals.
    static let pause: Int64 = 30 * 60

    static func isPause(from last: Timestamp, to next: Timestamp) -> Bool {
        let (length, isOver) = next.nanoseconds.subtractingReportingOverflow(last.nanoseconds)
        return isOver || length > pause * 1_000_000_000
    }

    private struct People: Hashable {
        var recording: Int
        var everybody: Set<String>
    }

    /// Joins strands, in any order, to conversations in order of their beginnings. Those in which nothing was said are left
    /// out.
    package static func join(_ segments: [ChatSegment]) -> [ChatConversation] {
        var all: [ChatConversation] = []
        var byPeople: [People: Int] = [:]
        // Of the connections that show a session, the one that lasted longest so far.
        var bySession: [ChatSegment.Session: (conversation: Int, segment: Int)] = [:]
        for segment in segments.filter({ $0.remarks > 0 }).sorted(by: {
            ($0.first, $0.connection) < ($1.first, $1.connection)
        }) {
            let session = segment.session
            let place: Int
            if let session, let other = bySession[session],
                segment.first <= all[other.conversation].segments[other.segment].last
            {
                place = other.conversation
                all[place].add(segment, shadowing: other.segment)
            } else if let found = segment.everybody.flatMap({
                byPeople[People(recording: segment.recording, everybody: $0)]
            }),
                continues(segment, all[found])
            {
                place = found
                all[place].add(segment)
            } else {
                place = all.count
                all.append(ChatConversation(segment))
            }
            if let session {
                let longest = bySession[session].map { all[$0.conversation].segments[$0.segment].last }
                if longest.map({ $0 < segment.last }) ?? true {
                    bySession[session] = (place, all[place].segments.count - 1)
                }
            }
            for everybody in [segment.everybody, segment.everybodyAtLast].compactMap(\.self) {
                byPeople[People(recording: segment.recording, everybody: everybody)] = place
            }
        }
        return all
    }

    /// Whether a strand goes on with a conversation of the same people. One that was open at the same time, and shows
    /// another client's side, may be the same talk again: it stays by itself, but for another session of a switchboard.
    private static func continues(_ segment: ChatSegment, _ conversation: ChatConversation) -> Bool {
        guard !isPause(from: conversation.last, to: segment.first) else { return false }
        if segment.first >= conversation.last || conversation.owners == [segment.own] { return true }
        guard let session = segment.session else { return false }
        return conversation.segments.suffix(mostCompared).allSatisfy { other in
            other.last < segment.first || other.own == segment.own
                || other.session.map { $0.number != session.number } ?? false
        }
    }

    /// With how many strands of a conversation another one is compared.
    private static let mostCompared = 100
}
