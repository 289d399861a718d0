// The byte-by-byte parsers of `SecretScanner`: names, XML tags, command lines, and the rest of a value after a gap.

/// Recognises secret names before a colon or an equals sign: `MSPAuth: …`, `lockkey="…"`, `&t=…`.
struct NameReader: Sendable {
    private var name = NameDigest()
    /// Whether a blank follows the name.
    private var isComplete = false

    /// Reads a byte.
    ///
    /// - Returns: the mode for the following bytes if the byte ends the name of a secret; else nil.
    mutating func read(_ byte: UInt8) -> SecretScanner.Mode? {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F:
            if isComplete { self = NameReader() }
            name.append(byte)
            return nil
        case 0x20, 0x09:
            isComplete = true
            return nil
        default:
            defer { self = NameReader() }
            guard name.count > 0 else { return nil }
            if byte == 0x3A, SecretNames.headerDigests.contains(name) { return .expected(.line) }
            guard byte == 0x3D else { return nil }
            let isAttribute = SecretNames.attributeDigests.contains(name)
            let isParameter = !isComplete && SecretNames.parameterDigests.contains(name)
            return isAttribute || isParameter ? .assigned(isAttribute: isAttribute, isParameter: isParameter) : nil
        }
    }
}

/// Recognises XML tags, ignoring namespace prefixes.
struct TagReader: Sendable {
    private enum Place: Sendable {
        case outside
        case behindAngle
        case inName
        case behindName
        /// In an end tag, or in another tag to ignore.
        case inIgnoredTag
    }

    private var place = Place.outside
    private var name = NameDigest()

    /// Ignores the rest of an end tag.
    mutating func close() { place = .inIgnoredTag }

    /// Reads a byte.
    ///
    /// - Returns: whether the byte ends the start tag of an element with a secret.
    mutating func read(_ byte: UInt8, after last: UInt8) -> Bool {
        if byte == 0x3C {
            place = .behindAngle
            return false
        }
        switch place {
        case .outside: return false
        case .behindAngle:
            name = NameDigest()
            if (byte | 0x20) &- 0x61 < 26 || byte == 0x5F {
                name.append(byte)
                place = .inName
            } else {
                place = byte == 0x2F ? .inIgnoredTag : .outside
            }
            return false
        case .inName where byte == 0x3A:
            name = NameDigest()
            return false
        case .inName where byte != 0x3E && byte != 0x2F && !byte.isBlank && !byte.isLineEnd:
            name.append(byte)
            return false
        case .inName, .behindName:
            guard byte == 0x3E else {
                place = .behindName
                return false
            }
            place = .outside
            return last != 0x2F && SecretNames.elementDigests.contains(name)
        case .inIgnoredTag:
            if byte == 0x3E { place = .outside }
            return false
        }
    }
}

/// Recognises commands at any position, and their arguments that are secret by position.
struct LineReader: Sendable {
    /// A command with a secret: `USR`, `ANS` or `QRY`.
    private enum Kind: Sendable { case other, signIn, answer, query }

    private let side: Side
    private var command = Kind.other
    /// The index of the current argument.
    private var argument = 0
    private var token = NameDigest()
    private var letter: UInt8 = 0
    private var containsAt = false
    /// Whether the token may be an authentication method: up to four capital letters or digits.
    private var mayBeMethod = true
    private var lastThree: UInt32 = 0
    private var namesAccount = false

    init(side: Side) { self.side = side }

    /// Reads a byte.
    ///
    /// - Returns: the mode for the following bytes if a secret argument or challenge response starts after the byte;
    ///   else nil.
    mutating func read(_ byte: UInt8) -> SecretScanner.Mode? {
        switch byte {
        case .lineFeed:
            let isQuery = command == .query
            self = LineReader(side: side)
            return isQuery ? .secret(.count(32)) : nil
        case .carriageReturn: return nil
        case .space:
            defer { startToken() }
            return token.count > 0 ? endToken() : nil
        default:
            token.append(byte)
            letter = byte
            lastThree = (lastThree &<< 8 | UInt32(byte)) & 0xFF_FFFF
            if byte == 0x40 { containsAt = true }
            if byte &- 0x41 >= 26 && byte &- 0x30 >= 10 { mayBeMethod = false }
            return nil
        }
    }

