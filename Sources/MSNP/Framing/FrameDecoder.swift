// Decodes one direction of a connection into frames and noise, for input in segments of any size.

/// A decoded part of a stream.
public enum Piece: Sendable, Hashable {
    /// A command and its payload.
    case frame(Frame)
    /// Bytes that belong to no frame.
    case noise(Noise)
}

/// A streaming decoder for one direction of a connection.
///
/// Pass input in segments of any size and call `next` until it returns nil. The pieces together are exactly the input
/// bytes. After a fault, all bytes are noise until two consecutive plausible commands.
///
///     var position = 0
///     while let piece = decoder.next(bytes, from: &position) { … }
public struct FrameDecoder: Sendable {
    /// The sender of the bytes.
    public let side: Side
    /// The dialect; nil while unknown. It only affects errors of a server (payload-rules.md, rule E).
    public var dialect: Dialect?
    /// The role of the connection. Errors of a switchboard never have a payload.
    public var role: Role = .unknown
    /// The stream offset of the next piece in bytes, including gaps.
    public private(set) var offset: UInt64 = 0

    /// Whether the decoder is out of sync and searches for the next command.
    public var isSeeking: Bool {
        if case .seeking = mode { return true }
        return false
    }

    /// The number of buffered bytes that are not yet part of a piece.
    public var pending: Int { carry.count - carryStart }

    /// The number of buffered bytes while the decoder searches for the next command.
    public var heldBack: Int { isSeeking ? pending : 0 }

    /// The buffered start of an incomplete command and its stream offset. If the payload of an error is undecided, the
    /// start of the command that may follow it. Nil inside a payload, and while out of sync.
    public var unfinishedCommand: (offset: UInt64, bytes: ByteSlice)? {
        guard case .synced = mode, pending > 0 else { return nil }
        var start = carryStart
        if searched != pending {
            // It is undecided whether this error has a payload: skip the line, and the payload if it starts to arrive.
            guard case .line(let head) = CommandHead.scan(carry.span, from: carryStart, limit: limits.line),
                payloadLength(of: head, at: carryStart, in: carry.span) == nil
            else { return nil }
            start &+= head.payloadStart
            if carry.count &- start >= 4 { start &+= Int(clamping: head.lastNumber ?? 0) }
        }
        guard start >= carryStart, start < carry.count else { return nil }
        return (offset &+ UInt64(start &- carryStart), ByteSlice(carry[start...]))
    }

    private enum Mode {
        /// In sync: the next byte starts a line.
        case synced
        /// This number of bytes belongs to a frame of which a part is missing.
        case damaged(Int)
        /// Out of sync: the start of the next command is unknown.
        case seeking(CommandSearch)
    }

    private var mode: Mode
    private var limits: DecoderLimits
    private let rules: [PayloadRule]
    /// Bytes buffered from earlier calls; those before `carryStart` are already part of pieces.
    private var carry: [UInt8] = []
    private var carryStart = 0
    /// The number of pending bytes that are known to contain no line end.
    private var searched = 0
    private var ended = false

    /// Makes a decoder.
    ///
    /// - Parameters:
    ///   - side: the sender of the bytes.
    ///   - startsMidStream: whether the first bytes may be inside a command.
    ///   - limits: the maximum sizes of lines and payloads.
    public init(side: Side, startsMidStream: Bool = false, limits: DecoderLimits = DecoderLimits()) {
        self.side = side
        self.limits = limits
        rules = PayloadRules.rules(for: side)
        mode = startsMidStream ? .seeking(CommandSearch(mayStartHere: true)) : .synced
    }

    /// Decodes the next piece from borrowed memory. The piece owns its bytes.
    ///
    /// - Parameters:
    ///   - input: bytes in stream order.
    ///   - position: the start of the unread bytes in `input`; moved behind the consumed bytes.
    /// - Returns: nil if there is no further complete piece. Then all input was consumed.
    public mutating func next(_ input: Span<UInt8>, from position: inout Int) -> Piece? {
        next(input, of: nil, from: &position)
    }

