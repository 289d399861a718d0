// A transcript as the log that MSN Messenger 6 and later wrote, `MessageLog` XML.

internal import Events
internal import Output
internal import Payloads

/// One `Log` with every conversation as one of its sessions.
///
/// Its elements are `Message`, `Invitation`, `InvitationResponse`, `Join` and `Leave`; each has the local `Date` and `Time`
/// (here UTC), `DateTime` in UTC, and `SessionID`. What the log has no element for is a `Message` in the grey of Messenger's
/// own words.
package struct MessageLogXML: ChatFormat {
    private var session = 1
    private var people: [ChatHeading.Person] = []
    /// The names of offered files, by cookie.
    private var files: [String: String] = [:]

    /// How many offers are remembered.
    private static let mostFiles = 1_000
    /// How many bytes of a message's readers' names are written: what more there are is counted.
    private static let mostOfReaders = 2_048
    /// The colour of what Messenger itself says.
    private static let grey: StaticString = "color:#545454; "

    /// A log.
    package init() {}

    /// The prologue, and the root with the numbers of its sessions.
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

    /// Nothing is written: entries bear the number of their session.
    package mutating func open(_ heading: ChatHeading, to bytes: inout [UInt8]) {
        session = heading.number
        people = heading.people
        files = [:]
    }

    /// One element.
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
            text(Self.grey.description, Self.shown("\(entry.name) \(ChatRemark.sentence(file))"), &bytes)
            end("Invitation", &bytes)
        case .invitation:
            begin("Invitation", entry, &bytes)
            from(entry, &bytes)
            text(Self.grey.description, Self.shown("\(entry.name) \(ChatWords.sentence(entry) ?? "")"), &bytes)
            end("Invitation", &bytes)
        case .file, .annotation, .typing, .leftMessage:
            message(
                entry, Self.grey.description, Self.shown("\(entry.name) \(ChatWords.sentence(entry) ?? "")"),
                &bytes, spill)
        case .gap, .incomplete:
            message(entry, Self.grey.description, ChatWords.trouble(entry.what) ?? "", &bytes, spill)
        }
    }

    /// Nothing is written.
    package mutating func close(to bytes: inout [UInt8]) {}
    /// The end of the root.
    package mutating func finish(to bytes: inout [UInt8]) { bytes.append(plain: "</Log>\n") }

    private func message(
        _ entry: ChatEntry, _ style: String, _ text: String, _ bytes: inout [UInt8], _ spill: ChatSpill
    ) {
        begin("Message", entry, &bytes)
        from(entry, &bytes)
        bytes.append(plain: "<To>")
        readers(of: entry, &bytes)
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
        text(Self.grey.description, Self.shown("\(entry.name) \(ChatWords.sentence(entry) ?? "")"), &bytes)
        end(element, &bytes)
    }

    /// A sentence of ours in which what hides is written out.
    private static func shown(_ sentence: String) -> String {
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
        bytes += " Date=\"\(entry.time.date)\" Time=\"\(entry.time.clock)\"".utf8
        bytes += " DateTime=\"\(entry.time.milliseconds)\" SessionID=\"\(session)\"".utf8
        // Messenger never said what became of a message; readers of its logs pass over attributes that they do not know.
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

    private func readers(of entry: ChatEntry, _ bytes: inout [UInt8]) {
        let readers = people.filter { $0.account != entry.account }
        let end = bytes.count + Self.mostOfReaders
        for (index, person) in readers.enumerated() {
            guard bytes.count < end else { return user("and \(readers.count - index) more", &bytes) }
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
