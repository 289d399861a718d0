// A pattern for the text that a program writes in front of each command in its log. Pure.

internal import MSNP

/// One row of the table of prefixes (`LogPrefix.all`): a program and the pattern of its lines.
///
/// A pattern is literal text with placeholders in braces. A blank stands for one blank or tab.
///
/// | placeholder | stands for |
/// |---|---|
/// | `{time}` | a time or date and time, with or without brackets, and the blanks behind it; may be missing |
/// | `{clock}` | a time or date and time inside brackets with other words; must be there |
/// | `{C|S}` | the mark of the sender: the first word is the client's, the second the server's |
/// | `{word}` | a word without blanks, colons and brackets |
/// | `{number}` | digits |
/// | `{function}` | a word that ends in `()` |
/// | `{role}` | `NS`, `SB` or `DS`; it also begins the connection's name |
/// | `{name}` | the connection's name, or the rest of it, up to the next literal character |
/// | `{own}` | the connection's name as this program writes it: `NS#3` |
/// | `{colour}` | a control sequence that colours text on a terminal |
struct LogPrefix: Sendable {
    /// What a program writes of the content of a command.
    enum Content: Sendable, Equatable {
        /// The command line; lines below it may be its payload.
        case lines
        /// The command line only; lines below it are its payload only if they have exactly its length.
        case lineOnly
        /// The command line only; the length in it is not that of the payload.
        case lineWithoutLength
        /// The command line, and a rendering of the payload below it (`LogPayload.readRendering`).
        case rendering
        /// Bytes of the stream as they were sent or received, several commands or a part of one (`LogChunk`).
        case chunk
        /// The same, beginning on the next line.
        case chunkBelow
    }

    /// How certain it is that a line with this prefix is one of a log.
    enum Certainty: Sendable { case certain, onlyWithKnownCommand }

    /// The program that writes it.
    let program: Program
    let content: Content
    let certainty: Certainty
    private let elements: [Element]
    /// The bytes with which a line may begin, behind its time; empty if any may.
    private let firstBytes: [UInt8]

    /// What a prefix says about its line.
    struct Match {
        var time: LogTime?
        var key = LogKey.none
        var role: Role?
        var side: Side?
        /// The text behind the prefix.
        var rest: ArraySlice<UInt8>
    }

    private enum Element: Sendable, Equatable {
        case literal(UInt8)
        case time, clock, word, number, function, role, name, own, colour
        case side(client: [UInt8], server: [UInt8])

        /// The byte that a literal character stands for.
        var byte: UInt8? {
            if case .literal(let byte) = self { return byte }
            return nil
        }
    }

    /// Makes a row of the table.
    ///
    /// - Parameters:
    ///   - program: the program.
    ///   - pattern: see the table above. An unknown placeholder is a pair of marks.
    ///   - content: what follows the prefix.
    ///   - certainty: whether the command behind the prefix must be one that this side is known to send.
    init(_ program: Program, _ pattern: String, _ content: Content = .lines, _ certainty: Certainty = .certain) {
        self.program = program
        self.content = content
        self.certainty = certainty
        elements = Self.elements(of: pattern)
        switch elements.first(where: { $0 != .time }) {
        case .literal(let byte): firstBytes = [byte]
        case .colour: firstBytes = [0x1B]
        case .role: firstBytes = Array("NSD".utf8)
        case .side(let client, let server):
            firstBytes = (client + server).isEmpty ? [] : [client, server].compactMap(\.first)
        default: firstBytes = []
        }
    }

    /// Whether a line that begins with this byte behind its time may have this prefix.
    func mayBegin(with byte: UInt8) -> Bool { firstBytes.isEmpty || firstBytes.contains(byte) }

