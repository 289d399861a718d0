// What a `SecretScanner` reads at the same time: names, tags, command lines, and the rest of what a hole cut off.

/// Names with a colon or an equals sign behind them: `MSPAuth: …`, `lockkey="…"`, `&t=…`.
struct NameReader: Sendable {
    private var name = NameDigest()
    /// Whether blanks stand behind the name.
    private var isOver = false

    /// Reads a byte.
    ///
    /// - Returns: what is to be expected, where the name of a secret ends here.
    mutating func take(_ byte: UInt8) -> SecretScanner.Mode? {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F:
            if isOver { self = NameReader() }
            name.append(byte)
            return nil
        case 0x20, 0x09:
            isOver = true
            return nil
        default:
            defer { self = NameReader() }
            guard name.count > 0 else { return nil }
            if byte == 0x3A, SecretNames.headerDigests.contains(name) { return .announced(.line) }
            guard byte == 0x3D else { return nil }
            let isAttribute = SecretNames.attributeDigests.contains(name)
            let isParameter = !isOver && SecretNames.parameterDigests.contains(name)
            return isAttribute || isParameter ? .assigned(isAttribute: isAttribute, isParameter: isParameter) : nil
        }
    }
}

/// The tags of XML, whatever their prefix.
struct TagReader: Sendable {
    private enum Place: Sendable {
        case outside
        case behindAngle
        case inName
        case behindName
        /// In a tag that closes an element, or in one whose name is of no interest.
        case inOther
    }

    private var place = Place.outside
    private var name = NameDigest()

    /// The rest of a tag that closes.
    mutating func close() { place = .inOther }

    /// Reads a byte.
    ///
    /// - Returns: whether it ends the tag that opens an element with a secret.
    mutating func take(_ byte: UInt8, behind last: UInt8) -> Bool {
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
                place = byte == 0x2F ? .inOther : .outside
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
        case .inOther:
            if byte == 0x3E { place = .outside }
            return false
        }
    }
}

/// Command lines, wherever they start, and the arguments in them that are secret by their place.
struct LineReader: Sendable {
    /// A command in which a secret stands.
    private enum Command: Sendable { case other, signIn, answer, query }

    private let side: Side
    private var command = Command.other
    /// How many arguments of the command came before this one.
    private var argument = 0
    private var token = NameDigest()
    private var letter: UInt8 = 0
    private var hasAt = false
    /// Whether it may be a method of signing in: up to four capitals.
    private var isMethod = true
    private var lastThree: UInt32 = 0
    private var namesAccount = false

    init(side: Side) { self.side = side }

    /// Reads a byte.
    ///
    /// - Returns: what is to be expected, where a secret argument or answer starts behind it.
    mutating func take(_ byte: UInt8) -> SecretScanner.Mode? {
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
            if byte == 0x40 { hasAt = true }
            if byte &- 0x41 >= 26 && byte &- 0x30 >= 10 { isMethod = false }
            return nil
        }
    }

    private mutating func startToken() {
        token = NameDigest()
        hasAt = false
        isMethod = true
        lastThree = 0
    }

    private mutating func endToken() -> SecretScanner.Mode? {
        if let begun = begunCommand {
            command = begun
            argument = 0
            namesAccount = false
            return nil
        }
        // The cookie of an invitation, in XFR and RNG.
        if token == SecretNames.invitation { return .announced(.blank) }
        defer { argument &+= 1 }
        switch command {
        case .other, .query: return nil
        case .answer: return argument == 1 ? .announced(.blank) : nil
        case .signIn:
            guard side == .client else {
                // The receiver of a file, where it is who waits to be connected to.
                return argument == 0 && hasAt ? .announced(.blank) : nil
            }
            if argument > 0, token.count == 1 {
                if letter == 0x53 || letter == 0x41 { return .announced(.arguments) }
                if letter == 0x49 { namesAccount = true }
            }
            let isAccount = hasAt || argument == 1 && !(isMethod && token.count <= 4)
            return isAccount && !namesAccount ? .announced(.blank) : nil
        }
    }

    /// The command that the token is, or ends in: texts have no line end behind them.
    private var begunCommand: Command? {
        // In capitals, whatever they were.
        switch lastThree & 0xDF_DFDF {
        case 0x55_5352: .signIn
        case 0x41_4E53: side == .client ? .answer : nil
        case 0x51_5259: side == .client ? .query : nil
        default: nil
        }
    }
}

/// The rest of something whose beginning is missing: of a header's line, an argument, an element, the answer to a challenge.
struct HoleReader: Sendable {
    private var left = 0
    private var line = Line.cut
    /// How many digits may be the answer to a challenge, at the start of the line behind the one that was cut.
    private var answerLeft = 0

    /// Which line of the rest is read.
    private enum Line: Sendable {
        /// The one that was cut.
        case cut
        /// A further one, of which nothing was read yet.
        case next
        /// An indented one: it goes on with the header whose name is missing.
        case folded
        /// One that may be base64, or the length of an HTTP chunk: a ticket in XML goes over several.
        case base64
    }

    /// No ticket is longer than this.
    private static let longest = 16_384
    private static let longestAnswer = 32

    /// Whether the next byte may still be part of such a rest.
    var isOpen: Bool { left > 0 || answerLeft > 0 }

    private static func isBase64(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x2B || byte == 0x2F || byte == 0x3D
    }

    /// Bytes of this side are missing here.
    mutating func open(_ side: Side) {
        left = Self.longest
        line = .cut
        answerLeft = side == .client ? Self.longestAnswer : 0
    }

    /// Reads a byte.
    ///
    /// - Returns: whether it may belong to a secret.
    mutating func take(_ byte: UInt8, behind last: UInt8) -> Bool {
        if line == .next { line = byte.isBlank ? .folded : .base64 }
        if line == .base64, !byte.isLineEnd, !Self.isBase64(byte) { left = 0 }
        guard left > 0 else {
            let isDigit = byte &- 0x30 < 10 || byte &- 0x61 < 6
            answerLeft = isDigit ? answerLeft &- 1 : 0
            return isDigit
        }
        left &-= 1
        switch byte {
        case .lineFeed:
            line = .next
            return false
        case .carriageReturn: return false
        case 0x2F where last == 0x3C:
            left = 0
            answerLeft = 0
            return false
        default: return true
        }
    }
}
