// Scans one command line without copying: its verb, end, argument count and announced payload length.

/// The structure of a command line. Positions are relative to the first byte of the line.
struct CommandHead: Equatable {
    /// The verb; empty for an empty line.
    var verb: Verb
    /// The end of the line without its line end.
    var lineEnd: Int
    /// The start of the payload, after the line end.
    var payloadStart: Int
    /// The number of arguments. Blanks at the end of the line do not count.
    var arguments: Int
    /// The last argument as a number; nil if it is not a number.
    var lastNumber: UInt64?
    /// Whether the line ends in a blank.
    var endsInBlank = false

    enum Scan: Equatable {
        /// The line continues after the window.
        case incomplete
        /// A command line or an empty line.
        case line(CommandHead)
        /// Not a command line, for this reason.
        case invalid(Noise.Reason)
    }

    /// Scans the command line at a position (payload-rules.md, L1 to L6).
    ///
    /// - Parameters:
    ///   - window: bytes of one direction.
    ///   - start: the start of the line.
    ///   - searched: the number of bytes of the line that are known to contain no LF.
    ///   - limit: the maximum length of a line in bytes, including the line end.
    static func scan(_ window: Span<UInt8>, from start: Int, searched: Int = 0, limit: Int) -> Scan {
        let end = min(window.count, start &+ limit)
        guard mayStartLine(window, at: start) else { return .invalid(.notMSNP) }
        guard let feedIndex = firstLineFeed(in: window, from: start &+ searched, to: end) else {
            return window.count &- start >= limit ? .invalid(.lineTooLong) : .incomplete
        }
        let lineEnd = feedIndex > start && window[feedIndex &- 1] == .carriageReturn ? feedIndex &- 1 : feedIndex
        guard lineEnd > start else {
            let empty = CommandHead(
                verb: .empty, lineEnd: 0, payloadStart: feedIndex &+ 1 &- start, arguments: 0, lastNumber: nil)
            return .line(empty)
        }
        guard lineEnd &- start >= 3, let verb = Verb(window[start], window[start &+ 1], window[start &+ 2]),
            lineEnd &- start == 3 || window[start &+ 3] == .space
        else { return .invalid(.notMSNP) }
        var last = lineEnd
        while window[last &- 1] == .space { last &-= 1 }
        let arguments = window.count(.space, from: start &+ 3, to: last)
        var token = last
        if arguments > 0 { while window[token &- 1] != .space { token &-= 1 } }
        return .line(
            CommandHead(
                verb: verb, lineEnd: lineEnd &- start, payloadStart: feedIndex &+ 1 &- start, arguments: arguments,
                lastNumber: number(in: window, from: token, to: last), endsInBlank: last < lineEnd))
    }

    /// Whether the bytes so far may start a command line: three capital letters or digits and then a space or a line
    /// end, or an empty line.
    static func mayStartLine(_ window: Span<UInt8>, at start: Int) -> Bool {
        let count = window.count &- start
        guard count > 0 else { return true }
        let first = window[start]
        if first == .lineFeed { return true }
        if first == .carriageReturn { return count == 1 || window[start &+ 1] == .lineFeed }
        let second = count > 1 ? window[start &+ 1] : first
        let third = count > 2 ? window[start &+ 2] : first
        guard Verb(first, second, third) != nil else { return false }
        guard count > 3 else { return true }
        let fourth = window[start &+ 3]
        return fourth == .space || fourth == .carriageReturn || fourth == .lineFeed
    }

    private static func firstLineFeed(in window: Span<UInt8>, from start: Int, to end: Int) -> Int? {
        guard start < end else { return nil }
        let feedIndex = window.first(.lineFeed, from: start, to: end)
        return feedIndex < end ? feedIndex : nil
    }

    /// Parses one to ten digits; nil for anything else (payload-rules.md section 3, `num`).
    private static func number(in window: Span<UInt8>, from start: Int, to end: Int) -> UInt64? {
        guard start < end, end &- start <= 10 else { return nil }
        var value: UInt64 = 0
        var index = start
        while index < end {
            let digit = window[index] &- 0x30
            guard digit < 10 else { return nil }
            value = value &* 10 &+ UInt64(digit)
            index &+= 1
        }
        return value
    }
}
