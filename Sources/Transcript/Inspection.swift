// Finds what a strict client or server would not accept.

internal import MSNP

/// Inspects the frames of one connection.
struct Inspection: Sendable {
    private let passwords: Passwords
    private var challenge: [UInt8]?
    private var account: [UInt8]?
    private var salt: [UInt8]?
    private var offered: [Dialect] = []
    private var spelling = Spelling()
    /// Whether the last thing that a side said was a command with a payload.
    private var clientEndedInPayload: Verb?
    private var serverEndedInPayload: Verb?

    /// What a switchboard takes in one message (commands.tsv, `MSG`).
    private static let mostMessageBytes = 1_664

    init(passwords: Passwords) { self.passwords = passwords }

    /// Inspects a frame.
    mutating func inspect(
        _ frame: Frame, _ side: Side, _ event: Event, _ headers: Headers.Kind?, _ remark: inout Remark,
        _ further: inout [Event.Kind]
    ) {
        let verb: Verb? = frame.payload.isEmpty ? nil : frame.verb
        if side == .client { clientEndedInPayload = verb } else { serverEndedInPayload = verb }
        let fits = remark.reading.map { $0.isInDialect && $0.isInRole } ?? false
        if !fits || frame.verb.isError,
            let finding = Conformance.judge(frame, side, event.role, event.dialect, remark.reading)
        {
            further.append(.finding(finding))
        }
        spelling.inspect(frame, side, remark.reading, &further)
        switch (frame.verb, side) {
        case ("CHL", .server): if frame.argumentCount > 1 { challenge = Array(frame.arguments[1]) }
        case ("QRY", .client): answer(frame, event, &remark, &further)
        case ("USR", _): password(frame, side, &remark, &further)
        case ("VER", _): version(frame, side, &further)
        case ("SDG", _), ("PUT", _), ("DEL", _), ("NFY", _): contentLength(frame, side, &further)
        case ("MSG", _):
            if let headers, headers.type == nil, headers.messageID == nil {
                let text = "A message does not say what it is: it has no Content-Type."
                further.append(.finding(Finding(.contentTypeMissing, text, side: side)))
            }
            if side == .client, frame.payload.count > Self.mostMessageBytes, event.role == .switchboard {
                let text = "A message of \(frame.payload.count) bytes; switchboards take \(Self.mostMessageBytes)."
                further.append(.finding(Finding(.messageTooLong, text, side: side)))
            }
        default: break
        }
    }

    /// Behind three blocks of headers, the third of which tells its length, lies the content (p2p.md section 6).
    private func contentLength(_ frame: Frame, _ side: Side, _ further: inout [Event.Kind]) {
        let reliability = Headers.bodyStart(in: frame.payload)
        let content = Headers.bodyStart(in: frame.bytes[reliability...])
        guard let told = Headers.value(of: "content-length", in: frame.bytes[content...]) else { return }
        let length = frame.bytes.count - Headers.bodyStart(in: frame.bytes[content...])
        guard Decimal.value(of: frame.bytes[told]) != UInt64(length) else { return }
        let number = String(decoding: frame.bytes[told].prefix(20), as: UTF8.self)
        let text = "The content of \(frame.verb) tells a length of \(number); it has \(length) bytes."
        further.append(.finding(Finding(.contentLengthDiffers, text, side: side)))
    }

    /// Bytes that are no command: behind a payload, its length is what is doubtful.
    mutating func inspect(_ noise: Noise, _ side: Side) -> [Event.Kind] {
        let verb = side == .client ? clientEndedInPayload : serverEndedInPayload
        gap(side)
        guard let verb, noise.reason == .notMSNP || noise.reason == .lineTooLong else { return [] }
        let text = "What follows the payload of \(verb) is no command: the length that it told may be wrong."
        return [.finding(Finding(.lengthDoesNotFit, text, side: side))]
    }

    /// What comes next is not what followed.
    mutating func gap(_ side: Side) {
        if side == .client { clientEndedInPayload = nil } else { serverEndedInPayload = nil }
    }

    /// `QRY t product 32` with the answer to the last `CHL`.
    private mutating func answer(
        _ frame: Frame, _ event: Event, _ remark: inout Remark, _ further: inout [Event.Kind]
    ) {
        guard let challenge else {
            remark.verdict = .unknown
            return
        }
        self.challenge = nil
        let arguments = frame.arguments
        guard arguments.count > 1 else { return }
        let verdict = Challenge.judge(
            challenge: challenge, product: arguments[1], answer: frame.payload, dialect: event.dialect)
        remark.verdict = verdict
        guard verdict == .wrong else { return }
        let text = "The answer to the challenge is not what it and the product's key give."
        further.append(.finding(Finding(.challengeWrong, text, side: .client)))
    }

    /// `USR t MD5 I account`, `USR t MD5 S salt`, `USR t MD5 S digest`.
    private mutating func password(
        _ frame: Frame, _ side: Side, _ remark: inout Remark, _ further: inout [Event.Kind]
    ) {
        let arguments = frame.arguments
        guard arguments.count > 3, arguments[1].elementsEqual("MD5".utf8) else { return }
        switch (side, arguments[2].elementsEqual("I".utf8)) {
        case (.client, true): account = Array(arguments[3])
        case (.server, false): salt = Array(arguments[3])
        case (.client, false):
            remark.verdict = .unknown
            guard let account, let salt, let password = passwords.password(of: account) else { return }
            let isRight = arguments[3].elementsEqual(Challenge.digest(salt: salt, password: password))
            remark.verdict = isRight ? .right : .wrong
            if isRight { return }
            further.append(
                .finding(Finding(.passwordWrong, "The answer does not fit the password that was given.", side: side)))
        case (.server, true): return
        }
    }

    /// The server chooses among the dialects that the client offered.
    private mutating func version(_ frame: Frame, _ side: Side, _ further: inout [Event.Kind]) {
        let dialects = frame.arguments.dropFirst().prefix(32).compactMap { Dialect(token: $0) }
        guard side == .server else {
            offered = dialects
            return
        }
        guard let chosen = dialects.first, !offered.isEmpty, !offered.contains(chosen) else { return }
        further.append(
            .finding(Finding(.dialectNotOffered, "\(chosen) is none of those that the client offered.", side: side)))
    }
}
