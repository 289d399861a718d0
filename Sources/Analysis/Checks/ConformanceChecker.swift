// Checks the frames of one connection for protocol violations that a strict client or server would reject.

internal import Events
internal import MSNP

/// Runs all conformance checks on one connection, with the state that some of them need.
struct ConformanceChecker: Sendable {
    private let passwords: Passwords
    /// The text of the last `CHL` that has no answer yet.
    private var challenge: [UInt8]?
    private var account: [UInt8]?
    private var salt: [UInt8]?
    private var offered: [Dialect] = []
    /// Whether the client sent `VER`, and the server did not request it again.
    private var hasVersion = false
    private var encoding = NameEncodingCheck()
    private var objects = ObjectCheck()
    /// The last two Content-Types that were checked without a finding; most messages have one of them.
    private var knownTypes: (last: [UInt8], other: [UInt8]) = ([], [])
    /// Longer Content-Types are checked each time.
    private static let longestType = 128
    /// The verb of the last frame of each side if it has a payload and no gap or noise follows; nil otherwise.
    private var lastVerbWithPayload = PerSide<Verb?>(both: nil)

    /// The maximum payload that a switchboard accepts in one `MSG` (commands.tsv, `MSG`; payload-rules.md, P6).
    private static let mostMessageBytes = 1_664

    /// Whether the connection may contain commands of several servers, as in a log that people pasted.
    private let mixesServers: Bool

    init(passwords: Passwords, mixesServers: Bool) {
        self.passwords = passwords
        self.mixesServers = mixesServers
    }

    /// Checks a frame.
    ///
    /// - Parameters:
    ///   - annotation: contains the parsed arguments, and receives the verdict on an answer to a challenge.
    ///   - further: receives the findings.
    mutating func inspect(
        _ frame: Frame, _ side: Side, _ event: Event, _ headers: Headers.Kind?, _ annotation: inout Annotation,
        _ further: inout [Event.Kind]
    ) {
        let hasPayload = frame.payloadStart < frame.bytes.count
        lastVerbWithPayload[side] = hasPayload ? frame.verb : nil
        var isChecked = true
        let fits = annotation.reading.map { $0.isInDialect && $0.isInRole } ?? false
        if !fits || frame.verb.isError,
            let finding = FormCheck.finding(
                frame, side, event.role, event.dialect, annotation.reading, mixesServers: mixesServers)
        {
            further.append(.finding(finding))
            isChecked = false
        }
        let valuesAt = further.count
        if let finding = NameEncodingCheck.lineEnd(frame, side, event.role) { further.append(.finding(finding)) }
        let object = checkArguments(frame, side, annotation.reading, fits, fits && isChecked, valuesAt, &further)
        if hasPayload { for finding in PayloadCheck.findings(frame, side) { further.append(.finding(finding)) } }
        if let object, let finding = objects.check(frame, object, side) { further.append(.finding(finding)) }
        switch (frame.verb, side) {
        case ("CHL", .server):
            if case .challenge(let text) = Command(frame, from: side) { challenge = Array(text) }
        case ("QRY", .client): checkChallengeAnswer(frame, event, &annotation, &further)
        case ("USR", _): checkPasswordDigest(frame, side, &annotation, &further)
        case ("VER", _): checkVersion(frame, side, event.role, &further)
        case ("XFR", .server):
            if Command(frame, from: side) == .restart { hasVersion = false }
        case ("MSG", _):
            if let headers, headers.type == nil, headers.messageID == nil {
                let text = "A message has no Content-Type."
                further.append(.finding(Finding(.contentTypeMissing, text, side: side)))
            }
            if let type = headers?.type, !isKnownType(frame.bytes.span.extracting(type)) {
                if let finding = NameEncodingCheck.charset(frame.bytes[type], side) {
                    further.append(finding)
                } else if type.count <= Self.longestType {
                    knownTypes = (Array(frame.bytes[type]), knownTypes.last)
                }
            }
            // Servers forward messages unchanged, so the limit for clients also holds for messages from servers.
            let length = frame.bytes.count &- frame.payloadStart
            if length > Self.mostMessageBytes, event.role == .switchboard {
                let text =
                    "A message of \(length) bytes; switchboards accept at most \(Self.mostMessageBytes)."
                further.append(.finding(Finding(.messageTooLong, text, side: side)))
            }
        default: break
        }
    }

