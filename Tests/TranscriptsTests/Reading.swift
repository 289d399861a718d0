// What is made of events.

import Analysis
import Charsets
import Events
import Payloads
import Transcripts

/// Events, read as conversations.
struct Reading {
    var events: [Event]
    /// What recorded a connection, where not the first.
    var recordings: [Int: Int] = [:]
    /// What happened beside messages on each connection.
    var sideEvents: [Int: [SideEvent]] = [:]

    private var finders: [SegmentFinder] {
        Set(events.map(\.connection)).sorted().map { connection in
            var finder = SegmentFinder(connection: connection, recording: recordings[connection] ?? 1)
            for event in events where event.connection == connection { finder.take(event) }
            return finder
        }
    }

    var conversations: [ChatConversation] {
        let all = sideEvents.values.flatMap(\.self)
        return Conversations.join(finders.flatMap(\.segments).map { $0.counting(all) })
    }

    var names: NameHistory { finders.reduce(into: NameHistory()) { $0.merge($1.names) } }

    /// The entries of each conversation.
    func entries(typing: Bool = false) -> [[ChatEntry]] {
        conversations.map { conversation in
            var reader = ConversationReader(
                conversation, names: names, sideEvents: sideEvents, charsets: .iconv, showsTyping: typing)
            var entries: [ChatEntry] = []
            for group in conversation.connectionGroups {
                for event in events where group.contains(event.connection) {
                    reader.take(event) { entries.append($0) }
                }
            }
            reader.finish { entries.append($0) }
            return entries
        }
    }

    /// All conversations in a form.
    func written(_ format: some ChatFormat, typing: Bool = false) -> String {
        var format = format
        var bytes: [UInt8] = []
        let conversations = conversations
        format.begin(count: conversations.count, to: &bytes)
        for (index, entries) in entries(typing: typing).enumerated() {
            format.open(ChatHeading(conversations[index], number: index + 1, names: names), to: &bytes)
            for entry in entries { format.append(entry, to: &bytes) }
            format.close(to: &bytes)
        }
        format.finish(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The texts of the messages in one conversation.
    func texts(_ index: Int = 0) -> [String] {
        let all = entries()
        guard all.indices.contains(index) else { return [] }
        return all[index].compactMap { entry in
            if case .text(let text, _) = entry.what { "\(entry.name): \(text.text)" } else { nil }
        }
    }
}
