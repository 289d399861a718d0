// Parses MIME headers, the `Name: value` lines at the start of a message (p2p.md section 1).

/// Parses header lines in place, without allocating strings.
public enum Headers {
    /// The index range of the value of the first header with this name; nil if there is none before the first empty
    /// line.
    ///
    /// - Parameters:
    ///   - name: the name in lower case.
    ///   - bytes: a message, which starts with its headers.
    public static func value(of name: StaticString, in bytes: ByteSlice) -> Range<Int>? {
        let span = bytes.span
        var start = 0
        while start < span.count {
            let line = lineRange(in: span, from: start)
            guard !line.isEmpty else { return nil }
            if let (found, value) = split(span, line), equal(span, found, name) {
                return value.lowerBound + bytes.startIndex..<value.upperBound + bytes.startIndex
            }
            start = nextLineStart(after: line, in: span)
        }
        return nil
    }

    /// The headers that determine how to interpret a message, found in one pass.
    public struct Kind: Sendable, Hashable {
        /// `Content-Type`.
        public var type: Range<Int>?
        /// `Message-ID`: the message is split into parts.
        public var messageID: Range<Int>?
        /// `Chunks`: the number of parts, in the first part.
        public var chunks: Range<Int>?
        /// `Chunk`: the index of this part, in all other parts.
        public var chunk: Range<Int>?
        /// The start of the body.
        public var body: Int
    }

    /// Finds the headers that determine how to interpret a message. If a name is repeated, its first header counts.
    public static func kind(of bytes: ByteSlice) -> Kind {
        let span = bytes.span
        let base = bytes.startIndex
        var kind = Kind(body: bytes.endIndex)
        var start = 0
        while start < span.count {
            let line = lineRange(in: span, from: start)
            start = nextLineStart(after: line, in: span)
            guard !line.isEmpty else {
                kind.body = base + min(start, span.count)
                break
            }
            guard let (name, value) = split(span, line) else { continue }
            let range = value.lowerBound + base..<value.upperBound + base
            switch name.count {
            case 12 where kind.type == nil && equal(span, name, "content-type"): kind.type = range
            case 10 where kind.messageID == nil && equal(span, name, "message-id"): kind.messageID = range
            case 6 where kind.chunks == nil && equal(span, name, "chunks"): kind.chunks = range
            case 5 where kind.chunk == nil && equal(span, name, "chunk"): kind.chunk = range
            default: break
            }
        }
        return kind
    }

    /// The index ranges of all headers before the first empty line, and the start of the body.
    ///
    /// - Parameter most: the maximum number of headers to return; further ones are skipped.
    package static func list(
        in bytes: ByteSlice, most: Int
    ) -> (headers: [(name: Range<Int>, value: Range<Int>)], body: Int) {
        let span = bytes.span
        let base = bytes.startIndex
        var headers: [(name: Range<Int>, value: Range<Int>)] = []
        var start = 0
        while start < span.count {
            let line = lineRange(in: span, from: start)
            start = nextLineStart(after: line, in: span)
            guard !line.isEmpty else { return (headers, base + min(start, span.count)) }
            guard headers.count < most, let (name, value) = split(span, line) else { continue }
            headers.append(
                (name.lowerBound + base..<name.upperBound + base, value.lowerBound + base..<value.upperBound + base))
        }
        return (headers, bytes.endIndex)
    }

    /// Calls `body` with the ranges of the name and the value of each header before the first empty line, until it
    /// returns false.
    ///
    /// - Returns: the start of the body; nil if `body` returned false, or if there are more than `most` headers.
    package static func forEach(
        in bytes: Span<UInt8>, most: Int, _ body: (_ name: Range<Int>, _ value: Range<Int>) -> Bool
    ) -> Int? {
        var start = 0
        var count = 0
        while start < bytes.count {
            let line = lineRange(in: bytes, from: start)
            start = nextLineStart(after: line, in: bytes)
            guard !line.isEmpty else { return min(start, bytes.count) }
            guard let (name, value) = split(bytes, line) else { continue }
            count += 1
            guard count <= most, body(name, value) else { return nil }
        }
        return bytes.count
    }

