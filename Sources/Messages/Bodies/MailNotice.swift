// Notices of the server about mail, and about messages that were left while nobody was there (p2p.md section 1).

/// Mail came, or was moved, or so much lies there at sign-in.
public struct MailNotice: Sendable, Hashable {
    /// Who wrote, `From`, decoded; in notices about new mail.
    public var from: String?
    /// `Subject`, decoded.
    public var subject: String?
    /// What the notice is about.
    public var occasion: Occasion

    /// The three kinds of notices.
    public enum Occasion: String, Sendable, Hashable {
        /// How much there is, at sign-in.
        case initial
        /// One more.
        case new
        /// Some were moved or deleted.
        case changed
    }

    init(_ lines: MIMEMessage, type: String, _ charsets: CharsetDecoder) {
        from = lines["from"].map { TransferEncoding.words($0, charsets) }
        subject = lines["subject"].map { TransferEncoding.words($0, charsets) }
        occasion = type.contains("initial") ? .initial : type.contains("active") ? .changed : .new
    }

    func add(to fields: inout FieldList) {
        fields.add("occasion", occasion.rawValue)
        fields.add("from", from)
        fields.add("subject", subject)
    }
}

/// What lies on the server: mail counts, and messages that were left.
public struct OfflineNotice: Sendable, Hashable {
    /// Mail in the inbox, unread there, in other folders, unread there; as far as told.
    public var counts: [Field]
    /// The messages that wait.
    public var messages: [Message]
    /// `too-large`: the list has to be asked for.
    public var isTooLarge: Bool

    /// A message that waits; its text is fetched over the web, not here.
    public struct Message: Sendable, Hashable {
        /// `E`: who wrote.
        public var account: String
        /// `N`: the writer's name, decoded.
        public var name: String
        /// `RT`: when it was received, ISO 8601.
        public var received: String
        /// `I`: the identifier by which it is fetched.
        public var id: String
        /// `SZ`: its length in bytes.
        public var size: UInt64?
        /// What else was told: `T` kind, `S` status, `RS` read, `F` folder, `SU` subject.
        public var rest: [Field]
    }

    /// How many are listed; the server stops far before.
    private static let most = 1_000

    init(_ mime: MIMEMessage, _ charsets: CharsetDecoder) {
        counts = []
        messages = []
        // The XML may go over several lines: all behind the header's name is taken.
        let data = mime["mail-data"].map { $0.isEmpty ? mime.body : $0 } ?? Self.data(in: mime.body)
        isTooLarge = data.starts(with: "too-large".utf8)
        let root = XML.document(data)
        guard let content = root.first("MD") else { return }
        if let mail = content.first("E") {
            for (tag, name) in Self.counts {
                if let number = mail.text(of: tag).flatMap({ UInt64($0) }) { counts.append(Field(name, number)) }
            }
        }
        messages = content.children.filter { $0.isNamed("M") }.prefix(Self.most).map { Self.message($0, charsets) }
    }

    private static let counts: [(tag: StaticString, name: String)] = [
        ("I", "inbox"), ("IU", "inbox_unread"), ("O", "other_folders"), ("OU", "other_folders_unread"),
    ]

    private static func data(in body: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let name = "mail-data:".utf8
        for start in body.indices where body[start] | 0x20 == 0x6D {
            let candidate = body[start...].prefix(name.count)
            guard candidate.count == name.count, zip(candidate, name).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) else {
                continue
            }
            return body[candidate.endIndex...].drop { $0 == 0x20 }
        }
        return body
    }

    private static func message(_ element: XML, _ charsets: CharsetDecoder) -> Message {
        func words(_ text: String?) -> String { TransferEncoding.words(Array((text ?? "").utf8)[...], charsets) }
        var rest = FieldList()
        rest.add("kind", element.text(of: "T"))
        rest.add("status", element.text(of: "S"))
        rest.add("read", element.text(of: "RS"))
        rest.add("folder", element.text(of: "F"))
        if let subject = element.text(of: "SU") { rest.add("subject", words(subject)) }
        return Message(
            account: element.text(of: "E") ?? "", name: words(element.text(of: "N")),
            received: element.text(of: "RT") ?? "", id: element.text(of: "I") ?? "",
            size: element.text(of: "SZ").flatMap { UInt64($0) }, rest: rest.all)
    }

    func add(to fields: inout FieldList) {
        if isTooLarge { fields.add("too_large", .flag(true)) }
        for count in counts { fields.add(count.name, count.value) }
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
