// Finds what a strict client or server would not accept.

internal import Events
internal import MSNP

/// Inspects the frames of one connection.
struct ConformanceChecker: Sendable {
    private let passwords: Passwords
    private var challenge: [UInt8]?
    private var account: [UInt8]?
    private var salt: [UInt8]?
    private var offered: [Dialect] = []
    /// Whether the client said which dialects it speaks, and was not asked to say it again.
    private var hasVersion = false
    private var spelling = NameEncodingCheck()
    private var objects = ObjectCheck()
    /// Whether the last thing that a side said was a command with a payload.
    private var endedInPayload = PerSide<Verb?>(both: nil)

    /// What a switchboard takes in one message (commands.tsv, `MSG`; payload-rules.md, P6).
    private static let mostMessageBytes = 1_664

    /// Whether what several servers said may stand together.
    private let mixesServers: Bool

    init(passwords: Passwords, mixesServers: Bool) {
        self.passwords = passwords
        self.mixesServers = mixesServers
    }

    /// Inspects a frame.
    mutating func inspect(
        _ frame: Frame, _ side: Side, _ event: Event, _ headers: Headers.Kind?, _ annotation: inout Annotation,
        _ further: inout [Event.Kind]
    ) {
        let verb: Verb? = frame.payload.isEmpty ? nil : frame.verb
        endedInPayload[side] = verb
        let fits = annotation.reading.map { $0.isInDialect && $0.isInRole } ?? false
        if !fits || frame.verb.isError,
            let finding = FormCheck.judge(
                frame, side, event.role, event.dialect, annotation.reading, mixesServers: mixesServers)
        {
            further.append(.finding(finding))
        } else if fits, let reading = annotation.reading, let finding = ArgumentValueCheck.judge(frame, side, reading) {
            further.append(.finding(finding))
        }
        spelling.inspect(frame, side, event.role, annotation.reading, &further)
        for finding in PayloadCheck.judge(frame, side) { further.append(.finding(finding)) }
        switch (frame.verb, side) {
        case ("NLN", .server), ("ILN", .server), ("CHG", _):
            if fits, let reading = annotation.reading, let finding = objects.judge(frame, side, reading) {
                further.append(.finding(finding))
            }
        case ("CHL", .server):
            if case .challenge(let text) = Command(frame, from: side) { challenge = Array(text) }
        case ("QRY", .client): answer(frame, event, &annotation, &further)
        case ("USR", _): password(frame, side, &annotation, &further)
        case ("VER", _): version(frame, side, event.role, &further)
        case ("XFR", .server):
            if Command(frame, from: side) == .restart { hasVersion = false }
        case ("MSG", _):
            if let headers, headers.type == nil, headers.messageID == nil {
                let text = "A message does not say what it is: it has no Content-Type."
                further.append(.finding(Finding(.contentTypeMissing, text, side: side)))
            }
            if let type = headers?.type, let finding = NameEncodingCheck.charset(frame.bytes[type], side) {
                further.append(finding)
            }
            // Servers pass on what they took from a client: what is too long for one is too long from them.
            if frame.payload.count > Self.mostMessageBytes, event.role == .switchboard {
                let text = "A message of \(frame.payload.count) bytes; switchboards take \(Self.mostMessageBytes)."
                further.append(.finding(Finding(.messageTooLong, text, side: side)))
            }
        default: break
        }
    }

    /// Bytes that are no command: behind a payload, its length is what is doubtful.
    mutating func inspect(_ noise: Noise, _ side: Side) -> [Event.Kind] {
        let verb = endedInPayload[side]
        gap(side)
        guard let verb, noise.reason == .notMSNP || noise.reason == .lineTooLong else { return [] }
        let text = "What follows the payload of \(verb) is no command: the length that it told may be wrong."
        return [.finding(Finding(.lengthDoesNotFit, text, side: side))]
    }

    /// What comes next is not what followed.
    mutating func gap(_ side: Side) {
        endedInPayload[side] = nil
        // A server may have asked for it there.
        hasVersion = false
    }

