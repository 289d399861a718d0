// Writes a transcript as one self-contained HTML page.

package import Events
internal import Output
internal import Payloads

/// Writes an HTML page without scripts or external resources; its links lead to places in the page. Data from peers
/// never becomes markup. Texts and names are isolated, so that their writing direction ends with them. In the program's
/// own sentences invisible characters are escaped.
package struct ChatHTML: ChatFormat {
    /// Finds a picture by the `SHA1D` of its MSN object, as a `data:` address of an image.
    package typealias Pictures = (_ digest: String) -> String?

    private let title: String?
    private let contents: PageContents
    private let zone: TimeZoneRules
    private var pictures: PagePictures
    /// The date and zone of the last entry.
    private var date = ""
    /// The shortcuts of emoticons whose picture was found, by sender's account.
    private var emoticons: [String: EmoticonShortcuts] = [:]

    private static let mostPeople = 1_000
    /// The largest number of pictures in one entry; further shortcuts stay text. Typed messages had 400 characters.
    private static let mostShown = 100

    /// Creates a page.
    ///
    /// - Parameters:
    ///   - title: the page's title; nil for one made of the contents.
    ///   - contents: the headings of all conversations of the page, for its list of contents.
    ///   - zone: the zone of the times.
    ///   - pictures: finds the pictures that were transferred; nil for others.
    package init(
        title: String? = nil, contents: [ChatHeading] = [], zone: TimeZoneRules = .utc,
        pictures: @escaping Pictures = { _ in nil }
    ) {
        self.title = title
        self.zone = zone
        self.contents = PageContents(contents, zone: zone)
        self.pictures = PagePictures(pictures)
    }

    /// Writes the head, with a content security policy that allows only inline styles and `data:` images, and the list
    /// of contents.
    package mutating func begin(count: Int, to bytes: inout [UInt8]) {
        bytes.append(
            plain: """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
                <meta name="referrer" content="no-referrer">
                <meta name="viewport" content="width=device-width">
                <title>
                """)
        bytes.append(shownHTML: title ?? contents.title)
        bytes.append(plain: "</title>\n<style>\n")
        bytes.append(plain: PageStyle.rules)
        bytes.append(plain: "\n</style>\n</head>\n<body>\n")
        contents.append(to: &bytes)
    }

    /// Writes the participants, times and connections of a conversation.
    package mutating func open(_ heading: ChatHeading, to bytes: inout [UInt8]) {
        date = ""
        emoticons = [:]
        bytes.append(plain: "<section id=\"")
        bytes.append(html: heading.id)
        bytes.append(plain: "\">\n<h2>")
        for (index, person) in heading.people.enumerated() {
            if index > 0 { bytes.append(plain: ", ") }
            person.append(to: &bytes)
        }
        bytes.append(plain: "</h2>\n<p class=\"where\">")
        func text(_ time: Timestamp) -> String { "\(time.date(in: zone)) \(time.clock(in: zone))" }
        let (first, last) = (heading.first.zoneName(in: zone), heading.last.zoneName(in: zone))
        let span =
            heading.first.hasDate
            ? "\(text(heading.first))\(first == last ? "" : " \(first)") – \(text(heading.last)) \(last), "
            : "no date, "
        bytes.append(html: span + heading.connections.map { "c\($0)" }.joined(separator: ", "))
        bytes.append(plain: "</p>\n")
    }

    /// Writes one paragraph, after a date heading if the date changes.
    package mutating func append(_ entry: ChatEntry, to bytes: inout [UInt8], spill: ChatSpill) {
        // The zone follows the date if it is not UTC, and a change of the offset gets a line of its own.
        let today =
            zone.isLocal && entry.time.hasDate ? entry.time.dateInWords(in: zone) : entry.time.date(in: .utc)
        if today != date {
            date = today
            bytes.append(plain: "<h3>")
            bytes.append(html: date)
            bytes.append(plain: "</h3>\n")
        }
        let shown = Self.pictures(of: entry.what)
        pictures.prepare(shown.map(\.digest), &bytes)
        if case .annotation(.emoticons, _) = entry.what { learn(shown, of: entry.account) }
        bytes.append(plain: entry.isOwn ? "<p class=\"own\">" : "<p>")
        bytes.append(plain: "<time datetime=\"")
        bytes.append(html: entry.time.rfc3339)
        bytes.append(plain: "\">")
        bytes.append(html: entry.time.clock(in: zone))
        bytes.append(plain: "</time>")
        if let trouble = ChatWords.trouble(entry.what) {
            bytes.append(plain: " <span class=\"trouble\">")
            bytes.append(shownHTML: trouble)
            bytes.append(plain: "</span>")
        } else if let sentence = ChatWords.sentence(entry) {
            append(name: entry, &bytes)
            bytes.append(plain: "<span class=\"event\">")
            bytes.append(shownHTML: sentence)
            bytes.append(plain: "</span>")
            for (digest, text) in shown {
                guard let number = pictures.number(of: digest) else { continue }
                PagePictures.append(number, for: text, isLarge: true, &bytes)
            }
            appendDrawing(entry.what, &bytes)
        } else if case .text(let text, _) = entry.what {
            append(name: entry, &bytes)
            append(failure: entry.what, &bytes)
            append(text, of: entry.account, &bytes, spill)
            bytes.append(plain: "</p>\n")
            return
        }
        append(failure: entry.what, &bytes)
        bytes.append(plain: "</p>\n")
    }

    /// Writes the end of a conversation.
    package mutating func close(to bytes: inout [UInt8]) { bytes.append(plain: "</section>\n") }
    /// Writes the end of the page.
    package mutating func finish(to bytes: inout [UInt8]) { bytes.append(plain: "</body>\n</html>\n") }

    private func append(name entry: ChatEntry, _ bytes: inout [UInt8]) {
        bytes.append(plain: "<bdi class=\"name\" title=\"")
        bytes.append(shownHTML: entry.account)
        bytes.append(plain: "\">")
        bytes.append(shownHTML: entry.name, isAlone: true)
        bytes.append(plain: "</bdi>")
    }

    private func append(failure what: ChatEntry.What, _ bytes: inout [UInt8]) {
        guard let failure = ChatWords.failure(what) else { return }
        bytes.append(plain: "<span class=\"mark\">")
        bytes.append(html: failure)
        bytes.append(plain: "</span>")
    }

    private func append(_ text: TextMessage, of account: String, _ bytes: inout [UInt8], _ spill: ChatSpill) {
        let style = StyleText(text.style)
        bytes.append(plain: "<span class=\"text\" dir=\"")
        bytes.append(plain: text.style?.isRightToLeft == true ? "rtl" : "auto")
        bytes.append(plain: "\" style=\"")
        bytes.append(html: style.page)
        bytes.append(plain: "\">")
        let shortcuts = emoticons[account]
        var count = 0
        text.text.forEachPiece { piece in
            switch piece {
            case .words(let words):
                if let shortcuts, count < Self.mostShown {
                    append(words, with: shortcuts, &count, &bytes)
                } else {
                    bytes.append(html: words)
                }
            case .lineEnd: bytes.append(0x0A)
            }
            bytes.spill(spill)
        }
        bytes.append(plain: "</span>")
    }

    // MARK: Pictures

    /// The pictures of an entry, each with its text alternative: an emoticon's shortcut, `wink`, `display picture`.
    private static func pictures(of what: ChatEntry.What) -> [(digest: String, text: String)] {
        switch what {
        case .file(let file): file.picture.map { [($0, "display picture")] } ?? []
        case .annotation(.emoticons(let list, _), _):
            list.suffix(mostShown).compactMap { emoticon in emoticon.digest.map { ($0, emoticon.shortcut) } }
        case .annotation(.wink(let object), _): ObjectDigest.of(object).map { [($0, "wink")] } ?? []
        default: []
        }
    }

    private mutating func learn(_ list: [(digest: String, text: String)], of account: String) {
        guard emoticons[account] != nil || emoticons.count < Self.mostPeople else { return }
        for (digest, text) in list {
            guard let number = pictures.number(of: digest) else { continue }
            emoticons[account, default: EmoticonShortcuts()].learn(text, number)
        }
    }

    /// Writes a text with pictures instead of the shortcuts whose picture was found, up to `mostShown` in the entry.
    private func append(_ text: String, with shortcuts: EmoticonShortcuts, _ count: inout Int, _ bytes: inout [UInt8]) {
        let utf8 = Array(text.utf8)
        var start = 0
        var index = 0
        while index < utf8.count, count < Self.mostShown {
            if let found = shortcuts.find(in: utf8, at: index) {
                bytes.append(html: String(decoding: utf8[start..<index], as: UTF8.self))
                let shortcut = String(decoding: utf8[index..<index + found.count], as: UTF8.self)
                PagePictures.append(found.picture, for: shortcut, &bytes)
                count += 1
                index += found.count
                start = index
            } else {
                index += 1
            }
        }
        bytes.append(html: String(decoding: utf8[start...], as: UTF8.self))
    }

    /// Writes a drawing, which is in the message itself.
    private func appendDrawing(_ what: ChatEntry.What, _ bytes: inout [UInt8]) {
        guard case .annotation(.ink(let ink), _) = what, ink.type == "image/gif", let data = ink.data,
            data.starts(with: "GIF8".utf8)
        else { return }
        bytes.append(plain: "<img src=\"")
        bytes.append(html: DataURL.image(data, type: "image/gif"))
        bytes.append(plain: "\" alt=\"a drawing\" title=\"a drawing\">")
    }
}
