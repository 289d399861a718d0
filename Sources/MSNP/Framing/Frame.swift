// One command with its payload, exactly as it crossed the wire.

/// A command line and the payload that belongs to it. The bytes are the truth; everything else is read from them.
public struct Frame: Sendable, Hashable {
    /// Line, line end and payload, untouched.
    public let bytes: [UInt8]
    /// The first word of the line.
    public let verb: Verb
    /// Where the line stops: the index of its CR or LF.
    public let lineEnd: Int
    /// Where the payload starts: the index behind the LF.
    public let payloadStart: Int

    init(bytes: [UInt8], head: CommandHead) {
        self.bytes = bytes
        verb = head.verb
        lineEnd = head.lineEnd
        payloadStart = head.payloadStart
    }

    /// Reads a frame from bytes that are one, such as those of a recording.
    ///
    /// - Parameter bytes: a whole line with its line end, and the payload if it has one.
    /// - Returns: nil where these bytes are no command line.
    public init?(_ bytes: [UInt8]) {
        guard case .line(let head) = CommandHead.scan(bytes.span, from: 0, limit: bytes.count) else { return nil }
        self.init(bytes: bytes, head: head)
    }

    /// The line without its end.
    public var line: ArraySlice<UInt8> { bytes[..<lineEnd] }

    /// The line's end: CR LF, or LF alone.
    public var terminator: ArraySlice<UInt8> { bytes[lineEnd..<payloadStart] }

    /// The bytes behind the line that belong to the command; empty for most.
    public var payload: ArraySlice<UInt8> { bytes[payloadStart...] }

    /// Where the arguments stop: at the line's end, or in front of the blanks there, which some programs write behind the
    /// last argument and which are none.
    public var argumentsEnd: Int {
        var end = lineEnd
        while end > 3, bytes[end &- 1] == .space { end &-= 1 }
        return end
    }

    /// The arguments as byte ranges of `bytes`, split at every single space: an empty one counts, unless only blanks follow.
    public var argumentRanges: [Range<Int>] { ranges(to: argumentsEnd) }

    /// Every token after the verb as byte ranges of `bytes`, split at every single space, those behind a blank at the
    /// line's end too.
    public var tokenRanges: [Range<Int>] { ranges(to: lineEnd) }

    private func ranges(to end: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        forEachToken(to: end) { ranges.append($0) }
        return ranges
    }

    /// Calls back with the byte range of each token after the verb, in order.
    public func forEachToken(_ body: (Range<Int>) -> Void) { forEachToken(to: lineEnd, body) }

    private func forEachToken(to end: Int, _ body: (Range<Int>) -> Void) {
        guard end > 3 else { return }
        var start = 4
        for index in 4..<end where bytes[index] == .space {
            body(start..<index)
            start = index + 1
        }
        body(start..<end)
    }

    /// The arguments: the tokens after the verb, without those that a blank at the line's end makes.
    public var arguments: [ArraySlice<UInt8>] { argumentRanges.map { bytes[$0] } }

    /// One argument, without looking at those behind it; nil where there are fewer.
    public func argument(_ index: Int) -> ArraySlice<UInt8>? {
        let end = argumentsEnd
        guard end > 3 else { return nil }
        var start = 4
        var left = index
        while true {
            let stop = bytes.span.first(.space, from: start, to: end)
            if left == 0 { return bytes[start..<stop] }
            guard stop < end else { return nil }
            left -= 1
            start = stop + 1
        }
    }

    /// The first token after the verb; nil where there is none.
    package var firstArgument: ArraySlice<UInt8>? {
        guard lineEnd > 3 else { return nil }
        return bytes[4..<bytes.span.first(.space, from: 4, to: lineEnd)]
    }

    /// The transaction identifier: the first argument, where the commands table gives the verb one and it is a number.
    ///
    /// - Parameters:
    ///   - side: who said it; `MSG` has one only from the client.
    ///   - dialect: `LST` and `LSG` lost theirs in MSNP8; while the dialect is unknown such a verb has none.
    public func transaction(from side: Side, in dialect: Dialect?) -> UInt32? {
        TransactionRules.hasOne(verb, from: side, in: dialect) ? leadingNumber : nil
    }

    /// The first argument, where it is a number: a transaction identifier, if the command has one.
    package var leadingNumber: UInt32? {
        guard lineEnd > 4 else { return nil }
        var value: UInt64 = 0
        var index = 4
        while index < lineEnd, bytes[index] != .space {
            let digit = bytes[index] &- 0x30
            guard digit < 10, index < 14 else { return nil }
            value = value &* 10 &+ UInt64(digit)
            index &+= 1
        }
        return index > 4 ? UInt32(exactly: value) : nil
    }

    /// The same frame with other bytes in place of some tokens; nothing else changes.
    ///
    /// - Parameter changes: byte ranges of the line, in rising order, not overlapping.
    public func replacing(_ changes: [(range: Range<Int>, with: [UInt8])]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 64)
        var done = 0
        for change in changes where change.range.lowerBound >= done && change.range.upperBound <= bytes.count {
            result += bytes[done..<change.range.lowerBound]
            result += change.with
            done = change.range.upperBound
        }
        return result + bytes[done...]
    }
}

/// Which commands carry a transaction identifier, from the commands table.
enum TransactionRules {
    /// One bit for each dialect's number, the highest for "in every one".
    private static let client = table(of: .client)
    private static let server = table(of: .server)
    private static let always: UInt32 = 1 &<< 31

    /// Whether this command has one in this dialect; for an unknown dialect, whether it has one in all.
    static func hasOne(_ verb: Verb, from side: Side, in dialect: Dialect?) -> Bool {
        let dialects = (side == .client ? client : server)[verb.tableIndex]
        let asked = dialect.map { UInt32(1) &<< UInt32(min($0.number, 30)) } ?? always
        return dialects & asked != 0
    }

    private static func table(of side: Side) -> [UInt32] {
        var with = [UInt32](repeating: 0, count: Verb.tableSize)
        var without = with
        for form in CommandForm.all where form.side == side && form.roles != [.fileTransfer] {
            let index = form.verb?.tableIndex ?? Verb.errorIndex
            var dialects: UInt32 = 0
            for number in 0...30 where form.dialects.contains(Dialect(UInt8(number))) {
                dialects |= 1 &<< UInt32(number)
            }
            if form.mayHaveTransaction { with[index] |= dialects } else { without[index] |= dialects }
        }
        return zip(with, without).map { $0 != 0 && $1 == 0 ? $0 | always | 0x7FFF_FFFF : $0 }
    }
}
