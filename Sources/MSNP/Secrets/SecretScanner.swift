// Secrets in bytes that nobody cuts into commands, read one by one: where they are cut, and into how many pieces, makes no
// difference.

/// Reads bytes of one direction that belong to no command, and finds what is secret in them.
///
/// It knows a value by the name in front of it, a header's, an element's, an attribute's or a parameter's, and an argument
/// by its place in a command. A value goes on through as many pieces as it takes.
struct SecretScanner: Sendable {
    /// What a secret ends with.
    enum Ending: Sendable, Equatable {
        /// A header's: the end of its line, unless the next one is indented.
        case line
        /// An argument's.
        case blank
        /// All that a client says behind the stage of its sign-in, but not the machine's GUID.
        case arguments
        /// The text of an element.
        case closingTag
        /// An attribute's.
        case quote(UInt8)
        /// A parameter's.
        case parameter
        /// So many bytes, as the answer to a challenge has.
        case count(Int)
    }

    enum Mode: Sendable, Equatable {
        case open
        /// Behind a name and an equals sign.
        case assigned(isAttribute: Bool, isParameter: Bool)
        /// A secret is announced; blanks may stand in front of it.
        case announced(Ending)
        case secret(Ending)
        /// At the start of the line behind a header's: the value goes on if it is indented.
        case folding
    }

    private let side: Side
    private var mode = Mode.open
    private var lastByte: UInt8 = 0
    private var names = NameReader()
    private var tags = TagReader()
    private var line: LineReader
    private var hole = HoleReader()

    /// Whether nothing is remembered that a new scanner would not know.
    private var isFresh = true

    init(side: Side) {
        self.side = side
        line = LineReader(side: side)
    }

    /// Forgets everything: a command starts here.
    mutating func reset() {
        guard !isFresh else { return }
        self = SecretScanner(side: side)
    }

    /// Says that bytes are missing here: what follows may be the rest of a secret.
    mutating func lose() {
        self = SecretScanner(side: side)
        isFresh = false
        hole.open(side)
    }

    /// The secrets in the next bytes, in rising order.
    mutating func ranges(in bytes: Span<UInt8>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        guard bytes.count > 0 else { return found }
        isFresh = false
        var start = -1
        for index in 0..<bytes.count {
            let byte = bytes[index]
            let mayBeSecret = hole.isOpen && hole.take(byte, behind: lastByte)
            let isSecret = take(byte) || mayBeSecret
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

    /// Reads a byte.
    ///
    /// - Returns: whether it belongs to a secret that was announced.
    private mutating func take(_ byte: UInt8) -> Bool {
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
                mode = .announced(.line)
            } else {
                mode = .open
                read(byte)
            }
            return false
        case .announced(let ending):
            if byte.isBlank, ending != .closingTag { return false }
            if ending == .arguments, byte == 0x7B {
                mode = .open
                read(byte)
                return false
            }
            mode = .secret(ending)
            return goOn(ending, byte)
        case .secret(let ending): return goOn(ending, byte)
        }
    }

    /// Reads a byte where a secret goes on, or ends.
    private mutating func goOn(_ ending: Ending, _ byte: UInt8) -> Bool {
        switch ending {
        case .line:
            if byte == .carriageReturn { return false }
            guard byte == .lineFeed else { return true }
            forget()
            mode = .folding
            return false
        case .blank:
            guard byte.isBlank || byte.isLineEnd else { return true }
        case .arguments:
            if byte == .space {
                mode = .announced(.arguments)
                return false
            }
            guard byte.isLineEnd else { return true }
        case .closingTag:
            if byte == 0x3C { return false }
            guard byte == 0x2F, lastByte == 0x3C else { return true }
            forget()
            tags.close()
            return false
        case .quote(let quote):
            guard byte == quote || byte == 0x3C || byte.isLineEnd else { return true }
        case .parameter:
            guard Self.endsParameter(byte) else { return true }
        case .count(let left):
            if left > 1 { mode = .secret(.count(left &- 1)) } else { forget() }
            return true
        }
        mode = .open
        read(byte)
        return false
    }

    /// Reads a byte that is no secret, but may announce one.
    private mutating func read(_ byte: UInt8) {
        if tags.take(byte, behind: lastByte) {
            forget()
            mode = .announced(.closingTag)
        } else if let next = names.take(byte) {
            mode = next
        } else if let next = line.take(byte) {
            mode = next
        }
    }

    /// Starts anew behind a secret.
    private mutating func forget() {
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