    /// Calls `body` for every line of the form `Name: value`, before and after empty lines.
    package static func forEachLine(in bytes: ByteSlice, _ body: (Range<Int>, Range<Int>) -> Void) {
        let span = bytes.span
        var start = 0
        while start < span.count {
            let line = lineRange(in: span, from: start)
            if let (name, value) = split(span, line) {
                let base = bytes.startIndex
                body(
                    name.lowerBound + base..<name.upperBound + base, value.lowerBound + base..<value.upperBound + base)
            }
            start = nextLineStart(after: line, in: span)
        }
    }

    /// The start of the body, after the first empty line; the end of the bytes if there is no empty line.
    public static func bodyStart(in bytes: ByteSlice) -> Int {
        let span = bytes.span
        var start = 0
        while start < span.count {
            let line = lineRange(in: span, from: start)
            start = nextLineStart(after: line, in: span)
            if line.isEmpty { return bytes.startIndex + min(start, span.count) }
        }
        return bytes.endIndex
    }

    /// Whether a name equals a name in lower case, ignoring case.
    package static func equal(_ name: ByteSlice, _ lowercase: StaticString) -> Bool {
        equal(name.span, 0..<name.count, lowercase)
    }

    /// Whether the first word of a value, up to a semicolon or space, is a word in lower case, ignoring case.
    package static func begins(_ bytes: Span<UInt8>, _ value: Range<Int>, with lowercase: StaticString) -> Bool {
        let end = value.lowerBound &+ lowercase.utf8CodeUnitCount
        guard end <= value.upperBound, equal(bytes, value.lowerBound..<end, lowercase) else { return false }
        return end == value.upperBound || bytes[end] == 0x3B || bytes[end] == .space
    }

    /// Whether a name ends in a suffix in lower case, ignoring case.
    static func hasSuffix(_ name: ByteSlice, _ lowercase: StaticString) -> Bool {
        let count = lowercase.utf8CodeUnitCount
        return name.count >= count && equal(name.span, name.count - count..<name.count, lowercase)
    }

    /// Whether a range of bytes equals a name in lower case, ignoring case.
    package static func equal(_ bytes: Span<UInt8>, _ name: Range<Int>, _ lowercase: StaticString) -> Bool {
        guard name.count == lowercase.utf8CodeUnitCount else { return false }
        return bytes.extracting(name).isEqual(toLowercase: lowercase)
    }

    /// The line that starts at an index, without its line end.
    private static func lineRange(in bytes: Span<UInt8>, from start: Int) -> Range<Int> {
        var end = bytes.first(.lineFeed, from: start, to: bytes.count)
        if end > start, bytes[end &- 1] == .carriageReturn { end &-= 1 }
        return start..<end
    }

    /// The start of the next line.
    private static func nextLineStart(after line: Range<Int>, in bytes: Span<UInt8>) -> Int {
        let end = line.upperBound
        return end < bytes.count && bytes[end] == .carriageReturn && end &+ 1 < bytes.count ? end &+ 2 : end &+ 1
    }

    private static func split(_ bytes: Span<UInt8>, _ line: Range<Int>) -> (Range<Int>, Range<Int>)? {
        let colon = bytes.first(0x3A, from: line.lowerBound, to: line.upperBound)
        guard colon > line.lowerBound, colon < line.upperBound else { return nil }
        var start = colon &+ 1
        while start < line.upperBound, bytes[start] == .space { start &+= 1 }
        // Some programs write a space before the colon. Excluding it from the name keeps secret headers recognisable.
        var end = colon
        while end > line.lowerBound &+ 1, bytes[end &- 1] == .space { end &-= 1 }
        return (line.lowerBound..<end, start..<line.upperBound)
    }
}
