// Reassembles the text messages of one connection, with senders and recipients (p2p.md sections 1 and 6).

internal import Charsets
internal import Events
internal import MSNP
internal import Payloads

/// Tracks the participants of a switchboard, and reassembles the text messages of any connection.
struct MessageAssembler: Sendable {
    private let connection: Int
    private let options: AnalysisOptions
    private var participants = Participants()
    private var parts = MessageParts()

    /// The sender of the last message from the server; most messages have the same.
    private var lastSender: (token: [UInt8], account: String) = ([], "")
    /// The recipients of the last message of each side; nil since the participants changed.
    private var lastRecipients = PerSide<(sender: String, accounts: [String])?>(both: nil)
    /// Longer tokens are not kept.
    private static let longestToken = 256

    var own: String { participants.own }

    /// Creates an assembler for one connection.
    ///
    /// - Parameter options: whether to emit complete messages (`messages`) and findings on their character set
    ///   (`conformance`).
    init(connection: Int, _ options: AnalysisOptions) {
        self.connection = connection
        self.options = options
    }

    /// Updates the participants, and adds a frame to its message.
    ///
    /// - Parameters:
    ///   - headers: the headers of a `MSG`, if already parsed.
    ///   - further: receives the message that this frame completes, findings on messages that cannot be completed, and
    ///     findings on texts in another character set than declared.
    /// - Returns: the message that this frame completes if it was sent in several parts, as one frame.
    mutating func add(
        _ frame: Frame, _ headers: Headers.Kind?, from side: Side, _ event: Event, _ further: inout [Event.Kind]
    ) -> Frame? {
        guard event.role == .switchboard || event.role == .unknown || event.role == .notification else { return nil }
        switch (frame.verb, side) {
        case ("MSG", _), ("UUM", .client), ("UBM", .server):
            return addPart(frame, headers ?? Headers.kind(of: frame.payload), from: side, event, &further)
        case (let verb, _) where Participants.mayChange(with: verb):
            if let command = Command(frame, from: side) { _ = participants.take(command) }
            lastRecipients = PerSide(both: nil)
        case _ where event.role == .notification: appendDirectMessage(frame, from: side, &further)
        default: break
        }
        return nil
    }

    /// Ends the connection: returns its incomplete messages.
    mutating func finish() -> [Event.Kind] { parts.close().flatMap(incomplete) }

    /// Adds a frame to its message, and appends the message to `further` if it is complete.
    private mutating func addPart(
        _ frame: Frame, _ kind: Headers.Kind, from side: Side, _ event: Event, _ further: inout [Event.Kind]
    ) -> Frame? {
        guard kind.messageID != nil else {
            appendMessage(frame, kind, from: side, event.role, &further)
            return nil
        }
        let direct =
            event.role == .notification ? DirectMessage(frame, from: side, own: own, charsets: .basic) : nil
        let sender = direct?.from ?? sender(of: frame, side)
        var givenUp: [MessageParts.Fragment] = []
        let outcome = parts.take(
            frame, kind, from: sender, to: direct.map { [$0.to] } ?? recipients(from: sender, side),
            at: Place(event, side),
            givingUp: &givenUp)
        further += givenUp.flatMap(incomplete)
        switch outcome {
        case .alone: appendMessage(frame, kind, from: side, event.role, &further)
        case .part: break
        case .whole(let whole, let fragment):
            appendMessage(
                whole, Headers.kind(of: whole.payload), from: side, event.role, parts: fragment.bodies.count, &further)
            return whole
        }
        return nil
    }

    /// Appends a complete message to `further` if it is a text message.
    private mutating func appendMessage(
        _ frame: Frame, _ kind: Headers.Kind, from side: Side, _ role: Role, parts: Int = 1,
        _ further: inout [Event.Kind]
    ) {
        guard options.contains(.messages) else { return }
        guard role != .notification else { return appendDirectMessage(frame, from: side, parts: parts, &further) }
        guard frame.verb == "MSG", let range = kind.type, Self.isText(frame.bytes.span, range) else { return }
        let type = frame.bytes[range]
        let sender = sender(of: frame, side)
        let body = Array(frame.bytes[kind.body...])
        checkCharset(of: body, type, side, &further)
        let text = CharsetDecoder.iconv.utf8(
            body, type: type,
            format: Headers.value(of: "x-mms-im-format", in: frame.payload).map { frame.bytes[$0] })
        further.append(
            .message(
                Message(
                    from: sender, to: recipients(from: sender, side), bytes: text, conversation: conversation,
                    side: side,
                    parts: parts)))
    }

