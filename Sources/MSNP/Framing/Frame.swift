// A frame: one command line and its payload, exactly as on the wire.

/// A command line and its payload. Only the bytes are stored; all other properties are derived from them.
///
/// The bytes may be part of a larger run, which the frame keeps in memory: see `detached`.
public struct Frame: Sendable, Hashable {
    /// Line, line end and payload, unchanged. The first one has index 0.
    public let bytes: ByteSlice
    /// The verb; empty for an empty line.
    public let verb: Verb
    private let end: UInt32
    private let start: UInt32

    /// The index of the CR or LF that ends the line.
    public var lineEnd: Int { Int(end) }
    /// The start of the payload: the index after the LF.
    public var payloadStart: Int { Int(start) }

    /// - Parameters:
    ///   - bytes: a complete frame; its first byte has index 0.
    ///   - head: the structure of its line.
    init(bytes: ByteSlice, head: CommandHead) {
        self.bytes = bytes
        verb = head.verb
        end = UInt32(truncatingIfNeeded: head.lineEnd)
        start = UInt32(truncatingIfNeeded: head.payloadStart)
    }

    private init(bytes: ByteSlice, of other: Frame) {
        self.bytes = bytes
        (verb, end, start) = (other.verb, other.end, other.start)
    }

    /// The same frame with bytes of its own, to be kept longer than the batch of which it is a part.
    public func detached() -> Frame { Frame(bytes: bytes.detached(), of: self) }

    /// Makes a frame from the bytes of exactly one frame, such as those of a recording.
    ///
    /// - Parameter bytes: a complete line with its line end, and the payload, if any.
    /// - Returns: nil if the bytes do not start with a command line.
    public init?(_ bytes: [UInt8]) { self.init(ByteSlice(bytes)) }

    /// Makes a frame from a slice that is exactly one frame. It borrows the slice's storage.
    public init?(_ bytes: ByteSlice) {
        guard case .line(let head) = CommandHead.scan(bytes.span, from: 0, limit: bytes.count) else { return nil }
        self.init(bytes: bytes.part(bytes.startIndex..<bytes.endIndex), head: head)
    }

    /// Makes a frame from what a relay received or sent instead: a command, or a line of another protocol, which has an
    /// empty verb.
    package init(rewritten bytes: ByteSlice) {
        if let frame = Frame(bytes) {
            self = frame
            return
        }
        let feed = bytes.span.first(0x0A, from: 0, to: bytes.count)
        let end = feed > 0 && feed < bytes.count && bytes[bytes.startIndex + feed - 1] == 0x0D ? feed - 1 : feed
        self.init(
            bytes: bytes.part(bytes.startIndex..<bytes.endIndex),
            head: CommandHead(
                verb: .empty, lineEnd: end, payloadStart: min(feed + 1, bytes.count), arguments: 0))
    }

    /// The line without its line end.
    public var line: ByteSlice { bytes[..<lineEnd] }

    /// The line end: CR LF or LF.
    public var terminator: ByteSlice { bytes[lineEnd..<payloadStart] }

    /// The payload; empty for most commands.
    public var payload: ByteSlice { bytes[payloadStart...] }

    /// The end of the arguments. Blanks at the end of the line, which some programs append, are excluded.
    public var argumentsEnd: Int {
        var end = lineEnd
        while end > 3, bytes[end &- 1] == .space { end &-= 1 }
        return end
    }

    /// The byte ranges of the arguments, split at every single space. Empty arguments count, except at the end of the
    /// line.
    public var argumentRanges: [Range<Int>] { ranges(to: argumentsEnd) }

    /// The byte ranges of all tokens after the verb, split at every single space, including empty ones at the end of
    /// the line.
    public var tokenRanges: [Range<Int>] { ranges(to: lineEnd) }

    private func ranges(to end: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        forEachToken(to: end) { ranges.append($0) }
        return ranges
    }

    /// Calls `body` with the byte range of each token after the verb, in order.
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

    /// The arguments, without empty tokens at the end of the line.
    public var arguments: [ByteSlice] { argumentRanges.map { bytes[$0] } }

    /// The argument at an index, without splitting the rest of the line; nil if there are fewer arguments.
    public func argument(_ index: Int) -> ByteSlice? {
        let end = argumentsEnd
        guard end > 3 else { return nil }
        var start = 4
        var remaining = index
        while true {
            let stop = bytes.span.first(.space, from: start, to: end)
            if remaining == 0 { return bytes[start..<stop] }
            guard stop < end else { return nil }
            remaining -= 1
            start = stop + 1
        }
    }

    /// Calls `body` with the byte range of each argument, in order.
    func forEachArgument(_ body: (Range<Int>) -> Void) { forEachToken(to: argumentsEnd, body) }

    /// The first argument that meets a condition, and its index; nil if there is none.
    ///
    /// - Parameter first: the index of the first argument to test.
    func firstArgument(
        from first: Int = 0, where condition: (ByteSlice) -> Bool
    ) -> (index: Int, token: ByteSlice)? {
        let end = argumentsEnd
        guard end > 3 else { return nil }
        var start = 4
        var index = 0
        while true {
            let stop = bytes.span.first(.space, from: start, to: end)
            if index >= first, condition(bytes[start..<stop]) { return (index, bytes[start..<stop]) }
            guard stop < end else { return nil }
            index += 1
            start = stop + 1
        }
    }

    /// The transaction identifier: the first argument, if it is a number and the commands table lists an identifier.
    ///
    /// - Parameters:
    ///   - side: the sender; `MSG` has an identifier only from the client.
    ///   - dialect: `LST` and `LSG` have no identifier since MSNP8. If the dialect is nil (unknown), such verbs have
    ///     none.
    public func transaction(from side: Side, in dialect: Dialect?) -> UInt32? {
        TransactionRules.hasOne(verb, from: side, in: dialect) ? leadingNumber : nil
    }

    /// The first argument as a number: the transaction identifier, if the command has one. Nil if it is not a number.
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

    /// The frame's bytes with some ranges replaced; all other bytes are unchanged.
    ///
    /// - Parameter changes: byte ranges of the line, in ascending order, not overlapping.
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

/// The commands with a transaction identifier, according to the commands table.
enum TransactionRules {
    /// One bit for each dialect number; the highest bit means all dialects.
    private static let tables = PerSide(client: table(of: .client), server: table(of: .server))
    private static let always: UInt32 = 1 &<< 31

    /// Whether the command has an identifier in a dialect; for nil (unknown), whether it has one in all dialects.
    static func hasOne(_ verb: Verb, from side: Side, in dialect: Dialect?) -> Bool {
        let dialects = tables[side][verb.tableIndex]
        let mask = dialect.map { UInt32(1) &<< UInt32(min($0.number, 30)) } ?? always
        return dialects & mask != 0
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