    private static func elements(of pattern: String) -> [Element] {
        var elements: [Element] = []
        var rest = pattern[...]
        while let first = rest.first {
            guard first == "{", let end = rest.firstIndex(of: "}") else {
                elements += String(first).utf8.map { .literal($0) }
                rest = rest.dropFirst()
                continue
            }
            let name = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            switch name {
            case "time": elements.append(.time)
            case "clock": elements.append(.clock)
            case "word": elements.append(.word)
            case "number": elements.append(.number)
            case "function": elements.append(.function)
            case "role": elements.append(.role)
            case "name": elements.append(.name)
            case "own": elements.append(.own)
            case "colour": elements.append(.colour)
            default:
                let marks = name.split(separator: "|", omittingEmptySubsequences: false)
                elements.append(.side(client: Array((marks.first ?? "").utf8), server: Array((marks.last ?? "").utf8)))
            }
        }
        return elements
    }

    /// Compares the start of a line with the pattern.
    ///
    /// - Parameters:
    ///   - line: the line without leading blanks.
    ///   - stamp: the time at its start, and the line behind it and its blanks, as `{time}` stands for it.
    /// - Returns: nil if the pattern does not match.
    func match(_ line: ArraySlice<UInt8>, stamp: (time: LogTime, rest: ArraySlice<UInt8>)?) -> Match? {
        var match = Match(rest: line)
        var nameStart: Int?
        for (index, element) in elements.enumerated() {
            let rest = match.rest
            let length: Int?
            switch element {
            case .literal(let byte):
                length = rest.first == byte || byte == 0x20 && rest.first == 0x09 ? 1 : nil
            case .time:
                length = stamp.map { $0.rest.startIndex - line.startIndex } ?? 0
                match.time = stamp?.time
            case .clock:
                let clock = LogTime.bare(rest)
                match.time = clock?.0
                length = clock?.1
            case .side(let client, let server):
                match.side = rest.starts(with: client) ? .client : .server
                let mark = match.side == .client ? client : server
                length = rest.starts(with: mark) ? mark.count : nil
            case .word:
                length = Self.length(rest) { Self.isInWord($0) }
            case .number:
                length = Self.length(rest) { $0 &- 0x30 < 10 }
            case .function:
                let word = rest.prefix(Self.mostBytes).prefix { $0 != 0x20 && $0 != 0x09 }
                length = word.count > 2 && word.suffix(2).elementsEqual("()".utf8) ? word.count : nil
            case .role:
                match.role = Role(rawValue: String(decoding: rest.prefix(2), as: UTF8.self))
                length = match.role == nil ? nil : 2
                nameStart = rest.startIndex
            case .name:
                let end = index + 1 < elements.count ? elements[index + 1].byte : nil
                length = Self.length(rest) { $0 != 0x20 && $0 != 0x09 && $0 != end }
                nameStart = nameStart ?? rest.startIndex
                match.role = match.role ?? length.flatMap { Self.role(in: rest.prefix($0)) }
            case .own:
                let own = LogKey.own(rest)
                match.key = own?.key ?? .none
                match.role = own?.role
                length = own?.length
            case .colour:
                length = LogText.colourLength(rest)
            }
            guard let length else { return nil }
            match.rest = rest.dropFirst(length)
            let isName = element == .name || element == .role || element == .number && nameStart != nil
            if isName, let nameStart { match.key = .tag(Array(line[nameStart..<match.rest.startIndex])) }
        }
        return match
    }

    /// The maximum length of a word in a prefix.
    private static let mostBytes = 96

    private static func length(_ text: ArraySlice<UInt8>, _ isIncluded: (UInt8) -> Bool) -> Int? {
        let count = text.prefix(mostBytes + 1).prefix(while: isIncluded).count
        return count > 0 && count <= mostBytes ? count : nil
    }

    private static func isInWord(_ byte: UInt8) -> Bool {
        byte > 0x20 && !"[](){}<>:".utf8.contains(byte)
    }

    /// The role that the name of a connection implies: `ns-sock5`, `::SB3-sock12`, `Proxy(ns)`.
    private static func role(in name: ArraySlice<UInt8>) -> Role? {
        var text = String(decoding: name, as: UTF8.self).uppercased()[...]
        if text.hasPrefix("PROXY(") { text = text.dropFirst(6) }
        return Role(rawValue: String(text.drop { $0 == ":" }.prefix(2)))
    }
}
