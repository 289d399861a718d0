// Follows one connection: who is there, and which text messages were said (p2p.md sections 1 and 6).

internal import Charsets
internal import Events
internal import MSNP
internal import Payloads

/// The participants of a switchboard, and the text messages of any connection.
struct Conversation: Sendable {
    private let connection: Int
    private var participants = Participants()
    private var parts = MessageParts()

    private var own: String { participants.own }

    init(connection: Int) { self.connection = connection }

    /// Notes who comes and goes, and what is said.
    ///
    /// - Parameters:
    ///   - headers: those of a `MSG`.
    ///   - further: gets the message that this frame completes, findings on messages that will not be complete, and on texts
    ///     that can be read though they are odd.
    /// - Returns: the message that this frame completes, where it came in parts.
    mutating func take(
        _ frame: Frame, _ headers: Headers.Kind?, from side: Side, _ event: Event, _ further: inout [Event.Kind]
    ) -> Frame? {
        guard event.role == .switchboard || event.role == .unknown || event.role == .notification else { return nil }
        switch (frame.verb, side) {
        case ("MSG", _), ("UUM", .client), ("UBM", .server):
            return message(frame, headers ?? Headers.kind(of: frame.payload), from: side, event, &further)
        case ("USR", _), ("ANS", .client), ("CAL", .server), ("IRO", .server), ("JOI", .server), ("BYE", .server):
            if let command = Command(frame, from: side) { _ = participants.take(command) }
        case _ where event.role == .notification: letter(frame, from: side, &further)
        default: break
        }
        return nil
    }

    /// What was begun and never finished.
    mutating func finish() -> [Event.Kind] { parts.close().flatMap(incomplete) }

    /// Puts a message together, and tells its words.
    private mutating func message(
        _ frame: Frame, _ kind: Headers.Kind, from side: Side, _ event: Event, _ further: inout [Event.Kind]
    ) -> Frame? {
        guard kind.messageID != nil else {
            tell(frame, kind, from: side, event.role, &further)
            return nil
        }
        let letter =
            event.role == .notification ? DirectMessage(frame, from: side, own: own, charsets: .basic) : nil
        let sender = letter?.from ?? sender(of: frame, side)
        var givenUp: [MessageParts.Fragment] = []
        let outcome = parts.take(
            frame, kind, from: sender, to: letter.map { [$0.to] } ?? participants.everybody(but: sender),
            at: Place(event, side),
            givingUp: &givenUp)
        further += givenUp.flatMap(incomplete)
        switch outcome {
        case .alone: tell(frame, kind, from: side, event.role, &further)
        case .part: break
        case .whole(let whole, let fragment):
            tell(whole, Headers.kind(of: whole.payload), from: side, event.role, parts: fragment.bodies.count, &further)
            return whole
        }
        return nil
    }

    /// Tells the words of a message, if it has any.
    private mutating func tell(
        _ frame: Frame, _ kind: Headers.Kind, from side: Side, _ role: Role, parts: Int = 1,
        _ further: inout [Event.Kind]
    ) {
        guard role != .notification else { return letter(frame, from: side, parts: parts, &further) }
        guard frame.verb == "MSG", let range = kind.type, Self.isText(frame.bytes[range]) else { return }
        let type = frame.bytes[range]
        let sender = sender(of: frame, side)
        let body = Array(frame.bytes[kind.body...])
        judge(body, type, side, &further)
        let text = CharsetDecoder.iconv.utf8(
            body, type: type,
            format: Headers.value(of: "x-mms-im-format", in: frame.payload).map { frame.bytes[$0] })
        further.append(
            .message(
                Message(
                    from: sender, to: participants.everybody(but: sender), bytes: text, conversation: conversation,
                    side: side,
                    parts: parts)))
    }

    /// Finds a text that is not in the character set that it names.
    private func judge(_ text: [UInt8], _ type: ArraySlice<UInt8>?, _ side: Side, _ further: inout [Event.Kind]) {
        guard !UTF8Sequence.isASCII(text.span), CharsetDecoder.iconv.isMisdeclared(text, type: type) else { return }
        further.append(.finding(Finding(.invalidUTF8, "The text of a message is not UTF-8, as it says.", side: side)))
    }

    private static func isText(_ type: ArraySlice<UInt8>) -> Bool {
        Headers.equal(type.prefix { $0 != 0x3B && $0 != 0x20 }, "text/plain")
    }

    private var conversation: String { participants.session ?? "connection-\(connection)" }

    private func sender(of frame: Frame, _ side: Side) -> String {
        side == .client ? own : frame.argument(0).map { AccountEndpoint($0).account } ?? ""
    }

    // MARK: Messages that came only in part

    /// The words that came, if it was words, and a finding.
    private func incomplete(_ fragment: MessageParts.Fragment) -> [Event.Kind] {
        let seen = Message.Fragment(
            expected: fragment.count, began: Timestamp(nanoseconds: fragment.place.time))
        let count = seen.count(of: fragment.bodies.count)
        var who = fragment.sender.isEmpty ? "" : " from \(fragment.sender)"
        // A notification connection has letters to many.
        if fragment.place.role == .notification, fragment.place.side == .client, let reader = fragment.recipients.first
        {
            who += " to \(reader)"
        }
        let limit = fragment.isGivenUp ? " before it, or all that was begun, grew too large" : ""
        let isOne = fragment.bodies.count == 1
        let text =
            "Only \(count) of a message\(who) \(isOne ? "was" : "were") seen\(limit); "
            + "it began at \(seen.began.rfc3339)."
        var told = Finding(.messageIncomplete, text, side: fragment.place.side)
        if fragment.place.role == .notification {
            told.partner = fragment.place.side == .client ? fragment.recipients.first : fragment.sender
        }
        let finding = Event.Kind.finding(told)
        guard let words = FragmentWords.of(fragment) else { return [finding] }
        let letter = fragment.first.flatMap {
            fragment.place.role == .notification
                ? DirectMessage($0, from: fragment.place.side, own: own, charsets: .basic) : nil
        }
        if fragment.place.role == .notification, letter == nil { return [finding] }
        let message = Message(
            from: letter?.from ?? fragment.sender, to: letter.map { [$0.to] } ?? fragment.recipients, bytes: words,
            conversation: letter?.partner ?? conversation, side: fragment.place.side, parts: fragment.bodies.count,
            fragment: seen)
        return [.message(message), finding]
    }

    // MARK: Messages on the notification connection

    /// A text in SDG (all of MSNP21, circles before), UUM or UBM (other networks); the conversation bears the name of
    /// the other side.
    private mutating func letter(
        _ frame: Frame, from side: Side, parts: Int = 1, _ further: inout [Event.Kind]
    ) {
        switch (frame.verb, side) {
        case ("SDG", _), ("UUM", .client), ("UBM", .server): break
        default: return
        }
        guard let letter = DirectMessage(frame, from: side, own: own, charsets: .iconv),
            case .text(let text) = letter.message.body
        else { return }
        // Of other messages their inspection tells.
        if let type = letter.message.mime["content-type"], let finding = NameEncodingCheck.charset(type, side) {
            further.append(finding)
        }
        further.append(
            .message(
                Message(
                    from: letter.from, to: [letter.to], bytes: Array(text.text.utf8), conversation: letter.partner,
                    side: side, parts: parts)))
    }
}
