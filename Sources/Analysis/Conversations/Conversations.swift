// Joins segments of connections to conversations.

package import Events

/// Joins segments to conversations.
///
/// Servers close an idle switchboard after some minutes, and clients open another one for the next message, in the same
/// window. So a segment continues a conversation of the same people (all who took part, or all who took part last) if
/// it begins within half an hour of the conversation's last event. Two connections with the same switchboard session
/// number and server are one conversation, recorded twice.
package enum Conversations {
    /// The longest pause within one conversation, in seconds: several times the life of the most patient idle
    /// switchboards, and shorter than most meals.
    package static let pause: Int64 = 30 * 60

    package static func isPause(from last: Timestamp, to next: Timestamp) -> Bool {
        let (length, isOver) = next.nanoseconds.subtractingReportingOverflow(last.nanoseconds)
        return isOver || length > pause * 1_000_000_000
    }

    private struct People: Hashable {
        var recording: Int
        var accounts: Set<String>
    }

    /// Joins segments, given in any order, to conversations in order of their first events. Segments without entries
    /// are left out.
    package static func join(_ segments: [ChatSegment]) -> [ChatConversation] {
        var all: [ChatConversation] = []
        var byPeople: [People: Int] = [:]
        // For each session, the segment with the latest end so far.
        var bySession: [ChatSegment.Session: (conversation: Int, segment: Int)] = [:]
        for segment in segments.filter({ $0.entryCount > 0 }).sorted(by: {
            ($0.first, $0.connection) < ($1.first, $1.connection)
        }) {
            let session = segment.session
            let place: Int
            if let session, let other = bySession[session],
                segment.first <= all[other.conversation].segments[other.segment].last
            {
                place = other.conversation
                all[place].add(segment, duplicating: other.segment)
            } else if let found = segment.allAccounts.flatMap({
                byPeople[People(recording: segment.recording, accounts: $0)]
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
            for accounts in [segment.allAccounts, segment.allAccountsAtEnd].compactMap(\.self) {
                byPeople[People(recording: segment.recording, accounts: accounts)] = place
            }
        }
        return all
    }

    /// Whether a segment continues a conversation of the same people. A segment that overlaps it in time and shows
    /// another client's side may repeat its messages: it stays separate, unless it is another switchboard session.
    private static func continues(_ segment: ChatSegment, _ conversation: ChatConversation) -> Bool {
        guard !isPause(from: conversation.last, to: segment.first) else { return false }
        if segment.first >= conversation.last || conversation.owners == [segment.own] { return true }
        guard let session = segment.session else { return false }
        return conversation.segments.suffix(mostCompared).allSatisfy { other in
            other.last < segment.first || other.own == segment.own
                || other.session.map { $0.number != session.number } ?? false
        }
    }

    /// The number of a conversation's latest segments to compare a segment with.
    private static let mostCompared = 100
}
