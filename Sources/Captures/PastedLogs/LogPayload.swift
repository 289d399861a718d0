// Finds the payload of a command among the lines after it in a pasted log. Pure.

internal import MSNP

/// Collects a payload.
///
/// - Lines that start with `| `, `$ ` (the last, without line end) or `x ` (hexadecimal) are exactly the payload.
/// - Otherwise the following lines are the payload if, joined by CR LF, with or without one after the last, they have
///   exactly the length that the command claims. If headers and an empty line come first, this also applies to lines
///   with marks in front: people quote commands, and a text of exactly the right length is the payload.
/// - Otherwise the payload is the lines up to the next marked line, the end of a fence, a remark, or a line with a
///   time. Outside of a fence it ends at an empty line, or, if header lines come first, at the empty line after the
///   paragraph behind them. Trailing empty lines are omitted, and every line gets a CR LF.
///
/// Lines that repeat the command's mark but contain no command are used without the mark. In a log by this program, a
/// payload is indented by four more blanks, and rows of a hex dump are converted to bytes.
struct LogPayload {
    /// The payload found; empty if there is none.
    private(set) var bytes: [UInt8] = []
    /// The position after the payload in the text.
    private(set) var end = 0
    /// Whether a part of it is given as a hex dump.
    private(set) var isDump = false

    /// Whether it contains a mask in place of a secret.
    var holdsMask: Bool {
        let mask = Array("‹secret:".utf8)
        return bytes.indices.contains { bytes[$0] == mask[0] && bytes[$0...].starts(with: mask) }
    }

    /// Discards the payload because the log abridges it.
    mutating func discard() { bytes = [] }

    private let text: LogText
    private let side: Side
    private let indent: Int
    private let isOwn: Bool
    private let isFenced: Bool

    /// A payload of a command.
    ///
    /// - Parameters:
    ///   - indent: the number of blanks in front of the command.
    ///   - isOwn: whether this program wrote the log.
    ///   - isFenced: whether the command is inside a fence.
    init(text: LogText, side: Side, indent: Int, isOwn: Bool, isFenced: Bool) {
        self.text = text
        self.side = side
        self.indent = indent
        self.isOwn = isOwn
        self.isFenced = isFenced
    }

    /// Collects the payload that follows.
    ///
    /// - Parameters:
    ///   - start: the position of the line after the command.
    ///   - claimed: the payload length that the command claims.
    ///   - isCertain: whether the command certainly has a payload; otherwise only an exact length counts.
    mutating func read(from start: Int, claimed: Int, isCertain: Bool) {
        end = start
        if isOwn {
            readOwn(from: start, claimed: claimed)
        } else if !readNotation(from: start) {
            readLines(from: start, claimed: claimed, isCertain: isCertain)
        }
    }

    /// Reads `| `, `$ ` and `x ` lines.
    ///
    /// - Returns: whether there were any.
    private mutating func readNotation(from start: Int) -> Bool {
        var position = start
        var isFirst = true
        while let (line, next) = text.line(at: position), bytes.count <= DecoderLimits().payload {
            let content = line.dropFirst(2)
            switch (line.first, line.dropFirst().first) {
            case (0x7C, 0x20), (0x7C, nil): bytes += content + [0x0D, 0x0A]
            case (0x24, 0x20): bytes += content
            case (0x78, 0x20):
                let pairs = content.split(separator: 0x20).map { UInt8(String(decoding: $0, as: UTF8.self), radix: 16) }
                guard !pairs.contains(nil) else { return !isFirst }
                bytes += pairs.compactMap { $0 }
            default: return !isFirst
            }
            isFirst = false
            position = next
            end = next
        }
        return !isFirst
    }

    private mutating func readLines(from start: Int, claimed: Int, isCertain: Bool) {
        var position = start
        var lines: [ArraySlice<UInt8>] = []
        var ends: [Int] = []
        var size = 0
        while let (line, next) = text.line(at: position), let content = payload(line), size <= DecoderLimits().payload {
            lines.append(content)
            ends.append(next)
            position = next
            size += content.count
            let joined = size + 2 * (lines.count - 1)
            if joined == claimed || joined + 2 == claimed {
                bytes = Array(lines.joined(separator: [0x0D, 0x0A])) + (joined == claimed ? [] : [0x0D, 0x0A])
                end = next
                return
            }
        }
        if lines.contains(where: \.isEmpty), readQuoted(from: start, claimed: claimed) { return }
        guard isCertain else { return }
        var count = isFenced ? lines.count : Self.paragraphs(lines)
        while count > 0, lines[count - 1].isEmpty { count -= 1 }
        guard count > 0 else { return }
        bytes = Array(lines[..<count].joined(separator: [0x0D, 0x0A])) + [0x0D, 0x0A]
        end = ends[count - 1]
    }

