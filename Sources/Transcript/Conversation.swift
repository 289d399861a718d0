// Follows one connection: who is there, and which text messages were said (p2p.md sections 1 and 6).

internal import Charsets
internal import MSNP
internal import Messages

/// The participants of a switchboard, and the text messages of any connection.
struct Conversation: Sendable {
    private let connection: Int
    private var name: String?
    private var own = ""
    private var others: [String] = []
    private var parts = MessageParts()

    /// How many participants are remembered; the official limit was 20.
    private static let mostParticipants = 1_000

    init(connection: Int) { self.connection = connection }

    /// Notes who comes and goes.
    ///
    /// - Parameters:
    ///   - headers: those of a `MSG`.
    ///   - odd: gets what is wrong with a text, though it can be read.
    /// - Returns: the message that this frame completes, or a finding on one that cannot be completed.
    mutating func take(
        _ frame: Frame, _ headers: Headers.Kind?, from side: Side, role: Role, odd: inout [Event.Kind]
    ) -> Event.Kind? {
        guard role == .switchboard || role == .unknown else {
            return role == .notification ? letter(frame, from: side) : nil
        }
        switch (frame.verb, side) {
        case ("MSG", _): return headers.flatMap { message(frame, $0, from: side, &odd) }
        case ("USR", .client), ("ANS", .client):
            let arguments = frame.arguments
            if arguments.count > 1 { own = account(arguments[1]) }
            if frame.verb == "ANS", arguments.count > 3 { name = String(decoding: arguments[3], as: UTF8.self) }
        case ("CAL", .server):
            let arguments = frame.arguments
            if arguments.count > 2 { name = String(decoding: arguments[2], as: UTF8.self) }
        case ("IRO", .server): join(frame, at: 3)
        case ("JOI", .server): join(frame, at: 0)
        case ("BYE", .server):
            if let gone = frame.arguments.first.map(account) { others.removeAll { $0 == gone } }
        default: break
        }
        return nil
    }

    /// What was begun and never finished.
    mutating func finish() -> [Event.Kind] { parts.finish() }

    private mutating func join(_ frame: Frame, at index: Int) {
        let arguments = frame.arguments
        guard arguments.indices.contains(index), others.count < Self.mostParticipants else { return }
        let account = account(arguments[index])
        if account != own, !others.contains(account) { others.append(account) }
    }

    private mutating func message(
        _ frame: Frame, _ kind: Headers.Kind, from side: Side, _ odd: inout [Event.Kind]
    ) -> Event.Kind? {
        let isText = kind.type.map { Self.isText(frame.bytes[$0]) } ?? false
        guard isText || kind.messageID != nil else { return nil }
        let sender = side == .client ? own : frame.firstArgument.map(account) ?? ""
        let body = Array(frame.bytes[kind.body...])
        if let id = kind.messageID, MessageParts.isPart(frame, kind) {
            switch parts.take(frame.bytes[id], frame, kind, isText: isText, body, from: sender, side) {
            case .nothing: return nil
            case .incomplete(let finding): return finding
            case .whole(let whole):
                judge(whole.bytes, whole.type?[...], side, &odd)
                let text = CharsetDecoder.iconv.utf8(whole.bytes, type: whole.type?[...], format: whole.format?[...])
                return message(text, from: whole.sender, side, parts: whole.count)
            }
        }
        guard isText else { return nil }
        let type = kind.type.map { frame.bytes[$0] }
        judge(body, type, side, &odd)
        let text = CharsetDecoder.iconv.utf8(
            body, type: type,
            format: Headers.value(of: "x-mms-im-format", in: frame.payload).map { frame.bytes[$0] })
        return message(text, from: sender, side)
    }

    /// Finds a text that is not in the character set that it names.
    private func judge(_ text: [UInt8], _ type: ArraySlice<UInt8>?, _ side: Side, _ odd: inout [Event.Kind]) {
        guard !UTF8Sequence.isASCII(text.span), CharsetDecoder.iconv.isMisdeclared(text, type: type) else { return }
        odd.append(.finding(Finding(.invalidUTF8, "The text of a message is not UTF-8, as it says.", side: side)))
    }

    private static func isText(_ type: ArraySlice<UInt8>) -> Bool {
        Headers.equal(type.prefix { $0 != 0x3B && $0 != 0x20 }, "text/plain")
    }

    private func message(_ text: [UInt8], from sender: String, _ side: Side, parts: Int = 1) -> Event.Kind {
        let everybody = others + (own.isEmpty ? [] : [own])
        return .message(
            Message(
                from: sender, to: everybody.filter { $0 != sender }, bytes: text,
                conversation: name ?? "connection-\(connection)", side: side, parts: parts))
    }

    private func account(_ token: ArraySlice<UInt8>) -> String { String(decoding: Account.of(token), as: UTF8.self) }

    // MARK: Messages on the notification connection

    /// A text in SDG (all of MSNP21, circles before), UUM or UBM (other networks); the conversation bears the name of
    /// the other side.
    private mutating func letter(_ frame: Frame, from side: Side) -> Event.Kind? {
        switch (frame.verb, side) {
        case ("USR", .client):
            let arguments = frame.arguments
            if arguments.count > 3, arguments[2].elementsEqual("I".utf8) { own = account(arguments[3]) }
            return nil
        case ("SDG", _), ("UUM", .client), ("UBM", .server): break
        default: return nil
        }
        guard let letter = Letter(frame, from: side, own: own, charsets: .iconv),
            case .text(let text) = letter.message.body
        else { return nil }
        return .message(
            Message(
                from: letter.from, to: [letter.to], bytes: Array(text.text.utf8), conversation: letter.partner,
                side: side))
    }
}
