// Parses chat text, custom emoticons and drawings (p2p.md section 1).

internal import MSNP

/// A chat message.
package struct TextMessage: Sendable, Hashable {
    /// The text; line ends as received: CR or CR LF.
    package var text: String
    /// The text style; nil if the message has none.
    package var style: TextStyle?
    /// `P4-Context`: the display name that the sender chose for this message.
    package var nickname: String?

    /// Creates a text without a style.
    package init(text: String) { self.text = text }

    init(_ mime: MIMEMessage, _ charsets: CharsetDecoder) {
        style = mime["x-mms-im-format"].map { TextStyle($0) }
        text = charsets.text(mime.body, declared: mime.charset, style: style)
        nickname = mime["p4-context"].map { charsets.text($0, declared: nil) }
    }

    /// Parses the text of one part, which may begin and end inside a character.
    init(_ mime: MIMEMessage, part: MessagePart, _ charsets: CharsetDecoder) {
        guard mime.charset?.isUTF8 ?? true else {
            self.init(mime, charsets)
            return
        }
        // Whether this is the last part is unknown here. A complete character at the end is kept in any case.
        let body = TruncatedText.whole(mime.body, isCutBefore: part.index > 0, isCutBehind: true)
        self.init(MIMEMessage(mime, body: body), charsets)
    }

    func add(to fields: inout FieldList) {
        fields.add("text", text)
        if let style { fields.add("format", .fields(style.fields)) }
        fields.add("nickname", nickname)
    }
}

/// A custom emoticon: a shortcut and the picture that replaces it.
package struct Emoticon: Sendable, Hashable {
    /// The characters to replace.
    package var shortcut: String
    /// The picture's MSN object, as received.
    package var object: String
    /// `SHA1D` of the object: the digest of the picture, in base64; identifies the picture in all conversations.
    package var digest: String?

    /// The maximum number of emoticons in one message; clients send five.
    private static let most = 200

    /// Parses any number of `shortcut TAB object TAB`.
    static func list(_ body: ByteSlice, _ charsets: CharsetDecoder) -> [Emoticon] {
        let cells = body.split(separator: 0x09, maxSplits: 2 * most, omittingEmptySubsequences: false)
        var result: [Emoticon] = []
        var index = 0
        while index + 1 < cells.count, result.count < most {
            let shortcut = charsets.text(cells[index].drop { $0 == 0x0D || $0 == 0x0A }, declared: nil)
            result.append(Emoticon(shortcut: shortcut, object: charsets.text(cells[index + 1], declared: nil)))
            index += 2
        }
        return result
    }

    init(shortcut: String, object: String) {
        self.shortcut = shortcut
        self.object = object
        digest = ObjectDigest.of(object)
    }

    var fields: [Field] {
        var fields = FieldList()
        fields.add("shortcut", shortcut)
        PayloadMeaning.add("object", object, to: &fields)
        return fields.all
    }
}

/// Reads the digest in an MSN object, which identifies a picture.
package enum ObjectDigest {
    /// `SHA1D` of an object as it is in a message; nil if there is none.
    package static func of(_ object: String) -> String? {
        XML.document(ByteSlice(object.utf8.prefix(4_096))).first("msnobj")?[attribute: "SHA1D"]
    }
}

/// A drawing.
package struct Ink: Sendable, Hashable {
    /// `image/gif`, or `application/x-ms-ink` (ink serialized format).
    package var type: String
    /// The data; nil if it is not valid base64. The parts of a split drawing are cut at any byte.
    package var data: [UInt8]?

    init(_ body: ByteSlice, type: String) {
        self.type = type
        let isEncoded = body.starts(with: "base64:".utf8)
        data = isEncoded ? Base64.decode(body.dropFirst(7)) : Array(body)
    }

    func add(to fields: inout FieldList) {
        fields.add("format", type == "image/gif" ? "gif" : "isf")
        fields.add("bytes", data?.count)
        if data == nil { fields.add("damaged", .flag(true)) }
    }
}