    /// Appends a finding if a text is not in the character set that its Content-Type declares.
    private func checkCharset(
        of text: [UInt8], _ type: ByteSlice?, _ side: Side, _ further: inout [Event.Kind]
    ) {
        guard options.contains(.conformance), !UTF8Sequence.isASCII(text.span),
            CharsetDecoder.iconv.isMisdeclared(text, type: type)
        else { return }
        further.append(
            .finding(Finding(.invalidUTF8, "The text of a message is declared as UTF-8, but is not valid.", side: side))
        )
    }

    private static func isText(_ bytes: Span<UInt8>, _ type: Range<Int>) -> Bool {
        Headers.begins(bytes, type, with: "text/plain")
    }

    private var conversation: String { participants.session ?? "connection-\(connection)" }

    private mutating func sender(of frame: Frame, _ side: Side) -> String {
        guard side == .server else { return own }
        guard let token = Command.sender(of: frame) else { return "" }
        if token.span.isEqual(to: lastSender.token) { return lastSender.account }
        let account = AccountEndpoint(token).account
        if token.count <= Self.longestToken { lastSender = (Array(token), account) }
        return account
    }

    private mutating func recipients(from sender: String, _ side: Side) -> [String] {
        if let last = lastRecipients[side], last.sender == sender { return last.accounts }
        let accounts = participants.everybody(but: sender)
        lastRecipients[side] = (sender, accounts)
        return accounts
    }

    // MARK: Incomplete messages

    /// The text of the parts seen, if it is a text message, and a finding.
    private func incomplete(_ fragment: MessageParts.Fragment) -> [Event.Kind] {
        let seen = Message.Fragment(
            expected: fragment.count, began: Timestamp(nanoseconds: fragment.place.time))
        let count = seen.count(of: fragment.bodies.count)
        var who = fragment.sender.isEmpty ? "" : " from \(fragment.sender)"
        // A notification connection carries messages to many recipients, so the finding names this one.
        if fragment.place.role == .notification, fragment.place.side == .client, let reader = fragment.recipients.first
        {
            who += " to \(reader)"
        }
        let limit = fragment.isGivenUp ? " before the size limit of incomplete messages was reached" : ""
        let isOne = fragment.bodies.count == 1
        let text =
            "Only \(count) of a message\(who) \(isOne ? "was" : "were") seen\(limit); "
            + "it began at \(seen.began.rfc3339)."
        var finding = Finding(.messageIncomplete, text, side: fragment.place.side)
        if fragment.place.role == .notification {
            finding.partner = fragment.place.side == .client ? fragment.recipients.first : fragment.sender
        }
        guard let words = IncompleteMessageText.of(fragment) else { return [.finding(finding)] }
        let direct = fragment.first.flatMap {
            fragment.place.role == .notification
                ? DirectMessage($0, from: fragment.place.side, own: own, charsets: .basic) : nil
        }
        if fragment.place.role == .notification, direct == nil { return [.finding(finding)] }
        let message = Message(
            from: direct?.from ?? fragment.sender, to: direct.map { [$0.to] } ?? fragment.recipients, bytes: words,
            conversation: direct?.partner ?? conversation, side: fragment.place.side, parts: fragment.bodies.count,
            fragment: seen)
        return [.message(message), .finding(finding)]
    }

    // MARK: Messages on the notification connection

    /// Appends a text message sent with SDG (MSNP21; before that, circles only), UUM or UBM (other networks). Its
    /// conversation is named after the other account or the group.
    private mutating func appendDirectMessage(
        _ frame: Frame, from side: Side, parts: Int = 1, _ further: inout [Event.Kind]
    ) {
        switch (frame.verb, side) {
        case ("SDG", _), ("UUM", .client), ("UBM", .server): break
        default: return
        }
        guard options.contains(.messages) else { return }
        guard let direct = DirectMessage(frame, from: side, own: own, charsets: .iconv),
            case .text(let text) = direct.message.body
        else { return }
        // For `MSG`, `ConformanceChecker` makes this finding.
        if options.contains(.conformance), let type = direct.message.mime["content-type"],
            let finding = NameEncodingCheck.charset(type, side)
        {
            further.append(finding)
        }
        further.append(
            .message(
                Message(
                    from: direct.from, to: [direct.to], bytes: Array(text.text.utf8), conversation: direct.partner,
                    side: side, parts: parts)))
    }
}
