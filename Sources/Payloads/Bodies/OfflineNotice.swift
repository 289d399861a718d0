// Parses notifications about e-mail and offline messages stored on the server (MSNP11 and later; p2p.md section 1).

internal import MSNP

/// A parsed `Mail-Data: <MD>…</MD>` with the lines around it.
package struct OfflineNotice: Sendable, Hashable {
    /// The numbers of e-mails that the server sent: in the inbox and in other folders, each in all and unread.
    package var counts: [Field]
    /// The stored offline messages.
    package var messages: [Message]
    /// `too-large`: the client must request the list itself.
    package var isTooLarge: Bool
    /// All other elements, such as the quota.
    private var rest = FieldList()
    /// The header lines in the body around the XML, such as `Inbox-URL`.
    let lines: MIMEMessage

    /// A stored offline message. Its text is not in the notification: clients fetch it over the web.
    package struct Message: Sendable, Hashable {
        /// `E`: the sender's account.
        package var account: String
        /// `N`: the sender's display name, decoded.
        package var name: String
        /// `RT`: the time of receipt, ISO 8601.
        package var received: String
        /// `I`: the identifier for fetching the message.
        package var id: String
        /// `SZ`: the length in bytes.
        package var size: UInt64?
        /// Other elements: `T` kind, `S` status, `RS` read, `F` folder, `SU` subject.
        package var rest: [Field]
    }

    /// The maximum number of messages listed; the server's limit is far lower.
    private static let most = 1_000

    init(_ mime: MIMEMessage, _ charsets: CharsetDecoder) {
        counts = []
        messages = []
        let (data, lines) = Self.data(in: mime)
        self.lines = lines
        isTooLarge = data.starts(with: "too-large".utf8)
        let root = XML.document(data)
        guard let content = root.first("MD") else { return }
        for element in content.children {
            if element.isNamed("E") {
                for (tag, name) in Self.counts {
                    if let number = element.text(of: tag).flatMap({ UInt64($0) }) { counts.append(Field(name, number)) }
                }
            } else if element.isNamed("M") {
                if messages.count < Self.most { messages.append(Self.message(element, charsets)) }
            } else if element.isNamed("Q") {
                rest.add("quota", .fields(element.fields))
            } else {
                rest.add(named: element.name, element.children.isEmpty ? .text(element.text) : .fields(element.fields))
            }
        }
    }

    private static let counts: [(tag: StaticString, name: String)] = [
        ("I", "inbox"), ("IU", "inbox_unread"), ("O", "other_folders"), ("OU", "other_folders_unread"),
    ]

    /// The value of `Mail-Data:`, which may span several lines, and the lines around it.
    private static func data(in mime: MIMEMessage) -> (data: ByteSlice, lines: MIMEMessage) {
        if let value = mime["mail-data"], !value.isEmpty { return (value, MIMEMessage(mime.body)) }
        let body = mime.body
        let name = "mail-data:".utf8
        var start = body.startIndex
        var front = body.startIndex
        for index in body.indices where body[index] | 0x20 == 0x6D {
            let candidate = body[index...].prefix(name.count)
            guard candidate.count == name.count, zip(candidate, name).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) else {
                continue
            }
            front = index
            start = candidate.endIndex
            break
        }
        let data = body[start...].drop { $0 == 0x20 }
        let end = self.end(of: data)
        let behind = body[end...].drop { $0 == 0x0D || $0 == 0x0A }
        return (data[..<end], MIMEMessage(body[..<front]).with(MIMEMessage(behind)))
    }

    /// The end of the XML; the end of the line if the value is not XML.
    private static func end(of data: ByteSlice) -> Int {
        guard data.first == 0x3C else { return data.firstIndex { $0 == 0x0D || $0 == 0x0A } ?? data.endIndex }
        for index in data.indices where data[index] == 0x3C && data[index...].starts(with: "</MD>".utf8) {
            return index + 5
        }
        return data.endIndex
    }

    private static func message(_ element: XML, _ charsets: CharsetDecoder) -> Message {
        func words(_ text: String) -> String { EncodedWords.decode(ByteSlice(text.utf8), charsets) }
        var message = Message(account: "", name: "", received: "", id: "", size: nil, rest: [])
        var rest = FieldList()
        for child in element.children {
            switch child.name {
            case "E": message.account = child.text
            case "N": message.name = words(child.text)
            case "RT": message.received = child.text
            case "I": message.id = child.text
            case "SZ": message.size = UInt64(child.text)
            case "T": rest.add("kind", child.text)
            case "S": rest.add("status", child.text)
            case "RS": rest.add("read", child.text)
            case "F": rest.add("folder", child.text)
            case "SU": rest.add("subject", words(child.text))
            default: rest.add(named: child.name, .text(child.text))
            }
        }
        message.rest = rest.all
        return message
    }

    func add(to fields: inout FieldList) {
        if isTooLarge { fields.add("too_large", .flag(true)) }
        for count in counts { fields.add(count.name, count.value) }
        for field in rest.all { fields.add(field.name, field.value) }
        let list = messages.map { message in
            var fields = FieldList()
            fields.add("from", message.account)
            fields.add("name", message.name)
            fields.add("received", message.received)
            fields.add("id", message.id)
            fields.add("size", message.size)
            for field in message.rest { fields.add(field.name, field.value) }
            return Field.Value.fields(fields.all)
        }
        fields.add("messages", .list(list))
    }
}
