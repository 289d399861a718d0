// Parses one line of a pasted log: time, connection, sender, command. Pure.

internal import MSNP

/// The name of a connection in a log.
enum LogKey: Hashable, Sendable {
    /// No name.
    case none
    /// The form of this program: `NS#3`.
    case number(Int)
    /// The form of another program, such as `NS 000` of Pidgin.
    case tag([UInt8])
}

/// The parts of a line, found by the first row of `LogPrefix.all` that matches it.
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
    /// The row that matched; nil if none did.
    var prefix: LogPrefix?

    /// Parses a line.
    init(_ text: ArraySlice<UInt8>) {
        indent = text.prefix { $0 == 0x20 || $0 == 0x09 }.count
        let line = text.dropFirst(indent)
        var stamp: (time: LogTime, rest: ArraySlice<UInt8>)?
        if let (time, count) = LogTime.read(line) { stamp = (time, line.dropFirst(count).drop { $0 == 0x20 }) }
        content = stamp?.rest ?? line
        guard let first = content.first ?? line.first else { return }
        for row in LogPrefix.all where row.mayBegin(with: first) || row.mayBegin(with: line.first ?? first) {
            guard let match = row.match(line, stamp: stamp), Self.isAccepted(match, row) else { continue }
            (time, key, role, side, content) = (match.time, match.key, match.role, match.side, match.rest)
            prefix = row
            return
        }
        time = stamp?.time ?? (line.first == 0x5B ? LogTime.bare(line.dropFirst())?.0 : nil)
    }

    /// Whether the program of this line writes bytes of the stream instead of single commands.
    var isChunk: Bool { prefix.map { $0.content == .chunk || $0.content == .chunkBelow } ?? false }

    private static func isAccepted(_ match: LogPrefix.Match, _ row: LogPrefix) -> Bool {
        guard row.certainty == .onlyWithKnownCommand, let side = match.side else { return true }
        guard let frame = command(match.rest.prefix(4_096)) else { return false }
        return CommandPlausibility.isKnown(frame.verb, from: side)
    }

    /// The command with its line end restored; nil if there is none. Written forms of a line end are removed.
    var command: Frame? {
        guard side != nil, content.count <= DecoderLimits().line else { return nil }
        return Self.command(content)
    }

    /// Parses the text of a command line; nil if it is not a command.
    static func command(_ text: ArraySlice<UInt8>) -> Frame? {
        var line = text
        for written in ["\\r\\n", "<CRLF>", "<CR><LF>", "\\n"] where line.count > written.utf8.count {
            if line.suffix(written.utf8.count).elementsEqual(written.utf8) { line = line.dropLast(written.utf8.count) }
        }
        guard let frame = Frame(Array(line) + [0x0D, 0x0A]), frame.verb != .empty else { return nil }
        return frame.payload.isEmpty ? frame : nil
    }
}

extension LogKey {
    /// Whether it is in the form of this program.
    var isNumber: Bool {
        if case .number = self { return true }
        return false
    }

    /// Parses `NS#3 `, as this program writes it.
    ///
    /// - Returns: the name, the role in it, and the length with the blank in bytes; nil if the text begins otherwise.
    static func own(_ text: ArraySlice<UInt8>) -> (key: LogKey, role: Role?, length: Int)? {
        let word = text.prefix(16).prefix { $0 != 0x20 }
        guard let hash = word.firstIndex(of: 0x23), word.endIndex < text.endIndex,
            let number = Decimal.value(of: word[(hash + 1)...]).flatMap({ Int(exactly: $0) }), number > 0
        else { return nil }
        let name = String(decoding: word[..<hash], as: UTF8.self)
        guard let known = name == "--" ? Role.unknown : Role(rawValue: name) else { return nil }
        return (.number(number), known == .unknown ? nil : known, word.count + 1)
    }
}