    /// The same for shared memory: a piece that lies whole within the input is a part of it; one that began in earlier
    /// input owns its bytes. The position counts from the start of the slice.
    public mutating func next(_ input: ByteSlice, from position: inout Int) -> Piece? {
        next(input.span, of: input, from: &position)
    }

    /// Decodes the next piece.
    ///
    /// - Parameter owner: the slice whose bytes are `input`; nil if pieces must copy theirs.
    package mutating func next(_ input: Span<UInt8>, of owner: ByteSlice?, from position: inout Int) -> Piece? {
        while true {
            let step: Step
            switch mode {
            case .synced where carryStart < carry.count: step = advanceCarry(input, from: &position)
            case .synced: step = advance(input, owner, from: &position)
            case .damaged(let count): step = skipDamaged(count, input, owner, from: &position)
            case .seeking(let search): step = seek(search, input, from: &position)
            }
            switch step {
            case .piece(let piece): return piece
            case .needsInput: return nil
            case .retry: continue
            }
        }
    }

    /// Ends the stream and decodes the next piece of the buffered bytes. Call it until it returns nil.
    public mutating func finish() -> Piece? {
        ended = true
        let empty: [UInt8] = []
        var position = 0
        if let piece = next(empty.span, from: &position) { return piece }
        guard carryStart < carry.count else { return nil }
        let reason: Noise.Reason =
            if case .synced = mode {
                carry[carryStart...].contains(.lineFeed) ? .unfinishedPayload : .unfinishedLine
            } else { .unsynchronised }
        return .noise(noiseFromCarry(carry.count - carryStart, reason))
    }

    /// Reports a gap at this point of the stream.
    ///
    /// - Parameter count: the number of missing bytes.
    /// - Returns: the pieces before the gap: commands that awaited confirmation by further bytes, and the incomplete
    ///   command as noise.
    public mutating func lose(_ count: UInt64) -> [Piece] {
        guard count > 0 else { return [] }
        var pieces: [Piece] = []
        if isSeeking {
            let empty: [UInt8] = []
            var position = 0
            ended = true
            while let piece = next(empty.span, from: &position) { pieces.append(piece) }
            ended = false
        }
        var after = Mode.seeking(CommandSearch(mayStartHere: true))
        switch mode {
        case .synced where carryStart < carry.count:
            // If the gap ends inside the current payload, the start of the next command is still known.
            if case .line(let head) = CommandHead.scan(carry.span, from: carryStart, limit: limits.line) {
                let total = head.payloadStart &+ (payloadLength(of: head, at: carryStart, in: carry.span) ?? 0)
                let missing = total &- pending
                if missing >= 0, count <= UInt64(missing) { after = .damaged(missing &- Int(count)) }
            }
            pieces.append(.noise(noiseFromCarry(pending, .damagedFrame)))
        case .damaged(let rest) where count <= UInt64(rest): after = .damaged(rest &- Int(count))
        case .seeking where carryStart < carry.count: pieces.append(.noise(noiseFromCarry(pending, .unsynchronised)))
        case .synced, .damaged, .seeking: break
        }
        mode = after
        offset &+= count
        return pieces
    }

    /// Skips bytes that are known not to be MSNP, such as the handshake with a proxy, and returns them as noise.
    public mutating func setAside(_ bytes: ByteSlice, as reason: Noise.Reason) -> Noise {
        defer { offset &+= UInt64(bytes.count) }
        return Noise(bytes: bytes, reason: reason, offset: offset)
    }

    private enum Step {
        case piece(Piece)
        case needsInput
        case retry
    }
}

// MARK: - In sync