    /// `QRY t product 32` with the answer to the last `CHL`.
    private mutating func answer(
        _ frame: Frame, _ event: Event, _ annotation: inout Annotation, _ further: inout [Event.Kind]
    ) {
        let challenge = challenge
        self.challenge = nil
        annotation.verdict = .unknown
        // A log may leave it out, or have a mask in its place.
        let isLeftOut =
            frame.payload.isEmpty && CommandPlausibility.announcedPayload(of: frame, from: .client)?.length ?? 0 > 0
        guard !isLeftOut, !Self.isMask(frame.payload) else { return }
        let answer = Self.digest(frame.payload, of: "QRY", &further)
        guard let challenge, case .challengeAnswer(let product) = Command(frame, from: .client) else { return }
        let verdict = Challenge.judge(
            challenge: challenge, product: product, answer: answer, dialect: event.dialect)
        annotation.verdict = verdict
        guard verdict == .wrong else { return }
        let text = "The answer to the challenge is not what it and the product's key give."
        further.append(.finding(Finding(.challengeWrong, text, side: .client)))
    }

    /// `USR t MD5 I account`, `USR t MD5 S salt`, `USR t MD5 S digest`.
    private mutating func password(
        _ frame: Frame, _ side: Side, _ annotation: inout Annotation, _ further: inout [Event.Kind]
    ) {
        switch (Command(frame, from: side), side) {
        case (.signIn(let policy, let account), _) where Self.isMD5(policy): self.account = Array(account)
        case (.authentication(let policy, let value), .server) where Self.isMD5(policy): salt = Array(value)
        case (.authentication(let policy, let value), .client) where Self.isMD5(policy):
            annotation.verdict = .unknown
            guard !Self.isMask(value) else { return }
            let answer = Self.digest(value, of: "USR", &further)
            guard let account, let salt, let password = passwords.password(of: account) else { return }
            let isRight = answer.elementsEqual(Challenge.digest(salt: salt, password: password))
            annotation.verdict = isRight ? .right : .wrong
            if isRight { return }
            further.append(
                .finding(Finding(.passwordWrong, "The answer does not fit the password that was given.", side: side)))
        default: return
        }
    }

    private static func isMD5(_ policy: Command.Token) -> Bool { policy.elementsEqual("MD5".utf8) }

    /// Whether a log of this program's own has a mask where the digest was.
    private static func isMask(_ written: ArraySlice<UInt8>) -> Bool { written.starts(with: "‹secret:".utf8) }

    /// A digest in lower case. Servers wanted it so (auth.md sections 2 and 5): what is written otherwise is told, but is no
    /// other digest.
    private static func digest(
        _ written: ArraySlice<UInt8>, of verb: Verb, _ further: inout [Event.Kind]
    ) -> [UInt8] {
        let lower = written.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
        let isHex = lower.count == 32 && lower.allSatisfy { Hexadecimal.value(of: $0) != nil }
        if !isHex || !lower.elementsEqual(written) {
            let what = isHex ? "is in upper case" : "is not 32 hexadecimal digits"
            let text = "The digest of \(verb) \(what)."
            further.append(.finding(Finding(.digestForm, text, side: .client)))
        }
        return lower
    }

    /// The server chooses among the dialects that the client offered.
    private mutating func version(_ frame: Frame, _ side: Side, _ role: Role, _ further: inout [Event.Kind]) {
        let dialects = Dialect.list(in: frame)
        guard role != .fileTransfer else { return }
        guard side == .server else {
            offered = dialects
            if hasVersion {
                let text = "VER once more in a running session; no server asked for it."
                further.append(.finding(Finding(.versionRepeated, text, side: side)))
            }
            hasVersion = true
            return
        }
        guard let chosen = Dialect.settled(by: frame, offered: offered) else {
            // Refused: the client may try again.
            hasVersion = false
            return
        }
        // CVR0 stands for the question for updates, which every client knows, whether it says so or not.
        guard !offered.isEmpty, !offered.contains(chosen), chosen != Dialect(0) else { return }
        further.append(
            .finding(Finding(.dialectNotOffered, "\(chosen) is none of those that the client offered.", side: side)))
    }
}
