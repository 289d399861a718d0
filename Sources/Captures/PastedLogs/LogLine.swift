// Parses one line of a pasted log: side, time, connection, command. Pure.

internal import MSNP

/// The name of a connection in a log.
enum LogKey: Hashable, Sendable {
    /// No name.
    case none
    /// The form of this program: `NS#3`.
    case number(Int)
    /// The form of Pidgin: `NS 000`.
    case tag([UInt8])
}

/// The parts of a line.
struct LogLine {
    /// The time, if the line starts with one.
    var time: LogTime?
    var key = LogKey.none
    /// The role in the connection's name.
    var role: Role?
    /// The sender; nil for lines without a mark.
    var side: Side?
    /// The rest of the line.
    var content: ArraySlice<UInt8>
    /// The number of leading blanks and tabs.
    var indent = 0

    /// Parses a line: `TIME`, `msn:`, `NS#3`, then `C:` and `S:`, `>>>` and `<<<`, or `>` and `<`, then Pidgin's `NS
    /// 000:`; all but the mark are optional. `>` and `<` count only in front of a command that this side sends, because
    /// quotations look the same.
    init(_ text: ArraySlice<UInt8>) {
        content = text
        indent = text.prefix { $0 == 0x20 || $0 == 0x09 }.count
        var rest = text.dropFirst(indent)
        if let (time, count) = LogTime.read(rest) {
            self.time = time
            rest = rest.dropFirst(count).drop { $0 == 0x20 }
        }
        if Self.starts(rest, "msn:") { rest = rest.dropFirst(4).drop { $0 == 0x20 } }
        if let count = readKey(rest) { rest = rest.dropFirst(count) }
        content = rest
        guard let (side, count, isWeak) = Self.mark(rest) else { return }
        rest = rest.dropFirst(count)
        let tag = rest.prefix(8)
        if key == .none, tag.count == 8, Self.isTag(tag) {
            key = .tag(Array(tag.prefix(6)))
            role = Role(rawValue: String(decoding: tag.prefix(2), as: UTF8.self))
            rest = rest.dropFirst(8)
        }
        if isWeak {
            guard let frame = Frame(Array(rest.prefix(4_096)) + [0x0D, 0x0A]),
                CommandPlausibility.isKnown(frame.verb, from: side)
            else {
                return
            }
        }
        self.side = side
        content = rest
    }

    /// The command with its line end restored; nil if there is none. Written forms of a line end are removed.
    var command: Frame? {
        guard side != nil, content.count <= DecoderLimits().line else { return nil }
        return Self.command(content)
    }

    /// Parses the text of a command line; nil if it is not a command.
    static func command(_ text: ArraySlice<UInt8>) -> Frame? {
        var line = text
        for written in ["\\r\\n", "<CRLF>", "<CR><LF>"] where line.count > written.utf8.count {
            if line.suffix(written.utf8.count).elementsEqual(written.utf8) { line = line.dropLast(written.utf8.count) }
        }
        guard let frame = Frame(Array(line) + [0x0D, 0x0A]), frame.verb != .empty else { return nil }
        return frame.payload.isEmpty ? frame : nil
    }

    private static func mark(_ text: ArraySlice<UInt8>) -> (side: Side, count: Int, isWeak: Bool)? {
        for (mark, side) in [("C: ", Side.client), ("S: ", .server), (">>> ", .client), ("<<< ", .server)] {
            if starts(text, mark) { return (side, mark.utf8.count, false) }
        }
        for (mark, side) in [("> ", Side.client), ("< ", .server), ("C:", .client), ("S:", .server)] {
            if starts(text, mark) { return (side, mark.utf8.count, true) }
        }
        return nil
    }

    /// Parses `NS#3 `, as this program writes it.
    ///
    /// - Returns: its length in bytes.
    private mutating func readKey(_ text: ArraySlice<UInt8>) -> Int? {
        let word = text.prefix(16).prefix { $0 != 0x20 }
        guard let hash = word.firstIndex(of: 0x23), word.endIndex < text.endIndex,
            let number = Decimal.value(of: word[(hash + 1)...]).flatMap({ Int(exactly: $0) }), number > 0
        else { return nil }
        let name = String(decoding: word[..<hash], as: UTF8.self)
        guard let known = name == "--" ? Role.unknown : Role(rawValue: name) else { return nil }
        key = .number(number)
        role = known == .unknown ? nil : known
        return word.count + 1
    }

    /// Whether this is `NS 000: `, as Pidgin writes it.
    private static func isTag(_ bytes: ArraySlice<UInt8>) -> Bool {
        zip(bytes, "AA 000: ".utf8).allSatisfy { byte, pattern in
            switch pattern {
            case 0x41: byte &- 0x41 < 26
            case 0x30: byte &- 0x30 < 10
            default: byte == pattern
            }
        }
    }

    private static func starts(_ text: ArraySlice<UInt8>, _ word: String) -> Bool { text.starts(with: word.utf8) }
}
