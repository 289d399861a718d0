// Which strands are one conversation.

public import Transcript

/// A conversation as people had it, over one or several connections.
public struct ChatConversation: Sendable {
    /// What it is twisted of, in order of their beginnings.
    public private(set) var strands: [Strand]
    /// For strands that show a switchboard session which an earlier one shows too: that one's place in `strands`.
    private(set) var shadows: [Int: Int] = [:]
    /// When it began.
    public let first: Timestamp
    /// When it ended.
    public private(set) var last: Timestamp
    /// The accounts whose clients were recorded.
    fileprivate private(set) var owners: Set<String>

    /// The first connection that shows the same session of a switchboard as a strand.
    func root(of strand: Int) -> Int {
        var root = strand
        while let other = shadows[root] { root = other }
        return root
    }

    init(_ strand: Strand) {
        strands = [strand]
        first = strand.first
        last = strand.last
        owners = [strand.own]
    }

    /// Adds a strand, perhaps one of a session that an earlier one shows.
    fileprivate mutating func add(_ strand: Strand, shadowing other: Int? = nil) {
        if let other { shadows[strands.count] = other }
        strands.append(strand)
        last = max(last, strand.last)
        owners.insert(strand.own)
    }

    /// Everybody who was there, the recorded side first.
    public var everybody: [String] {
        let own = strands.first?.own ?? ""
        let others = strands.reduce(into: Set<String>()) { $0.formUnion($1.people.union([$1.own])) }
        return (own.isEmpty ? [] : [own]) + others.filter { !$0.isEmpty && $0 != own }.sorted()
    }

    /// How many connections are read at once; what more were open together is told behind them.
    private static let mostTogether = 50

    /// The connections whose events make it, in groups that follow each other: those of one group were open together.
    public var sittings: [[Int]] {
        var groups: [(connections: [Int], end: Timestamp)] = []
        for strand in strands {
            if let last = groups.last,
                last.connections.contains(strand.connection)
                    || strand.first <= last.end && last.connections.count < Self.mostTogether
            {
                groups[groups.count - 1].end = max(last.end, strand.last)
                if !last.connections.contains(strand.connection) {
                    groups[groups.count - 1].connections.append(strand.connection)
                }
            } else {
                groups.append(([strand.connection], strand.last))
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
public enum Conversations {
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
    public static func join(_ strands: [Strand]) -> [ChatConversation] {
        var all: [ChatConversation] = []
        var byPeople: [People: Int] = [:]
        // Of the connections that show a session, the one that lasted longest so far.
        var bySession: [Strand.Session: (conversation: Int, strand: Int)] = [:]
        for strand in strands.filter({ $0.remarks > 0 }).sorted(by: {
            ($0.first, $0.connection) < ($1.first, $1.connection)
        }) {
            let session = strand.session
            let place: Int
            if let session, let other = bySession[session],
                strand.first <= all[other.conversation].strands[other.strand].last
            {
                place = other.conversation
                all[place].add(strand, shadowing: other.strand)
            } else if let found = strand.everybody.flatMap({
                byPeople[People(recording: strand.recording, everybody: $0)]
            }),
                continues(strand, all[found])
            {
                place = found
                all[place].add(strand)
            } else {
                place = all.count
                all.append(ChatConversation(strand))
            }
            if let session {
                let longest = bySession[session].map { all[$0.conversation].strands[$0.strand].last }
                if longest.map({ $0 < strand.last }) ?? true {
                    bySession[session] = (place, all[place].strands.count - 1)
                }
            }
            for everybody in [strand.everybody, strand.everybodyAtLast].compactMap(\.self) {
                byPeople[People(recording: strand.recording, everybody: everybody)] = place
            }
        }
        return all
    }

    /// Whether a strand goes on with a conversation of the same people. One that was open at the same time, and shows
    /// another client's side, may be the same talk again: it stays by itself, but for another session of a switchboard.
    private static func continues(_ strand: Strand, _ conversation: ChatConversation) -> Bool {
        guard !isPause(from: conversation.last, to: strand.first) else { return false }
        if strand.first >= conversation.last || conversation.owners == [strand.own] { return true }
        guard let session = strand.session else { return false }
        return conversation.strands.suffix(mostCompared).allSatisfy { other in
            other.last < strand.first || other.own == strand.own
                || other.session.map { $0.number != session.number } ?? false
        }
    }

    /// With how many strands of a conversation another one is compared.
    private static let mostCompared = 100
}
