// The title and the table of contents of a transcript page.

internal import Analysis
internal import Events
internal import Output

/// Says whose conversations a page has, and links to each by person and by day.
struct PageContents {
    private let headings: [ChatHeading]
    private let zone: TimeZoneRules
    /// The account that takes part in all conversations: the recorded client; nil if there is none.
    private let owner: ChatHeading.Person?

    /// Up to this many conversations the lists are open.
    private static let mostOpen = 40
    /// The largest number of people of one conversation that the lists name.
    private static let mostPeople = 50
    /// The largest number of names in one link.
    private static let mostNames = 3

    init(_ headings: [ChatHeading], zone: TimeZoneRules) {
        self.headings = headings
        self.zone = zone
        let candidate = headings.last?.people.first
        let isInAll = headings.allSatisfy { heading in heading.people.contains { $0.account == candidate?.account } }
        owner = isInAll ? candidate : nil
    }

    /// `Conversations of Alice (alice@example.com), 2005-05-06 to 2005-06-28`.
    var title: String {
        let people: String
        if headings.count == 1, let heading = headings.first {
            let names = heading.people.prefix(Self.mostPeople).map(\.name).joined(separator: ", ")
            people = names.isEmpty ? "Conversation" : names
        } else if let owner {
            people = "Conversations of \(owner.name)" + (owner.name == owner.account ? "" : " (\(owner.account))")
        } else {
            people = "Conversations"
        }
        let dated = headings.filter(\.first.hasDate)
        guard let first = dated.map(\.first).min(), let last = dated.map(\.last).max() else { return people }
        let (start, end) = (first.date(in: zone), last.date(in: zone))
        return "\(people), \(start)" + (start == end ? "" : " to \(end)")
    }

    /// Writes the title, and the lists if there is more than one conversation.
    func append(to bytes: inout [UInt8]) {
        bytes.append(plain: "<h1>")
        bytes.append(shownHTML: title)
        bytes.append(plain: "</h1>\n")
        guard headings.count > 1 else { return }
        bytes.append(plain: "<nav>\n<h2>By person</h2>\n")
        for (person, places) in people { append(person, places, &bytes) }
        bytes.append(plain: "<h2>By day</h2>\n")
        for (month, places) in months {
            begin(&bytes)
            bytes.append(html: "\(month) (\(places.count))")
            bytes.append(plain: "</summary>\n<ul>\n")
            for place in places { append(dayOf: headings[place], &bytes) }
            bytes.append(plain: "</ul></details>\n")
        }
        bytes.append(plain: "</nav>\n")
    }

    /// All people but the owner, by name, each with the indices of their conversations.
    private var people: [(person: ChatHeading.Person, places: [Int])] {
        var byAccount: [String: (person: ChatHeading.Person, places: [Int])] = [:]
        for (index, heading) in headings.enumerated() {
            for person in heading.people.prefix(Self.mostPeople) where person.account != owner?.account {
                // The last name is the one that people remember.
                byAccount[person.account, default: (person, [])].person = person
                byAccount[person.account]?.places.append(index)
            }
        }
        return byAccount.values.sorted {
            ($0.person.name.lowercased(), $0.person.account) < ($1.person.name.lowercased(), $1.person.account)
        }
    }

    /// The months in order of time, each with the indices of its conversations.
    private var months: [(month: String, places: [Int])] {
        var result: [(month: String, places: [Int])] = []
        for (index, heading) in headings.enumerated() {
            let month = heading.first.hasDate ? String(heading.first.date(in: zone).dropLast(3)) : "no date"
            if result.last?.month == month {
                result[result.count - 1].places.append(index)
            } else {
                result.append((month, [index]))
            }
        }
        return result
    }

    private func begin(_ bytes: inout [UInt8]) {
        bytes.append(plain: headings.count > Self.mostOpen ? "<details><summary>" : "<details open><summary>")
    }

    private func append(_ person: ChatHeading.Person, _ places: [Int], _ bytes: inout [UInt8]) {
        begin(&bytes)
        person.append(to: &bytes)
        bytes.append(html: " (\(places.count))")
        bytes.append(plain: "</summary>\n<ul>\n")
        for place in places {
            let heading = headings[place]
            bytes.append(plain: "<li>")
            link(
                heading,
                heading.first.hasDate
                    ? "\(heading.first.date(in: zone)) \(heading.minute(in: zone))" : heading.minute(in: zone), &bytes)
            bytes.append(plain: "</li>\n")
        }
        bytes.append(plain: "</ul></details>\n")
    }

    private func append(dayOf heading: ChatHeading, _ bytes: inout [UInt8]) {
        bytes.append(plain: "<li>")
        if heading.first.hasDate { bytes.append(html: "\(heading.first.date(in: zone)) ") }
        link(heading, heading.minute(in: zone), &bytes)
        let others = heading.people.filter { $0.account != owner?.account }
        for person in others.prefix(Self.mostNames) {
            bytes.append(plain: " <bdi>")
            bytes.append(shownHTML: person.name, isAlone: true)
            bytes.append(plain: "</bdi>")
        }
        if others.count > Self.mostNames { bytes.append(html: " and \(others.count - Self.mostNames) more") }
        bytes.append(plain: "</li>\n")
    }

    private func link(_ heading: ChatHeading, _ text: String, _ bytes: inout [UInt8]) {
        bytes.append(plain: "<a href=\"#")
        bytes.append(html: heading.id)
        bytes.append(plain: "\">")
        bytes.append(html: text)
        bytes.append(plain: "</a>")
    }
}

extension ChatHeading {
    /// `15:28`.
    fileprivate func minute(in zone: TimeZoneRules) -> String { String(first.clock(in: zone).prefix(5)) }
}

extension ChatHeading.Person {
    /// Writes the name, and behind it the account if that is not the name.
    func append(to bytes: inout [UInt8]) {
        bytes.append(plain: "<bdi>")
        bytes.append(shownHTML: name, isAlone: true)
        bytes.append(plain: "</bdi>")
        guard name != account else { return }
        bytes.append(plain: " <bdi class=\"address\">")
        bytes.append(shownHTML: account, isAlone: true)
        bytes.append(plain: "</bdi>")
    }
}
