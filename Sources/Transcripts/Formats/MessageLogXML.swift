// Writes a transcript in the message log format of MSN Messenger 6 and later (`MessageLog` XML).

package import Events
internal import Output
internal import Payloads

/// Writes one `Log` element with each conversation as one session.
///
/// The elements are `Message`, `Invitation`, `InvitationResponse`, `Join` and `Leave`. Each has `Date` and `Time`
/// (local time in Messenger's logs; here in the zone of the format), `DateTime` in UTC, and `SessionID`. Entries without an element of their
/// own become a `Message` in the grey of Messenger's own notices.
package struct MessageLogXML: ChatFormat {
    private var session = 1
    private var people: [ChatHeading.Person] = []
    /// The names of offered files, by cookie.
    private var files: [String: String] = [:]

    /// The largest number of offers kept.
    private static let mostFiles = 1_000
    /// The number of bytes of recipients' names in one message after which the others are only counted.
    private static let mostRecipientBytes = 2_048
    /// The style of Messenger's own notices.
    private static let grey: StaticString = "color:#545454; "

    private let zone: TimeZoneRules

    /// - Parameter zone: the zone of `Date` and `Time`.
    package init(zone: TimeZoneRules = .utc) { self.zone = zone }

    /// Writes the prologue and the root element with its first and last session number.
    package mutating func begin(count: Int, to bytes: inout [UInt8]) {
        bytes.append(
            plain: """
                <?xml version="1.0" encoding="UTF-8"?>
                <?xml-stylesheet type='text/xsl' href='MessageLog.xsl'?>
                <Log FirstSessionID="1" LastSessionID="
                """)
        bytes.append(html: String(max(count, 1)))
        bytes.append(plain: "\">\n")
    }

    /// Writes nothing: each entry has the number of its session.
    package mutating func open(_ heading: ChatHeading, to bytes: inout [UInt8]) {
        session = heading.number
        people = heading.people
        files = [:]
    }

    /// Writes one element.
    package mutating func append(_ entry: ChatEntry, to bytes: inout [UInt8], spill: ChatSpill) {
        switch entry.what {
        case .text(let text, _): message(entry, StyleText(text.style).log, text.text, &bytes, spill)
        case .joined, .here: presence("Join", entry, " has joined the conversation.", &bytes)
        case .left: presence("Leave", entry, " has left the conversation.", &bytes)
        case .annotation(.invitation(let invitation), _) where !(entry.isOfferer && invitation.command == .accept):
            self.invitation(invitation, entry, &bytes)
        case .file(let file) where file.picture == nil:
            begin("Invitation", entry, &bytes)
            from(entry, &bytes)
            append(file: file.name, &bytes)
            text(Self.grey.description, Self.visible("\(entry.name) \(MessageSummary.sentence(file))"), &bytes)
            end("Invitation", &bytes)
        case .invitation:
            begin("Invitation", entry, &bytes)
            from(entry, &bytes)
            text(Self.grey.description, Self.visible("\(entry.name) \(ChatWords.sentence(entry) ?? "")"), &bytes)
            end("Invitation", &bytes)
        case .file, .annotation, .typing, .leftMessage:
            message(
                entry, Self.grey.description, Self.visible("\(entry.name) \(ChatWords.sentence(entry) ?? "")"),
                &bytes, spill)
        case .gap, .incomplete:
            message(entry, Self.grey.description, ChatWords.trouble(entry.what) ?? "", &bytes, spill)
        }
    }

    package mutating func close(to bytes: inout [UInt8]) {}
    /// Writes the end of the root element.
    package mutating func finish(to bytes: inout [UInt8]) { bytes.append(plain: "</Log>\n") }

    private func message(
        _ entry: ChatEntry, _ style: String, _ text: String, _ bytes: inout [UInt8], _ spill: ChatSpill
    ) {
        begin("Message", entry, &bytes)
        from(entry, &bytes)
        bytes.append(plain: "<To>")
        recipients(of: entry, &bytes)
        bytes.append(plain: "</To>")
        begin(text: style, &bytes)
        text.forEachPiece { piece in
            switch piece {
            case .words(let words): bytes.append(html: words)
            case .lineEnd: bytes.append(0x0A)
            }
            bytes.spill(spill)
        }
        bytes.append(plain: "</Text></Message>\n")
    }

    private func presence(_ element: StaticString, _ entry: ChatEntry, _ words: String, _ bytes: inout [UInt8]) {
        begin(element, entry, &bytes)
        user(entry.name, &bytes)
        text(Self.grey.description, entry.name + words, &bytes)
        end(element, &bytes)
    }

    private mutating func invitation(_ invitation: InviteMessage, _ entry: ChatEntry, _ bytes: inout [UInt8]) {
        let isOffer = invitation.command == .invite
        if isOffer, let file = invitation.file, files.count < Self.mostFiles { files[invitation.cookie] = file }
        let element: StaticString = isOffer ? "Invitation" : "InvitationResponse"
        begin(element, entry, &bytes)
        from(entry, &bytes)
        if let file = files[invitation.cookie] {
            append(file: file, &bytes)
        } else if let application = invitation.application {
            bytes.append(plain: "<Application>")
            bytes.append(html: application)
            bytes.append(plain: "</Application>")
        }
        text(Self.grey.description, Self.visible("\(entry.name) \(ChatWords.sentence(entry) ?? "")"), &bytes)
        end(element, &bytes)
    }

    /// A sentence of the program with invisible characters escaped.
    private static func visible(_ sentence: String) -> String {
        var bytes: [UInt8] = []
        bytes.append(visible: sentence)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func append(file name: String, _ bytes: inout [UInt8]) {
        bytes.append(plain: "<File>")
        bytes.append(html: name)
        bytes.append(plain: "</File>")
    }

    private func begin(_ element: StaticString, _ entry: ChatEntry, _ bytes: inout [UInt8]) {
        bytes.append(plain: "<")
        bytes.append(plain: element)
        bytes += " Date=\"\(entry.time.date(in: zone))\" Time=\"\(entry.time.clock(in: zone))\"".utf8
        bytes += " DateTime=\"\(entry.time.milliseconds)\" SessionID=\"\(session)\"".utf8
        // Not in Messenger's logs; programs that read them ignore unknown attributes.
        if let delivery = ChatWords.delivery(entry.what) { bytes += " Delivery=\"\(delivery)\"".utf8 }
        bytes.append(plain: ">")
    }

    private func end(_ element: StaticString, _ bytes: inout [UInt8]) {
        bytes.append(plain: "</")
        bytes.append(plain: element)
        bytes.append(plain: ">\n")
    }

    private func from(_ entry: ChatEntry, _ bytes: inout [UInt8]) {
        bytes.append(plain: "<From>")
        user(entry.name, &bytes)
        bytes.append(plain: "</From>")
    }

    private func recipients(of entry: ChatEntry, _ bytes: inout [UInt8]) {
        let recipients = people.filter { $0.account != entry.account }
        let end = bytes.count + Self.mostRecipientBytes
        for (index, person) in recipients.enumerated() {
            guard bytes.count < end else { return user("and \(recipients.count - index) more", &bytes) }
            user(person.name, &bytes)
        }
    }

    private func user(_ name: String, _ bytes: inout [UInt8]) {
        bytes.append(plain: "<User FriendlyName=\"")
        bytes.append(html: name)
        bytes.append(plain: "\"/>")
    }

    private func text(_ style: String, _ text: String, _ bytes: inout [UInt8]) {
        begin(text: style, &bytes)
        bytes.append(html: text)
        bytes.append(plain: "</Text>")
    }

    private func begin(text style: String, _ bytes: inout [UInt8]) {
        bytes.append(plain: "<Text Style=\"")
        bytes.append(html: style)
        bytes.append(plain: "\">")
    }
}