extension FrameDecoder {
    /// Decodes a frame directly from the input; buffers an incomplete frame.
    private mutating func advance(_ input: Span<UInt8>, _ owner: ByteSlice?, from position: inout Int) -> Step {
        guard position < input.count else { return .needsInput }
        switch CommandHead.scan(input, from: position, limit: limits.line) {
        case .invalid(let reason):
            mode = .seeking(CommandSearch(mayStartHere: false, reason: reason))
            return .retry
        case .incomplete:
            searched = input.count &- position
            buffer(input, from: &position, count: input.count &- position)
            return .needsInput
        case .line(let head):
            guard let payload = payloadLength(of: head, at: position, in: input) else {
                buffer(input, from: &position, count: input.count &- position)
                return .retry
            }
            guard payload <= limits.payload else {
                mode = .seeking(CommandSearch(mayStartHere: false, reason: .payloadTooLong))
                return .retry
            }
            let total = head.payloadStart &+ payload
            guard total <= input.count &- position else {
                buffer(input, from: &position, count: input.count &- position)
                return .needsInput
            }
            let bytes = ByteSlice(input, of: owner, from: position, count: total)
            position &+= total
            offset &+= UInt64(total)
            return .piece(.frame(Frame(bytes: bytes, head: head)))
        }
    }

    /// Continues a frame that started in an earlier call; consumes only as much input as the frame needs.
    private mutating func advanceCarry(_ input: Span<UInt8>, from position: inout Int) -> Step {
        switch CommandHead.scan(carry.span, from: carryStart, searched: searched, limit: limits.line) {
        case .invalid(let reason):
            mode = .seeking(CommandSearch(mayStartHere: false, reason: reason))
            return .retry
        case .incomplete:
            searched = pending
            guard position < input.count else { return .needsInput }
            let rest = limits.line &- pending
            var end = position
            while end < input.count, end &- position < rest {
                end &+= 1
                if input[end &- 1] == .lineFeed { break }
            }
            buffer(input, from: &position, count: end &- position)
            return .retry
        case .line(let head):
            guard let payload = payloadLength(of: head, at: carryStart, in: carry.span) else {
                guard position < input.count else { return .needsInput }
                buffer(input, from: &position, count: min(input.count &- position, 4_096))
                return .retry
            }
            guard payload <= limits.payload else {
                mode = .seeking(CommandSearch(mayStartHere: false, reason: .payloadTooLong))
                return .retry
            }
            let total = head.payloadStart &+ payload
            let wanted = total &- pending
            if wanted > 0 {
                guard position < input.count else { return .needsInput }
                buffer(input, from: &position, count: min(wanted, input.count &- position))
                guard total <= pending else { return .needsInput }
            }
            let bytes = ByteSlice([UInt8](copying: carry.span, from: carryStart, count: total))
            consumeCarry(total)
            return .piece(.frame(Frame(bytes: bytes, head: head)))
        }
    }

    /// Returns the rest of a damaged frame as noise. Then one plausible command suffices, because its position is
    /// known.
    private mutating func skipDamaged(
        _ count: Int, _ input: Span<UInt8>, _ owner: ByteSlice?, from position: inout Int
    ) -> Step {
        guard count > 0 else {
            mode = .seeking(CommandSearch(mayStartHere: true, needed: 1))
            return .retry
        }
        guard position < input.count else { return .needsInput }
        let length = min(count, input.count &- position)
        let noise = Noise(
            bytes: ByteSlice(input, of: owner, from: position, count: length), reason: .damagedFrame, offset: offset)
        position &+= length
        offset &+= UInt64(length)
        mode = .damaged(count &- length)
        return .piece(.noise(noise))
    }

    /// The payload length of a line in bytes; nil if more input is needed.
    private func payloadLength(of head: CommandHead, at start: Int, in window: Span<UInt8>) -> Int? {
        let rule = rules[head.verb.tableIndex]
        guard rule.condition != .never, let number = head.lastNumber else { return 0 }
        let length = Int(clamping: number)
        let fits = head.arguments >= rule.fewestArguments
        switch rule.condition {
        case .never: return 0
        case .always: return fits ? length : 0
        case .ifNumeric: return fits && head.arguments <= rule.mostArguments ? length : 0
        case .error:
            guard fits, head.arguments <= rule.mostArguments, role != .switchboard else { return 0 }
            if let dialect { return dialect >= .errorsMayCarryPayload ? length : 0 }
            return errorPayload(length, after: start &+ head.payloadStart, in: window)
        }
    }

