// Alerts and pages: the XML of NOT and IPG (MSNP5 and later).

/// `<NOTIFICATION id siteid siteurl><TO/><MSG><ACTION/><SUBSCR/><BODY/></MSG></NOTIFICATION>`, read.
package struct Alert: Sendable, Hashable {
    /// Who it is for.
    package var to: String?
    /// Who it is from, such as a phone.
    package var from: String?
    /// `siteurl`: the site that sends it.
    package var site: String?
    /// What a reader saw: the text of the body.
    package var text: String
    /// What XML in the text says, by name.
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
        // Services put XML into the text, escaped.
        let inner = text.utf8.first == 0x3C ? XML.document(Array(text.utf8)[...]) : nil
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

    /// What it says, by name.
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