    /// Checks the arguments of a line, all in one pass: values, names, and whether there is an object to check.
    ///
    /// - Parameters:
    ///   - fits: whether the line has a form of its dialect and server.
    ///   - checksValues: whether to check values; the finding on one comes before those on the line's characters.
    ///   - valuesAt: where to insert the finding on a value.
    /// - Returns: the range of the object.
    private mutating func checkArguments(
        _ frame: Frame, _ side: Side, _ reading: CommandReading?, _ fits: Bool, _ checksValues: Bool, _ valuesAt: Int,
        _ further: inout [Event.Kind]
    ) -> Range<Int>? {
        let characters = NameEncodingCheck.characters(frame)
        if characters == .invalid {
            further.append(.finding(Finding(.invalidUTF8, "The line of \(frame.verb) is not UTF-8.", side: side)))
        }
        guard let reading else { return nil }
        var checksValues = checksValues && ArgumentValueCheck.isNeeded(frame)
        var checksNames = characters == .encoded
        let wantsObject = fits && ObjectCheck.isNeeded(frame.verb, side)
        guard checksValues || checksNames || wantsObject else { return nil }
        var object: Range<Int>?
        for argument in reading.arguments(of: frame) {
            if checksValues, let finding = ArgumentValueCheck.finding(frame, side, argument) {
                further.insert(.finding(finding), at: valuesAt)
                checksValues = false
            }
            switch argument.meaning {
            case .name where checksNames:
                guard let finding = encoding.finding(frame, side, name: argument) else { break }
                further.append(.finding(finding))
                checksNames = false
            case .object where wantsObject && object == nil: object = argument.range
            default: break
            }
        }
        return object
    }

    /// Whether the character set of a Content-Type was found to be known or absent before.
    private func isKnownType(_ type: Span<UInt8>) -> Bool {
        type.isEqual(to: knownTypes.last) || type.isEqual(to: knownTypes.other)
    }

    /// Checks noise: after a payload, it suggests that the length announced by the command is wrong.
    mutating func inspect(_ noise: Noise, _ side: Side) -> [Event.Kind] {
        let verb = lastVerbWithPayload[side]
        gap(side)
        guard let verb, noise.reason == .notMSNP || noise.reason == .lineTooLong else { return [] }
        let text = "The payload of \(verb) is not followed by a command: its length may be wrong."
        return [.finding(Finding(.lengthDoesNotFit, text, side: side))]
    }

    /// Resets the state that a gap or noise invalidates.
    mutating func gap(_ side: Side) {
        lastVerbWithPayload[side] = nil
        // The missing bytes may contain the server's request for another `VER`.
        hasVersion = false
    }

    /// Checks `QRY t product 32`, which has the answer to the last `CHL`.
    private mutating func checkChallengeAnswer(
        _ frame: Frame, _ event: Event, _ annotation: inout Annotation, _ further: inout [Event.Kind]
    ) {
        let challenge = challenge
        self.challenge = nil
        annotation.verdict = .unknown
        // A log may omit the answer, or contain a mask in its place.
        let isOmitted =
            frame.payload.isEmpty && CommandPlausibility.announcedPayload(of: frame, from: .client)?.length ?? 0 > 0
        guard !isOmitted, !Self.isMask(frame.payload) else { return }
        let answer = Self.digest(frame.payload, of: "QRY", &further)
        guard let challenge, case .challengeAnswer(let product) = Command(frame, from: .client) else { return }
        let verdict = Challenge.check(
            challenge: challenge, product: product, answer: answer, dialect: event.dialect)
        annotation.verdict = verdict
        guard verdict == .wrong else { return }
        let text = "The answer does not match the challenge and the product's key."
        further.append(.finding(Finding(.challengeWrong, text, side: .client)))
    }

    /// Checks the digest of an MD5 sign-in: `USR t MD5 I account`, `USR t MD5 S salt`, `USR t MD5 S digest`.
    private mutating func checkPasswordDigest(
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
                .finding(Finding(.passwordWrong, "The answer does not match the given password.", side: side)))
        default: return
        }
    }

    private static func isMD5(_ policy: Command.Token) -> Bool { policy.elementsEqual("MD5".utf8) }

    /// Whether the digest is replaced by a mask, as in logs of this program.
    private static func isMask(_ written: ByteSlice) -> Bool { written.starts(with: "‹secret:".utf8) }

    /// The digest in lower case. Servers required lower case (auth.md sections 2 and 5): another form is a finding, but
    /// compares equal.
    private static func digest(
        _ written: ByteSlice, of verb: Verb, _ further: inout [Event.Kind]
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

    /// Checks that the server chooses a dialect that the client offered, and that the client does not repeat `VER`.
    private mutating func checkVersion(_ frame: Frame, _ side: Side, _ role: Role, _ further: inout [Event.Kind]) {
        let dialects = Command.dialects(of: frame, from: side)
        guard role != .fileTransfer else { return }
        guard side == .server else {
            offered = dialects
            if hasVersion {
                let text = "VER was sent again, although no server had asked for it."
                further.append(.finding(Finding(.versionRepeated, text, side: side)))
            }
            hasVersion = true
            return
        }
        guard let chosen = Dialect.settled(by: dialects, offered: offered) else {
            // The server rejected all dialects: the client may send `VER` again.
            hasVersion = false
            return
        }
        // CVR0 stands for the update query, which every client supports, offered or not.
        guard !offered.isEmpty, !offered.contains(chosen), chosen != Dialect(0) else { return }
        further.append(
            .finding(
                Finding(.dialectNotOffered, "\(chosen) is not one of the dialects that the client offered.", side: side)
            ))
    }
}
