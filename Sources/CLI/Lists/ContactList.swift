// The people in an archive with their messages, and the format of their list.

import Archive
internal import Events
import MSNP
internal import Output

/// A person that recorded clients met, with the sums over their conversations.
struct Contact {
    /// Account, name, lists, times.
    var person: ContactSummary
    /// The number of conversations with the person.
    var talks: Int64 = 0
    /// The number of text messages in these conversations.
    var messages: Int64 = 0

    /// The people that match a query, those with the most messages first.
    static func all(in source: Archive, _ query: SessionQuery) throws -> [Contact] {
        let words = query.selection
        var everybody = query
        everybody.selection.words = []
        var sums: [String: (talks: Int64, messages: Int64)] = [:]
        for talk in try TalkIndex(source, everybody).talks {
            for account in talk.met {
                let sum = sums[account] ?? (0, 0)
                sums[account] = (sum.talks &+ 1, sum.messages &+ talk.messages)
            }
        }
        return try source.contacts(everybody).filter { words.matches([$0.account, $0.name]) }.map { person in
            let sum = sums[person.account] ?? (0, 0)
            return Contact(person: person, talks: sum.talks, messages: sum.messages)
        }.sorted { a, b in
            (b.messages, b.talks, a.person.account) < (a.messages, a.talks, b.person.account)
        }
    }

    /// The names of the contact lists that the person is on.
    var lists: [String] {
        var names: Set<String> = []
        for word in person.lists.utf8.split(separator: 0x20) {
            names.formUnion(
                Decimal.value(of: word).map(ValueName.ofLists) ?? ValueName.ofList(word).map { [$0] } ?? [])
        }
        return ValueName.ofLists(.max).filter(names.contains)
    }
}

/// Writes each person as a line in columns, or as one JSON object on a line.
struct ContactListFormat {
    let isJSON: Bool
    private var table: TextTable
    private let time: ListTime

    /// - Parameter width: the number of columns at which lines of text are cut; nil to keep them whole.
    init(isJSON: Bool, width: Int?, zone: TimeZoneRules) {
        self.isJSON = isJSON
        time = ListTime(zone: zone)
        table = TextTable([.left, .left, .right, .right, .left, .left], width: width)
    }

    mutating func append(_ contact: Contact, to bytes: inout [UInt8]) {
        let person = contact.person
        guard !isJSON else {
            var object = JSONObject()
            object.add("event", "contact")
            object.add("account", person.account)
            object.add("name", person.name.isEmpty ? nil : person.name)
            object.add("lists", contact.lists)
            object.add("talks", contact.talks)
            object.add("messages", contact.messages)
            object.add("time_first", person.first?.rfc3339)
            object.add("time_last", person.last?.rfc3339)
            bytes += object.bytes
            bytes.append(0x0A)
            return
        }
        let seen: String =
            if let first = person.first, let last = person.last {
                time.span(first, last)
            } else {
                "never seen"
            }
        table.append(
            [
                person.account, person.name, contact.talks.countOrBlank("talk"),
                contact.messages.countOrBlank("message"), seen, contact.lists.joined(separator: ", "),
            ], to: &bytes)
    }

    mutating func finish(_ bytes: inout [UInt8]) { table.finish(&bytes) }
}
