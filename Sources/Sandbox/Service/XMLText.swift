// Writes the XML of payloads.

/// Text and contact lists as XML.
enum XMLText {
    /// The text with XML's escapes, for elements and attributes.
    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }

    /// The payload of `ADL` and `FQY`: accounts by domain and name.
    ///
    /// - Parameter attributes: what each contact has behind its name, in XML.
    static func contactList(_ accounts: [String], attributes: String) -> [UInt8] {
        let contacts = accounts.map { account in
            let parts = account.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let (name, domain) = (escaped(parts.first ?? ""), escaped(parts.last ?? ""))
            return "<d n=\"\(domain)\"><c n=\"\(name)\"\(attributes)/></d>"
        }
        return Array("<ml>\(contacts.joined())</ml>".utf8)
    }
}
