// The `Name: value` lines at the start of a message (p2p.md section 1).

/// Reads header lines without making strings of them.
public enum Headers {
    /// The value of the first header with this name, as an index range; nil where there is none before the first empty
    /// line.
    ///
    /// - Parameters:
    ///   - name: in lower case.
    ///   - bytes: a message that starts with its headers.
    public static func value(of name: StaticString, in bytes: ArraySlice<UInt8>) -> Range<Int>? {
        let span = bytes.span
        var start = 0
        while start < span.count {
            let line = lineRange(in: span, from: start)
            guard !line.isEmpty else { return nil }
            if let (found, value) = split(span, line), equal(span, found, name) {
                return value.lowerBound + bytes.startIndex..<value.upperBound + bytes.startIndex
            }
            start = behind(line, in: span)
        }
        return nil
    }

    /// The headers that decide how a message is to be read, found in one pass.
    public struct Kind: Sendable, Hashable {
        /// `Content-Type`.
        public var type: Range<Int>?
        /// `Message-ID`: the message comes in parts.
        public var messageID: Range<Int>?
        /// `Chunks`: how many parts there are, in the first one.
        public var chunks: Range<Int>?
        /// `Chunk`: which part this is, in the others.
        public var chunk: Range<Int>?
        /// Where the body begins.
        public var body: Int
    }

    /// Reads the headers that decide how a message is to be read; the first of each name counts.
    public static func kind(of bytes: ArraySlice<UInt8>) -> Kind {
        let span = bytes.span
        let base = bytes.startIndex
        var kind = Kind(body: bytes.endIndex)
        var start = 0
        while start < span.count {
            let line = lineRange(in: span, from: start)
            start = behind(line, in: span)
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

    /// The lines of the form `Name: value` in front of the first empty line, as index ranges, and where the body begins.
    ///
    /// - Parameter most: how many lines are listed; what is behind them is not read by name.
    package static func list(
        in bytes: ArraySlice<UInt8>, most: Int
    ) -> (headers: [(name: Range<Int>, value: Range<Int>)], body: Int) {
        let span = bytes.span
        let base = bytes.startIndex
        var headers: [(name: Range<Int>, value: Range<Int>)] = []
        var start = 0
        while start < span.count {
            let line = lineRange(in: span, from: start)
            start = behind(line, in: span)
            guard !line.isEmpty else { return (headers, base + min(start, span.count)) }
            guard headers.count < most, let (name, value) = split(span, line) else { continue }
            headers.append(
                (name.lowerBound + base..<name.upperBound + base, value.lowerBound + base..<value.upperBound + base))
        }
        return (headers, bytes.endIndex)
    }

    /// Calls back for every line of the form `Name: value`, wherever it stands.
    static func forEachLine(in bytes: ArraySlice<UInt8>, _ body: (Range<Int>, Range<Int>) -> Void) {
        let span = bytes.span
        var start = 0
        while start < span.count {
            let line = lineRange(in: span, from: start)
            if let (name, value) = split(span, line) {
                let base = bytes.startIndex
                body(
                    name.lowerBound + base..<name.upperBound + base, value.lowerBound + base..<value.upperBound + base)
            }
            start = behind(line, in: span)
        }
    }

    /// Where the headers end and the body begins; the end of the bytes where no empty line stands.
    public static func bodyStart(in bytes: ArraySlice<UInt8>) -> Int {
        let span = bytes.span
        var start = 0
        while start < span.count {
            let line = lineRange(in: span, from: start)
            start = behind(line, in: span)
            if line.isEmpty { return bytes.startIndex + min(start, span.count) }
        }
        return bytes.endIndex
    }

    /// Whether a name equals another that is written in lower case.
    package static func equal(_ name: ArraySlice<UInt8>, _ lowercase: StaticString) -> Bool {
        equal(name.span, 0..<name.count, lowercase)
    }

    /// Whether a name ends in these letters, which are in lower case.
    static func endsIn(_ lowercase: StaticString, _ name: ArraySlice<UInt8>) -> Bool {
        let count = lowercase.utf8CodeUnitCount
        return name.count >= count && equal(name.span, name.count - count..<name.count, lowercase)
    }

    private static func equal(_ bytes: Span<UInt8>, _ name: Range<Int>, _ lowercase: StaticString) -> Bool {
        guard name.count == lowercase.utf8CodeUnitCount else { return false }
        for index in 0..<name.count {
            let byte = bytes[name.lowerBound &+ index]
            // The letters are in the program itself, as many as were compared above.
            let letter = unsafe lowercase.utf8Start[index]
            guard (byte &- 0x41 < 26 ? byte | 0x20 : byte) == letter else { return false }
        }
        return true
    }

    /// The line that starts here, without its end.
    private static func lineRange(in bytes: Span<UInt8>, from start: Int) -> Range<Int> {
        var end = bytes.first(.lineFeed, from: start, to: bytes.count)
        if end > start, bytes[end &- 1] == .carriageReturn { end &-= 1 }
        return start..<end
    }

    /// Where the line after this one starts.
    private static func behind(_ line: Range<Int>, in bytes: Span<UInt8>) -> Int {
        let end = line.upperBound
        return end < bytes.count && bytes[end] == .carriageReturn && end &+ 1 < bytes.count ? end &+ 2 : end &+ 1
    }

    private static func split(_ bytes: Span<UInt8>, _ line: Range<Int>) -> (Range<Int>, Range<Int>)? {
        var colon = line.lowerBound
        while colon < line.upperBound, bytes[colon] != 0x3A { colon &+= 1 }
        guard colon > line.lowerBound, colon < line.upperBound else { return nil }
        var start = colon &+ 1
        while start < line.upperBound, bytes[start] == .space { start &+= 1 }
        // Some write a space in front of the colon; what is secret stays so.
        var end = colon
        while end > line.lowerBound &+ 1, bytes[end &- 1] == .space { end &-= 1 }
        return (line.lowerBound..<end, start..<line.upperBound)
    }
}
