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
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let feed = bytes[start...].firstIndex(of: .lineFeed) ?? bytes.endIndex
            let end = feed > start && bytes[feed - 1] == .carriageReturn ? feed - 1 : feed
            guard end > start else { return nil }
            if let (found, value) = split(bytes, start..<end), equal(bytes[found], name) { return value }
            start = feed + 1
        }
        return nil
    }

    /// Calls back for every line of the form `Name: value`, wherever it stands.
    static func forEachLine(in bytes: ArraySlice<UInt8>, _ body: (Range<Int>, Range<Int>) -> Void) {
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let feed = bytes[start...].firstIndex(of: .lineFeed) ?? bytes.endIndex
            let end = feed > start && bytes[feed - 1] == .carriageReturn ? feed - 1 : feed
            if end > start, let (name, value) = split(bytes, start..<end) { body(name, value) }
            start = feed + 1
        }
    }

    /// Where the headers end and the body begins; the end of the bytes where no empty line stands.
    public static func bodyStart(in bytes: ArraySlice<UInt8>) -> Int {
        var start = bytes.startIndex
        while start < bytes.endIndex {
            guard let feed = bytes[start...].firstIndex(of: .lineFeed) else { return bytes.endIndex }
            let end = feed > start && bytes[feed - 1] == .carriageReturn ? feed - 1 : feed
            if end == start { return feed + 1 }
            start = feed + 1
        }
        return bytes.endIndex
    }

    /// Whether a name equals another that is written in lower case.
    static func equal(_ name: ArraySlice<UInt8>, _ lowercase: StaticString) -> Bool {
        name.count == lowercase.utf8CodeUnitCount && endsIn(lowercase, name)
    }

    /// Whether a name ends in these letters, which are in lower case.
    static func endsIn(_ lowercase: StaticString, _ name: ArraySlice<UInt8>) -> Bool {
        let count = lowercase.utf8CodeUnitCount
        guard name.count >= count else { return false }
        let start = name.endIndex &- count
        for index in 0..<count {
            let byte = name[start &+ index]
            // The letters are in the program itself, `count` of them.
            let letter = unsafe lowercase.utf8Start[index]
            guard (byte &- 0x41 < 26 ? byte | 0x20 : byte) == letter else { return false }
        }
        return true
    }

    private static func split(_ bytes: ArraySlice<UInt8>, _ line: Range<Int>) -> (Range<Int>, Range<Int>)? {
        guard let colon = bytes[line].firstIndex(of: 0x3A), colon > line.lowerBound else { return nil }
        var start = colon + 1
        while start < line.upperBound, bytes[start] == .space { start += 1 }
        return (line.lowerBound..<colon, start..<line.upperBound)
    }
}