    private mutating func startToken() {
        token = NameDigest()
        containsAt = false
        mayBeMethod = true
        lastThree = 0
    }

    private mutating func endToken() -> SecretScanner.Mode? {
        if let started = startedCommand {
            command = started
            argument = 0
            namesAccount = false
            return nil
        }
        // `CKI` precedes the switchboard cookie in XFR and RNG.
        if token == SecretNames.invitation { return .expected(.blank) }
        defer { argument &+= 1 }
        switch command {
        case .other, .query: return nil
        case .answer: return argument &+ 1 == Command.answerCookieIndex ? .expected(.blank) : nil
        case .signIn:
            guard side == .client else {
                // MSNFTP's USR comes from the server side if the receiver of the file accepts the connection.
                return argument == 0 && containsAt ? .expected(.blank) : nil
            }
            if argument > 0, token.count == 1 {
                if Command.isSecretStage(letter) { return .expected(.arguments) }
                if Command.isFirstStage(letter) { namesAccount = true }
            }
            let isAccount = containsAt || argument == 1 && !(mayBeMethod && token.count <= 4)
            return isAccount && !namesAccount ? .expected(.blank) : nil
        }
    }

    /// The command with which the token ends. A command may follow message text without a line end.
    private var startedCommand: Kind? {
        // Ignore case by converting to capital letters.
        switch lastThree & 0xDF_DFDF {
        case 0x55_5352: .signIn
        case 0x41_4E53: side == .client ? .answer : nil
        case 0x51_5259: side == .client ? .query : nil
        default: nil
        }
    }
}

/// Recognises the rest of a value whose start is in a gap: a header, an argument, an XML element or the response to a
/// challenge.
struct GapReader: Sendable {
    private var remaining = 0
    private var line = Line.truncated
    /// The number of digits that may still belong to a challenge response, at the start of the line after the truncated
    /// one.
    private var remainingAnswer = 0

    /// The current line of the rest.
    private enum Line: Sendable {
        /// The truncated line.
        case truncated
        /// The start of a further line.
        case next
        /// An indented line, which continues the header whose name is missing.
        case folded
        /// A line that may be base64 or the length of an HTTP chunk: a ticket in XML spans several lines.
        case base64
    }

    /// The maximum length of a ticket in bytes.
    private static let maximumLength = 16_384
    private static let maximumAnswerLength = 32

    /// Whether the next byte may belong to such a value.
    var isActive: Bool { remaining > 0 || remainingAnswer > 0 }

    private static func isBase64(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x2B || byte == 0x2F || byte == 0x3D
    }

    /// Starts after a gap in the bytes of this side.
    mutating func start(_ side: Side) {
        remaining = Self.maximumLength
        line = .truncated
        remainingAnswer = side == .client ? Self.maximumAnswerLength : 0
    }

    /// Reads a byte.
    ///
    /// - Returns: whether the byte may belong to a secret.
    mutating func read(_ byte: UInt8, after last: UInt8) -> Bool {
        if line == .next { line = byte.isBlank ? .folded : .base64 }
        if line == .base64, !byte.isLineEnd, !Self.isBase64(byte) { remaining = 0 }
        guard remaining > 0 else {
            let isDigit = byte &- 0x30 < 10 || byte &- 0x61 < 6
            remainingAnswer = isDigit ? remainingAnswer &- 1 : 0
            return isDigit
        }
        remaining &-= 1
        switch byte {
        case .lineFeed:
            line = .next
            return false
        case .carriageReturn: return false
        case 0x2F where last == 0x3C:
            remaining = 0
            remainingAnswer = 0
            return false
        default: return true
        }
    }
}
