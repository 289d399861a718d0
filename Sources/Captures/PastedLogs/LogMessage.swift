// Collects a message with headers and a body of known length from a pasted text: HTTP and MSNSLP. Pure.

internal import Doors
internal import MSNP

/// A start line, headers and a body, as they stand in a text.
///
/// Line ends may be real or written out (`\r\n`, `<CRLF>`): if the first line contains written ones, only these count.
/// Each line may have the mark of the first one in front (`> `, as `curl -v` writes it).
struct LogMessage {
    /// The kinds of messages that stand in logs without a command.
    enum Kind: Sendable { case httpRequest, httpAnswer, slp }

    let kind: Kind
    /// Start line and headers, with the empty line behind them.
    private(set) var head: [UInt8] = []
    /// The body, with a CR LF at the end of each line.
    private(set) var body: [UInt8] = []
    /// The length of the body that the head states.
    private(set) var claimed: Int?
    /// The position behind the message in the text.
    private(set) var end: Int

    /// The number of bytes that the text leaves out.
    var missing: Int { max(0, (claimed ?? 0) - body.count) }

    /// The kind of message whose start line this is; nil if it is another line.
    static func kind(of line: ArraySlice<UInt8>) -> Kind? { start(line).map { $0.kind } }

    /// Reads a message.
    ///
    /// - Parameters:
    ///   - line: the line that may be a start line, without the time and connection in front.
    ///   - next: the position of the next line.
    /// - Returns: nil if the line is no start line, or the text ends within the headers.
    init?(_ text: LogText, _ line: ArraySlice<UInt8>, next: Int) {
        guard let (kind, first, mark) = Self.start(line) else { return nil }
        self.kind = kind
        end = next
        let isWritten = Self.holdsWrittenEnd(first)
        var bytes = Self.expanded(first, isWritten)
        var searched = 0
        var headEnd: Int?
        while true {
            if headEnd == nil {
                headEnd = Self.headEnd(bytes, from: searched)
                searched = max(0, bytes.count - 3)
                claimed = headEnd.flatMap { Self.length(bytes[..<$0]) }
            }
            if let headEnd, isComplete(&bytes, headEnd, isWritten) { break }
            let most = HTTPStream.mostHeadBytes + (headEnd == nil ? 0 : DecoderLimits().payload)
            guard bytes.count <= most, let (line, next) = text.line(at: end), !Self.endsMessage(line) else { break }
            bytes += Self.expanded(Self.without(mark, line), isWritten)
            end = next
        }
        // The empty line behind the headers is easily lost at the end of a text.
        if headEnd == nil, kind == .slp, bytes.count > first.count + 2 {
            bytes += [0x0D, 0x0A]
            headEnd = bytes.count
            claimed = Self.length(bytes[...])
        }
        guard let headEnd, headEnd <= HTTPStream.mostHeadBytes else { return nil }
        head = Array(bytes[..<headEnd])
        body = Array(bytes[headEnd...])
        if claimed == nil, kind == .slp { claimed = body.count }
    }

    /// Whether the body has the stated length; completes what a text cannot show: the NUL behind MSNSLP.
    private func isComplete(_ bytes: inout [UInt8], _ headEnd: Int, _ isWritten: Bool) -> Bool {
        guard let claimed else { return kind == .httpRequest }
        let count = bytes.count - headEnd
        if !isWritten, count == claimed + 2, claimed > 0 {
            bytes.removeLast(2)
            return true
        }
        if kind == .slp, count > 0, count + 1 == claimed {
            bytes.append(0)
            return true
        }
        if kind == .slp, count > 0, count + 3 == claimed {
            bytes += [0x0D, 0x0A, 0]
            return true
        }
        // The lines of the body of MSNSLP end with an empty one.
        return count >= claimed || kind == .slp && count > 2 && bytes.suffix(4).elementsEqual([0x0D, 0x0A, 0x0D, 0x0A])
    }

    // MARK: - Lines

