// Parses server notifications about e-mail (p2p.md section 1).

/// A notification that e-mail arrived or was moved, or how much the inbox holds at sign-in.
package struct MailNotice: Sendable, Hashable {
    /// `From`, decoded: the author; present for new e-mail.
    package var from: String?
    /// `Subject`, decoded.
    package var subject: String?
    /// The event that the notification reports.
    package var occasion: Occasion

    package enum Occasion: String, Sendable, Hashable {
        /// The state of the inbox at sign-in.
        case initial
        /// New e-mail arrived.
        case new
        /// E-mail was moved or deleted.
        case changed
    }

    init(_ lines: MIMEMessage, type: String, _ charsets: CharsetDecoder) {
        from = lines["from"].map { EncodedWords.decode($0, charsets) }
        subject = lines["subject"].map { EncodedWords.decode($0, charsets) }
        let kind = type.hasPrefix("text/x-msmsgs") ? type.dropFirst(13) : type[...]
        occasion = kind.hasPrefix("initial") ? .initial : kind.hasPrefix("active") ? .changed : .new
    }

    func add(to fields: inout FieldList) {
        fields.add("occasion", occasion.rawValue)
        fields.add("from", from)
        fields.add("subject", subject)
    }
}
