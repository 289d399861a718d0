// The conversations of an archive, from its derived tables, joined as `transcript` joins them.

internal import Analysis
import Archive
internal import Events

/// One conversation in a list.
struct Talk {
    /// A participant.
    struct Person {
        /// The account; empty if unknown.
        var account: String
        /// The display name; nil if unknown.
        var name: String?
    }

    /// The identifiers of its parts, `v12`; the first one stands for all.
    var ids: [ArchiveID]
    /// The rows of the connections of its parts.
    var connections: [Int64]
    /// The recording that contains it.
    var recording: ArchiveID
    /// The time of the first event.
    var first: Timestamp
    /// The time of the last event.
    var last: Timestamp
    /// Everybody who took part, the recorded client first.
    var people: [Person]
    /// The accounts whom a recorded client met: everybody but itself.
    var met: Set<String>
    /// The number of text messages; those that two connections show count once.
    var messages: Int64
}

/// The conversations of an archive, the latest first.
struct TalkIndex {
    private(set) var talks: [Talk] = []

    /// Reads the conversations that contain something that a query names. Keeps no message texts.
    init(_ source: Archive, _ query: SessionQuery) throws {
        var parts: [Int: TalkPart] = [:]
        var segments: [ChatSegment] = []
        try source.talkParts(query) { part in
            guard let segment = part.segment else { return true }
            parts[segment.connection] = part
            segments.append(segment)
            return true
        }
        for conversation in Conversations.join(segments).reversed() {
            let members = conversation.segments.compactMap { parts[$0.connection] }
            guard members.contains(where: \.isRequested), let first = members.first else { continue }
            var messages: Int64 = 0
            for (part, before) in zip(members, conversation.shownBefore) {
                guard let before else {
                    messages &+= part.messages
                    continue
                }
                messages &+= try source.messageCount(on: part.connection, after: before)
            }
            var names: [String: String] = [:]
            for part in members {
                if let name = part.ownName { names[part.own] = names[part.own] ?? name }
                for person in part.people where !person.name.isEmpty { names[person.account] = person.name }
            }
            talks.append(
                Talk(
                    ids: members.map(\.id), connections: members.map(\.connection),
                    recording: .recording(first.recording), first: conversation.first, last: conversation.last,
                    people: conversation.accounts.map { Talk.Person(account: $0, name: names[$0]) },
                    met: members.reduce(into: []) { $0.formUnion($1.people.map(\.account)) }, messages: messages))
        }
    }
}