    private static func start(_ line: ArraySlice<UInt8>) -> (kind: Kind, line: ArraySlice<UInt8>, mark: [UInt8])? {
        for mark in ["", "> ", "< ", "\"", "'", "b'"] where line.starts(with: mark.utf8) {
            let rest = line.dropFirst(mark.utf8.count)
            guard firstWords.contains(where: { rest.starts(with: $0) }) else { continue }
            let first = String(decoding: rest.prefix(4_096).prefix { $0 != 0x5C && $0 != 0x0D }, as: UTF8.self)
            let words = first.split(separator: " ", omittingEmptySubsequences: false)
            guard words.count >= 2 else { continue }
            let kind: Kind? =
                switch words[0] {
                case "POST", "GET":
                    words.count == 3 && words[2].hasPrefix("HTTP/1.") && words[1].lowercased().contains("gateway.dll")
                        ? .httpRequest : nil
                case "HTTP/1.0", "HTTP/1.1": words[1].utf8.count == 3 && UInt16(words[1]) != nil ? .httpAnswer : nil
                case "INVITE", "ACK", "BYE": words.last?.hasPrefix("MSNSLP/1.") == true ? .slp : nil
                case "MSNSLP/1.0": words[1].utf8.count == 3 && UInt16(words[1]) != nil ? .slp : nil
                default: nil
                }
            if let kind { return (kind, rest, Array(mark.utf8)) }
        }
        return nil
    }

    private static let firstWords = ["POST ", "GET ", "HTTP/1.", "INVITE ", "ACK ", "BYE ", "MSNSLP/1."].map {
        Array($0.utf8)
    }

    /// Whether a line is not a part of the message before it.
    private static func endsMessage(_ line: ArraySlice<UInt8>) -> Bool {
        let parts = LogLine(line)
        return PastedLog.isFence(line) || line.starts(with: "# == ".utf8) || start(parts.content) != nil
            || parts.time != nil || parts.side != nil && parts.prefix?.certainty == .certain
    }

    private static func without(_ mark: [UInt8], _ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard mark.last == 0x20 else { return line }
        if line.starts(with: mark) { return line.dropFirst(mark.count) }
        return line.elementsEqual(mark.dropLast()) ? line.dropFirst(mark.count - 1) : line
    }

    // MARK: - Line ends

    private static func holdsWrittenEnd(_ line: ArraySlice<UInt8>) -> Bool {
        line.indices.contains { line[$0] == 0x5C && line[$0...].starts(with: "\\r\\n".utf8) }
    }

    /// A line with its line end; the written forms of line ends and of NUL become the bytes for which they stand.
    private static func expanded(_ line: ArraySlice<UInt8>, _ isWritten: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = line
        var endsLine = false
        while let byte = rest.first {
            let form = byte == 0x5C || byte == 0x3C ? forms.first { rest.starts(with: $0.text) } : nil
            endsLine = form?.bytes == [0x0D, 0x0A]
            if let form, isWritten || byte == 0x3C {
                bytes += form.bytes
                rest = rest.dropFirst(form.text.count)
            } else {
                bytes.append(byte)
                endsLine = false
                rest = rest.dropFirst()
            }
        }
        return isWritten || endsLine ? bytes : bytes + [0x0D, 0x0A]
    }

    private static let forms: [(text: [UInt8], bytes: [UInt8])] = [
        (Array("\\r\\n".utf8), [0x0D, 0x0A]), (Array("<CRLF>".utf8), [0x0D, 0x0A]),
        (Array("<CR><LF>".utf8), [0x0D, 0x0A]), (Array("\\x00".utf8), [0]), (Array("\\0".utf8), [0]),
    ]

    private static func headEnd(_ bytes: [UInt8], from start: Int) -> Int? {
        let end: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        return bytes[start...].indices.first { bytes[$0] == 0x0D && bytes[$0...].starts(with: end) }.map {
            $0 + end.count
        }
    }

    private static func length(_ head: ArraySlice<UInt8>) -> Int? {
        let head = ByteSlice(head)
        return Headers.value(of: "content-length", in: head).flatMap { Decimal.value(of: head[$0]) }.map {
            Int(clamping: $0)
        }
    }
}

extension LogMessage {
    /// Head and body for the HTTP reader. If the body is longer than the head states, as in texts whose accounts were
    /// replaced, the head states its length.
    var bytes: [UInt8] {
        guard let claimed, body.count > claimed else { return head + body }
        var lines = head.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) }
        for index in lines.indices
        where String(decoding: lines[index].prefix(15), as: UTF8.self).lowercased() == "content-length:" {
            lines[index] = Array("Content-Length: \(body.count)\r".utf8)
        }
        return Array(lines.joined(separator: [0x0A])) + body
    }
}
