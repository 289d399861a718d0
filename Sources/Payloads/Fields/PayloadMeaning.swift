// Adds the meaning of payload values, under the same names that the meanings of command arguments have.

internal import MSNP

/// Adds values of XML elements and header lines, each followed by its meaning if known.
enum PayloadMeaning {
    /// Adds a text, followed by its meaning if known; the meaning's name is this name with a suffix.
    ///
    /// - Parameter name: the payload's name of the value, in `lower_snake`.
    static func add(_ name: String, _ text: String, to fields: inout FieldList) {
        fields.add(name, .text(text))
        guard let first = name.utf8.first, !text.isEmpty else { return }
        // Most names have no meaning, and begin with other letters than these.
        guard "acilst".utf8.contains(first) else { return add(object: text, name, to: &fields) }
        switch name {
        case "state", "status": fields.add(name + "_name", ValueName.ofState(text.utf8))
        case "capabilities": add(capabilities: text, name, to: &fields)
        case "client_type", "typ": fields.add(name + "_name", number(text).flatMap(ValueName.ofClientType))
        case "chat_logging": fields.add(name + "_name", ValueName.ofLogging(text.utf8))
        case "lang_preference", "lang", "language":
            fields.add(name + "_name", number(text).flatMap(ValueName.ofLocale(number:)))
        case "login_time": fields.add(name + "_text", number(text).flatMap(UnixTime.text))
        case "current_media":
            guard let media = PersonalData.Media(text) else { break }
            fields.add(name + "_text", media.text)
            if !media.application.isEmpty { fields.add(name + "_application", media.application) }
        case "application_guid": fields.add(name + "_name", GUID(text).flatMap { PeerApplication($0).known })
        case "id": add(account: text, name, to: &fields)
        default: add(object: text, name, to: &fields)
        }
    }

    /// Adds the attributes of an MSN object if the text is one.
    static func add(object text: String, _ name: String, to fields: inout FieldList) {
        // Most texts are not MSN objects; this test rejects them without a copy.
        guard let first = text.utf8.first, first == 0x3C || first == 0x25 || first == 0x26,
            let object = MSNObject(ByteSlice(text.utf8))
        else { return }
        fields.add(name + "_fields", .fields(object.fields))
    }

    /// Adds the names of a client's capabilities, `268435492` or `268435492:8`.
    static func add(capabilities text: String, _ name: String, to fields: inout FieldList) {
        guard let names = ValueName.ofCapabilities(ByteSlice(text.utf8)) else { return }
        fields.add(name + "_names", .list(names.map { .text($0) }))
    }

    /// Adds the two parts of `1:alice@example.com`.
    private static func add(account text: String, _ name: String, to fields: inout FieldList) {
        guard let colon = text.utf8.firstIndex(of: 0x3A), let network = number(text[..<colon]), text.contains("@")
        else { return }
        fields.add(name + "_network", ValueName.ofNetwork(network) ?? "\(network)")
        fields.add(name + "_account", String(text[text.utf8.index(after: colon)...]))
    }

    private static func number(_ text: some StringProtocol) -> UInt64? { Decimal.value(of: Array(text.utf8)[...]) }
}
