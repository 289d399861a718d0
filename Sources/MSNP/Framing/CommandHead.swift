// Looks at one command line without moving anything: where it ends, what it is, how long its payload says it is.

/// What stands in a command line, as positions from the line's first byte.
struct CommandHead: Equatable {
    /// The first word; empty for an empty line.
    var verb: Verb
    /// Where the line stops, its end left out.
    var lineEnd: Int
    /// Where a payload would start.
    var payloadStart: Int
    /// How many tokens follow the verb, blanks at the line's end not counted.
    var arguments: Int
    /// The last of them as a number; nil where it is none.
    var lastNumber: UInt64?
    /// Whether the line ends in a blank.
    var endsInBlank = false

    enum Scan: Equatable {
        /// The line goes on behind the window.
        case incomplete
        /// A command line, or an empty one.
        case line(CommandHead)
        /// No command line; the reason says why.
        case noLine(Noise.Reason)
    }

    /// Looks for a command line at a position (payload-rules.md, L1 to L6).
    ///
    /// - Parameters:
    ///   - window: bytes of one direction.
    ///   - start: where the line starts.
    ///   - searched: how many bytes of the line are known to hold no LF.
    ///   - limit: how long a line may be.
    static func scan(_ window: Span<UInt8>, from start: Int, searched: Int = 0, limit: Int) -> Scan {
        let end = min(window.count, start &+ limit)
        guard mayStartLine(window, at: start) else { return .noLine(.notMSNP) }
        guard let feed = firstFeed(in: window, from: start &+ searched, to: end) else {
            return window.count &- start >= limit ? .noLine(.lineTooLong) : .incomplete
        }
        let lineEnd = feed > start && window[feed &- 1] == .carriageReturn ? feed &- 1 : feed
        guard lineEnd > start else {
            let empty = CommandHead(
                verb: .empty, lineEnd: 0, payloadStart: feed &+ 1 &- start, arguments: 0, lastNumber: nil)
            return .line(empty)
        }
        guard lineEnd &- start >= 3, let verb = Verb(window[start], window[start &+ 1], window[start &+ 2]),
            lineEnd &- start == 3 || window[start &+ 3] == .space
        else { return .noLine(.notMSNP) }
        var last = lineEnd
        while window[last &- 1] == .space { last &-= 1 }
        let arguments = window.count(.space, from: start &+ 3, to: last)
        var token = last
        if arguments > 0 { while window[token &- 1] != .space { token &-= 1 } }
        return .line(
            CommandHead(
                verb: verb, lineEnd: lineEnd &- start, payloadStart: feed &+ 1 &- start, arguments: arguments,
                lastNumber: number(in: window, from: token, to: last), endsInBlank: last < lineEnd))
    }

    /// Whether what is there so far can be the start of a command line: three capitals or digits and a space or
    /// line end, or an empty line.
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

    private static func firstFeed(in window: Span<UInt8>, from start: Int, to end: Int) -> Int? {
        guard start < end else { return nil }
        let feed = window.first(.lineFeed, from: start, to: end)
        return feed < end ? feed : nil
    }

    /// One to ten digits; nil for anything else (payload-rules.md section 3, `num`).
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