    /// Applies rule E for an unknown dialect: there is a payload if the bytes after it start a known command and the
    /// bytes after the line do not, or if the stream ends exactly after it.
    private func errorPayload(_ length: Int, after start: Int, in window: Span<UInt8>) -> Int? {
        guard length > 0, length <= limits.payload else { return 0 }
        let available = window.count &- start
        if available >= 4, Plausibility.startsKnownCommand(window, at: start, from: side) { return 0 }
        if available == length, ended { return length }
        guard available >= length &+ 4 else { return ended ? 0 : nil }
        return Plausibility.startsKnownCommand(window, at: start &+ length, from: side) ? length : 0
    }
}

// MARK: - Out of sync

extension FrameDecoder {
    /// Buffers all input and searches for enough consecutive plausible commands.
    private mutating func seek(_ search: CommandSearch, _ input: Span<UInt8>, from position: inout Int) -> Step {
        buffer(input, from: &position, count: input.count &- position)
        guard carryStart < carry.count else { return .needsInput }
        var search = search
        let outcome = search.find(
            in: carry.span, from: carryStart, side: side, limits: limits, ended: ended
        ) { payloadLength(of: $0, at: $1, in: carry.span) }
        mode = .seeking(search)
        switch outcome {
        case .found(let skipped):
            mode = .synced
            searched = 0
            guard skipped > 0 else { return .retry }
            return .piece(.noise(noiseFromCarry(skipped, search.reason)))
        case .notFound(let skipped):
            guard skipped > 0 else { return .needsInput }
            let noise = noiseFromCarry(skipped, search.reason)
            search.reason = .unsynchronised
            search.isAtStart = false
            mode = .seeking(search)
            return .piece(.noise(noise))
        }
    }
}

// MARK: - Segment ends

extension FrameDecoder {
    /// Reports that the input so far ends at the end of a segment.
    ///
    /// After a gap, a command normally awaits confirmation by the next one. Well-formed commands that exactly fill the
    /// bytes between the gap and the end of a segment are accepted without confirmation.
    ///
    /// - Returns: whether commands were accepted; call `next` with empty input to get them.
    public mutating func settle() -> Bool {
        guard case .seeking(let search) = mode, search.isAtStart, carryStart < carry.count else { return false }
        var place = carryStart
        while place < carry.count {
            guard case .line(let head) = CommandHead.scan(carry.span, from: place, limit: limits.line),
                let payload = payloadLength(of: head, at: place, in: carry.span), payload <= limits.payload,
                case let end = place &+ head.payloadStart &+ payload, end <= carry.count,
                CommandPlausibility.isWellFormed(
                    Frame(bytes: ByteSlice(carry[place..<end]), head: head), from: side)
            else { return false }
            place = end
        }
        mode = .synced
        searched = 0
        return true
    }
}

// MARK: - Buffer

extension FrameDecoder {
    /// The buffer capacity in bytes to retain while nothing is pending: enough for usual frames, small for a thousand
    /// idle connections.
    private static let retainedCapacity = 4_096

    private mutating func buffer(_ input: Span<UInt8>, from position: inout Int, count: Int) {
        guard count > 0 else { return }
        if carryStart == carry.count {
            carry.removeAll(keepingCapacity: carry.capacity <= Self.retainedCapacity)
            carryStart = 0
        } else if carryStart > 65_536 {
            carry.removeSubrange(..<carryStart)
            carryStart = 0
        }
        carry.append(copying: input, from: position, count: count)
        position &+= count
    }

    private mutating func consumeCarry(_ count: Int) {
        carryStart &+= count
        offset &+= UInt64(count)
        searched = 0
        guard carryStart == carry.count else { return }
        carry.removeAll(keepingCapacity: carry.capacity <= Self.retainedCapacity)
        carryStart = 0
    }

    private mutating func noiseFromCarry(_ count: Int, _ reason: Noise.Reason) -> Noise {
        let noise = Noise(
            bytes: [UInt8](copying: carry.span, from: carryStart, count: count), reason: reason, offset: offset)
        consumeCarry(count)
        return noise
    }
}
