// Parses the payload of SDG, PUT, NFY and DEL: blocks of headers, then a body (MSNP18 and later; p2p.md section 6).

package import MSNP

/// The routing, reliability and content headers of a payload, with its body.
package struct Envelope: Sendable {
    /// The `To` header.
    package let to: Address?
    /// The `From` header.
    package let from: Address?
    /// The kind of the block that has the content.
    package let kind: Kind
    /// `Message-Type`: `Text`, `Control/Typing`, `Data` …; empty if the header is missing.
    package let messageType: String
    /// `Content-Length`, as announced by the sender; not validated.
    package let declaredLength: UInt64?
    /// The message in the content; nil for publications and notifications.
    package let message: MessagePayload?
    /// The XML in the content of publications and notifications.
    package let xml: XML?
    private let routing: MIMEMessage
    private let reliability: MIMEMessage
    private let content: MIMEMessage
    private let charsets: CharsetDecoder

    /// The kind of content.
    package enum Kind: String, Sendable, Hashable {
        /// `Messaging`: SDG.
        case messaging
        /// `Publication`: PUT and DEL of a client.
        case publication
        /// `Notification`: NFY.
        case notification
        /// No content, as in the response to PUT.
        case none
    }

    /// A parsed `1:alice@example.com;epid={guid};via=14:fb;path=IM`.
    package struct Address: Sendable, Hashable {
        /// The network's number: 1 is MSN, 9 a circle, 10 a temporary group.
        package var network: Int?
        /// The account, in lower case.
        package var account: String
        /// `epid`: one of the endpoints at which the account is signed in.
        package var endpoint: String?
        /// `via`: the circle or network that the account is reached through.
        package var via: String?
        /// `path`.
        package var path: String?

        init(_ value: ByteSlice) {
            let parts = value.split(separator: 0x3B, omittingEmptySubsequences: false)
            let name = parts.first ?? []
            let colon = name.firstIndex(of: 0x3A)
            network = colon.flatMap { Decimal.value(of: name[..<$0]) }.map(Int.init(clamping:))
            let bare = network == nil ? name : colon.map { name[($0 + 1)...] } ?? name
            account = String(decoding: Account.of(bare), as: UTF8.self)
            for part in parts.dropFirst().prefix(20) {
                guard let equals = part.firstIndex(of: 0x3D) else { continue }
                let text = String(decoding: part[(equals + 1)...], as: UTF8.self)
                switch String(decoding: part[..<equals].prefix(8), as: UTF8.self).lowercased() {
                case "epid": endpoint = text
                case "via": via = text
                case "path": path = text
                default: continue
                }
            }
        }

        /// Whether this is the address of a group, not of a person.
        package var isGroup: Bool { network == 9 || network == 10 }

        var fields: [Field] {
            var fields = FieldList()
            fields.add("account", account)
            fields.add("network", network.map(ContactListBody.Contact.network))
            fields.add("endpoint", endpoint)
            fields.add("via", via)
            fields.add("path", path)
            return fields.all
        }
    }

    /// The maximum number of header blocks read: payloads have three.
    private static let mostBlocks = 4

    /// Parses a payload. A missing block counts as empty.
    package init(_ bytes: ByteSlice, charsets: CharsetDecoder = .basic) {
        let nothing = MIMEMessage([])
        var routing = nothing
        var reliability = nothing
        var content = nothing
        var kind = Kind.none
        var rest = bytes
        for _ in 0..<Self.mostBlocks where !rest.isEmpty {
            let block = MIMEMessage(rest)
            rest = block.body
            if block["routing"] != nil { routing = block }
            if block["reliability"] != nil { reliability = block }
            let found: Kind? =
                block["messaging"] != nil
                ? .messaging
                : block["publication"] != nil ? .publication : block["notification"] != nil ? .notification : nil
            if let found {
                kind = found
                content = block
                break
            }
        }
        self.routing = routing
        self.reliability = reliability
        self.content = content
        self.kind = kind
        self.charsets = charsets
        to = routing["to"].map(Address.init)
        from = routing["from"].map(Address.init)
        messageType = content.text("message-type") ?? ""
        declaredLength = content.number("content-length")
        let body = content.body.prefix(Int(clamping: declaredLength ?? .max))
        let trimmed = MIMEMessage(content, body: body)
        message =
            kind == .messaging
            ? MessagePayload(
                trimmed, as: Self.body(messageType, trimmed, charsets), mayBePart: false, charsets: charsets) : nil
        xml = kind == .messaging || !trimmed.type.contains("xml") ? nil : XML.document(body)
    }

    /// The message body that `Message-Type` names; nil if the content type decides.
    private static func body(
        _ type: String, _ content: MIMEMessage, _ charsets: CharsetDecoder
    ) -> MessageBody? {
        switch type.lowercased() {
        case "control/typing": .typing(account: nil, isRecording: false)
        case "control/recording": .typing(account: nil, isRecording: true)
        case "nudge": .nudge
        case "wink": .wink(object: charsets.text(content.body, declared: content.charset))
        case "customemoticon": .emoticons(Emoticon.list(content.body, charsets), areAnimated: false)
        case "data", "signal/p2p": .peerToPeer
        case let type where type.hasPrefix("signal/"): .other(type)
        default: nil
        }
    }

    /// The envelope as named fields.
    package var fields: [Field] {
        var fields = FieldList()
        if let from { fields.add("from", .fields(from.fields)) }
        if let to { fields.add("to", .fields(to.fields)) }
        routing.add(to: &fields, except: ["routing", "from", "to"], charsets)
        reliability.add(to: &fields, except: ["reliability"], charsets)
        if kind != .none { fields.add("content", kind.rawValue) }
        if !messageType.isEmpty { fields.add("message_type", messageType) }
        if let message {
            for field in message.fields { fields.add(field.name, field.value) }
        } else {
            content.add(to: &fields, except: ["messaging", "message-type"], charsets)
            if let xml { fields.add("xml", .fields(xml.fields)) }
        }
        return fields.all
    }
}
