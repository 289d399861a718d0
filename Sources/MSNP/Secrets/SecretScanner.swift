// Finds secrets in bytes that belong to no frame, by a byte-by-byte parser that is independent of piece boundaries.

/// A scanner for secrets in bytes of one direction that belong to no frame.
///
/// It recognises a value by the name of its header, XML element, attribute or parameter, and an argument by its
/// position in a command. A value may span any number of pieces.
struct SecretScanner: Sendable {
    /// The end of a secret.
    enum Ending: Sendable, Equatable {
        /// The end of a header: the line end, unless the next line is indented.
        case line
        /// The end of an argument: a blank or a line end.
        case blank
        /// The line end, for all arguments after the sign-in stage of a client. The GUID of the machine (`{…}`) is not
        /// secret.
        case arguments
        /// The end tag of an XML element.
        case closingTag
        /// The closing quote of an attribute.
        case quote(UInt8)
        /// The delimiter after a parameter.
        case parameter
        /// A fixed number of bytes, as for the response to a challenge.
        case count(Int)
    }

    enum Mode: Sendable, Equatable {
        case open
        /// After a secret name and an equals sign.
        case assigned(isAttribute: Bool, isParameter: Bool)
        /// A secret follows, possibly after blanks.
        case expected(Ending)
        case secret(Ending)
        /// At the start of the line after a secret header, which continues the value if it is indented.
        case folding
    }

    private let side: Side
    private var mode = Mode.open
    private var lastByte: UInt8 = 0
    private var names = NameReader()
    private var tags = TagReader()
    private var line: LineReader
    private var gap = GapReader()

    /// Whether the state equals that of a new scanner.
    private var isFresh = true

    init(side: Side) {
        self.side = side
        line = LineReader(side: side)
    }

    /// Resets the state at the start of a frame.
    mutating func reset() {
        guard !isFresh else { return }
        self = SecretScanner(side: side)
    }

    /// Continues after a gap: the following bytes may be the rest of a secret.
    mutating func resumeAfterGap() {
        self = SecretScanner(side: side)
        isFresh = false
        gap.start(side)
    }

    /// The ranges of secrets in the next bytes, in ascending order.
    mutating func ranges(in bytes: Span<UInt8>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        guard bytes.count > 0 else { return found }
        isFresh = false
        var start = -1
        for index in 0..<bytes.count {
            let byte = bytes[index]
            let mayBeSecret = gap.isActive && gap.read(byte, after: lastByte)
            let isSecret = scan(byte) || mayBeSecret
            lastByte = byte
            if isSecret, start < 0 {
                start = index
            } else if !isSecret, start >= 0 {
                found.append(start..<index)
                start = -1
            }
        }
        if start >= 0 { found.append(start..<bytes.count) }
        return found
    }

    /// Scans a byte.
    ///
    /// - Returns: whether the byte belongs to a recognised secret.
    private mutating func scan(_ byte: UInt8) -> Bool {
        switch mode {
        case .open:
            read(byte)
            return false
        case .assigned(let isAttribute, let isParameter):
            mode = .open
            if byte == 0x22 || byte == 0x27 {
                if isAttribute { mode = .secret(.quote(byte)) } else { read(byte) }
                return false
            }
            guard isParameter, !Self.endsParameter(byte) else {
                read(byte)
                return false
            }
            mode = .secret(.parameter)
            return true
        case .folding:
            if byte.isBlank {
                mode = .expected(.line)
            } else {
                mode = .open
                read(byte)
            }
            return false
        case .expected(let ending):
            if byte.isBlank, ending != .closingTag { return false }
            if ending == .arguments, byte == 0x7B {
                mode = .open
                read(byte)
                return false
            }
            mode = .secret(ending)
            return continueSecret(ending, byte)
        case .secret(let ending): return continueSecret(ending, byte)
        }
    }

    /// Scans a byte that continues or ends a secret.
    ///
    /// - Returns: whether the byte belongs to the secret.
    private mutating func continueSecret(_ ending: Ending, _ byte: UInt8) -> Bool {
        switch ending {
        case .line:
            if byte == .carriageReturn { return false }
            guard byte == .lineFeed else { return true }
            restart()
            mode = .folding
            return false
        case .blank:
            guard byte.isBlank || byte.isLineEnd else { return true }
        case .arguments:
            if byte == .space {
                mode = .expected(.arguments)
                return false
            }
            guard byte.isLineEnd else { return true }
        case .closingTag:
            if byte == 0x3C { return false }
            guard byte == 0x2F, lastByte == 0x3C else { return true }
            restart()
            tags.close()
            return false
        case .quote(let quote):
            guard byte == quote || byte == 0x3C || byte.isLineEnd else { return true }
        case .parameter:
            guard Self.endsParameter(byte) else { return true }
        case .count(let left):
            if left > 1 { mode = .secret(.count(left &- 1)) } else { restart() }
            return true
        }
        mode = .open
        read(byte)
        return false
    }

    /// Scans a byte outside a secret, which may complete the name of one.
    private mutating func read(_ byte: UInt8) {
        if tags.read(byte, after: lastByte) {
            restart()
            mode = .expected(.closingTag)
        } else if let next = names.read(byte) {
            mode = next
        } else if let next = line.read(byte) {
            mode = next
        }
    }

    /// Restarts all parsers after a secret.
    private mutating func restart() {
        mode = .open
        names = NameReader()
        tags = TagReader()
        line = LineReader(side: side)
    }

    private static func endsParameter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, 0x22, 0x26, 0x27, 0x2C, 0x3B, 0x3C, 0x3E: true
        default: false
        }
    }
}

extension UInt8 {
    /// A space or a tab.
    var isBlank: Bool { self == 0x20 || self == 0x09 }
    var isLineEnd: Bool { self == 0x0D || self == 0x0A }
}