    /// Reads lines including their marks if together they have the claimed length and are followed by a new line of the
    /// log or by nothing.
    private mutating func readQuoted(from start: Int, claimed: Int) -> Bool {
        var position = start
        var joined: [UInt8] = []
        while let (line, next) = text.line(at: position), joined.count <= claimed {
            let parts = LogLine(line)
            if PastedLog.isFence(line) || line.starts(with: "# == ".utf8) || parts.time != nil || parts.key != .none {
                break
            }
            joined += line.dropFirst(min(indent, parts.indent))
            if joined.count == claimed || joined.count + 2 == claimed {
                let follower = text.line(at: next)?.text
                guard follower.map({ $0.isEmpty || PastedLog.isFence($0) || LogLine($0).side != nil }) ?? true else {
                    return false
                }
                bytes = joined.count == claimed ? joined : joined + [0x0D, 0x0A]
                end = next
                return true
            }
            joined += [0x0D, 0x0A]
            position = next
        }
        return false
    }

    /// The part of a line that belongs to the payload; nil if the payload ends before it.
    private func payload(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        if PastedLog.isFence(text) || text.starts(with: "# == ".utf8) { return nil }
        let line = LogLine(text)
        if let side = line.side {
            guard side == self.side, line.command == nil, line.time == nil else { return nil }
            return line.content
        }
        guard line.time == nil, line.key == .none, isFenced || !Self.isBoundary(text) else { return nil }
        return text.dropFirst(min(indent, text.prefix { $0 == 0x20 || $0 == 0x09 }.count))
    }

    /// The number of lines outside of a fence that can be payload.
    private static func paragraphs(_ lines: [ArraySlice<UInt8>]) -> Int {
        guard let blank = lines.firstIndex(where: \.isEmpty) else { return lines.count }
        guard blank > 0, lines[..<blank].allSatisfy(isHeader) else { return blank }
        return lines[(blank + 1)...].firstIndex(where: \.isEmpty) ?? lines.count
    }

    private static func isHeader(_ line: ArraySlice<UInt8>) -> Bool {
        guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex else { return false }
        return !line[..<colon].contains(0x20)
    }

    /// Whether a line states that the client or the server disconnects, connects, or opens or closes a connection.
    static func isBoundary(_ line: ArraySlice<UInt8>) -> Bool {
        let words = String(decoding: line.prefix(128), as: UTF8.self).lowercased()
            .split { !$0.isLetter }.prefix(3).drop { $0 == "the" }
        guard let subject = words.first, subject == "client" || subject == "server", let verb = words.dropFirst().first
        else {
            return false
        }
        return ["disconnect", "disconnects", "disconnected", "connects", "closes", "opens", "closed"].contains(
            String(verb))
    }
}

// MARK: - Logs of our own

extension LogPayload {
    /// Reads lines indented by four blanks, and empty lines: first text, then rows of a hex dump. The log omits
    /// trailing empty lines.
    private mutating func readOwn(from start: Int, claimed: Int) {
        var position = start
        var lines: [ArraySlice<UInt8>] = []
        var blanks: [ArraySlice<UInt8>] = []
        var dump: [UInt8] = []
        while let (line, next) = text.line(at: position), line.isEmpty || line.starts(with: "    ".utf8) {
            position = next
            guard !line.isEmpty else {
                blanks.append(line)
                continue
            }
            let content = line.dropFirst(4)
            // Lines with names and meanings precede the payload.
            let isMeaning = lines.isEmpty && dump.isEmpty && content.starts(with: "= ".utf8)
            if !isMeaning, let row = Self.row(content, at: dump.count) {
                if dump.isEmpty { lines += blanks }
                dump += row
            } else if !isMeaning {
                guard dump.isEmpty else { break }
                lines += blanks + [content]
            }
            blanks = []
            end = next
        }
        isDump = !dump.isEmpty
        bytes = Array(lines.joined(separator: [0x0D, 0x0A]))
        let rest = claimed - bytes.count
        if !lines.isEmpty, !dump.isEmpty || rest != 0 {
            let ends = dump.isEmpty && rest % 2 == 0 && 2...8 ~= rest ? rest / 2 : 1
            for _ in 0..<ends { bytes += [0x0D, 0x0A] }
        }
        bytes += dump
    }

    /// The bytes of a row of a hex dump if its offset matches: `0010 4d 53 …   MS…`.
    private static func row(_ line: ArraySlice<UInt8>, at offset: Int) -> [UInt8]? {
        let digits = line.prefix { $0 != 0x20 }
        guard 4...8 ~= digits.count, Int(String(decoding: digits, as: UTF8.self), radix: 16) == offset else {
            return nil
        }
        var row: [UInt8] = []
        var rest = line.dropFirst(digits.count)
        while row.count < 16, rest.count >= 3, rest.first == 0x20,
            let byte = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16)
        {
            row.append(byte)
            rest = rest.dropFirst(3)
        }
        return row.isEmpty ? nil : row
    }
}
