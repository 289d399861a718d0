// Notices of the server about mail, and about messages that were left while nobody was there (p2p.md section 1).

/// Mail came, or was moved, or so much lies there at sign-in.
package struct MailNotice: Sendable, Hashable {
    /// Who wrote, `From`, decoded; in notices about new mail.
    package var from: String?
    /// `Subject`, decoded.
    package var subject: String?
    /// What the notice is about.
    package var occasion: Occasion

    /// The three kinds of notices.
    package enum Occasion: String, Sendable, Hashable {
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
        let kind = type.hasPrefix("text/x-msmsgs") ? type.dropFirst(13) : type[...]
        occasion = kind.hasPrefix("initial") ? .initial : kind.hasPrefix("active") ? .changed : .new
    }

    func add(to fields: inout FieldList) {
        fields.add("occasion", occasion.rawValue)
        fields.add("from", from)
        fields.add("subject", subject)
    }
}
