// Parses alerts and pages: the XML payload of NOT and IPG (MSNP5 and later).

internal import MSNP

/// A parsed `<NOTIFICATION id siteid siteurl><TO/><MSG><ACTION/><SUBSCR/><BODY/></MSG></NOTIFICATION>`.
package struct Alert: Sendable, Hashable {
    /// The recipient's account.
    package var to: String?
    /// The sender, such as a phone.
    package var from: String?
    /// `siteurl`: the web site that sends the alert.
    package var site: String?
    /// The text of the body, as displayed to the user.
    package var text: String
    /// The fields of XML embedded in the text.
    private var data: [Field]
    private var rest: [Field]

    init(_ document: XML) {
        let root = document.first("NOTIFICATION") ?? document
        to = root.first("TO")?[attribute: "name"]
        from = root.first("FROM")?[attribute: "name"]
        site = root[attribute: "siteurl"]
        let message = root.first("MSG")
        let body = message?.first("BODY")
        text = body?.text(of: "TEXT") ?? body?.text ?? ""
        // Services embed escaped XML in the text.
        let inner = text.utf8.first == 0x3C ? XML.document(ByteSlice(text.utf8)) : nil
        data = inner.flatMap { $0.children.isEmpty ? nil : $0.fields } ?? []
        var rest = FieldList()
        rest.add("id", root[attribute: "id"])
        rest.add("site_id", root[attribute: "siteid"])
        rest.add("person", root.first("TO")?[attribute: "pid"])
        rest.add("message_id", message?[attribute: "id"])
        rest.add("priority", message?[attribute: "pri"])
        rest.add("action", message?.first("ACTION")?[attribute: "url"])
        rest.add("subscription", message?.first("SUBSCR")?[attribute: "url"])
        if let language = body?[attribute: "lang"] { PayloadMeaning.add("language", language, to: &rest) }
        rest.add("icon", body?[attribute: "icon"])
        rest.add("address", root.first("TO")?[attribute: "email"])
        rest.add("agent", root.first("TO")?.first("VIA")?[attribute: "agent"])
        rest.add("version", root[attribute: "ver"])
        rest.add("rich_text", body?.text(of: "TEXTX"))
        self.rest = rest.all
    }

    /// The alert as named fields.
    package var fields: [Field] {
        var fields = FieldList()
        fields.add("to", to)
        fields.add("from", from)
        fields.add("site", site)
        if !text.isEmpty { fields.add("text", text) }
        for field in rest { fields.add(field.name, field.value) }
        if !data.isEmpty { fields.add("data", .fields(data)) }
        return fields.all
    }
}
