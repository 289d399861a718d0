// Cuts one direction of a connection into frames, however the bytes arrive.

/// What a stretch of a stream turned out to be.
public enum Piece: Sendable, Hashable {
    /// A command with its payload.
    case frame(Frame)
    /// Bytes that belong to no command.
    case noise(Noise)
}

/// Finds the commands in one direction of a connection.
///
/// Give it bytes as they come, cut anywhere, and ask for one piece after another; all pieces together are exactly the
/// bytes given. A fault makes the direction opaque: what follows is noise until two plausible commands stand in a row.
///
///     var position = 0
///     while let piece = decoder.next(bytes, from: &position) { … }
public struct FrameDecoder: Sendable {
    /// Whose words these are.
    public let side: Side
    /// The dialect spoken, once known. Only errors of a server need it (payload-rules.md, rule E).
    public var dialect: Dialect?
    /// What the connection is for. A switchboard's errors never have a payload.
    public var role: Role = .unknown
    /// How many bytes of the direction came before the next piece, holes included.
    public private(set) var offset: UInt64 = 0

    /// Whether the decoder has lost its way and looks for the next command.
    public var isSeeking: Bool {
        if case .seeking = mode { return true }
        return false
    }

    /// Bytes taken in but not yet part of a piece.
    public var pending: Int { carry.count - carried }

    /// The beginning of a command that has not come whole, where a command may begin next, and its place in the stream.
    /// Nil while a payload or the next command is looked for.
    public var unfinishedCommand: (offset: UInt64, bytes: ArraySlice<UInt8>)? {
        guard case .synced = mode, pending > 0 else { return nil }
        var start = carried
        if searched != pending {
            // Behind an error whose payload is not decided: the payload's place, then the one behind it.
            guard case .line(let head) = CommandHead.scan(carry.span, from: carried, limit: limits.line),
                payloadLength(of: head, at: carried, in: carry.span) == nil
            else { return nil }
            start &+= head.payloadStart
            if carry.count &- start >= 4 { start &+= Int(clamping: head.lastNumber ?? 0) }
        }
        guard start >= carried, start < carry.count else { return nil }
        return (offset &+ UInt64(start &- carried), carry[start...])
    }

    private enum Mode {
        /// The next byte starts a line.
        case synced
        /// So many bytes belong to a frame of which a part is missing.
        case damaged(Int)
        /// Where the next command starts is not known.
        case seeking(CommandSearch)
    }

    private var mode: Mode
    private var limits: DecoderLimits
    private let rules: [PayloadRule]
    /// Bytes kept from earlier calls; those before `carried` are already part of pieces.
    private var carry: [UInt8] = []
    private var carried = 0
    /// How much of `carry` is known to hold no line end.
    private var searched = 0
    private var ended = false

    /// A decoder at the start of a stream, or in the middle of one.
    ///
    /// - Parameters:
    ///   - side: whose words it decodes.
    ///   - startsMidStream: the first bytes may be anywhere in a command.
    ///   - limits: how long lines and payloads may be.
    public init(side: Side, startsMidStream: Bool = false, limits: DecoderLimits = DecoderLimits()) {
        self.side = side
        self.limits = limits
        rules = PayloadRules.rules(for: side)
        mode = startsMidStream ? .seeking(CommandSearch(mayStartHere: true)) : .synced
    }

    /// The next piece, or nil when these bytes hold no further whole one.
    ///
    /// - Parameters:
    ///   - input: bytes as they arrived.
    ///   - position: where to go on in `input`; moved behind what was taken. When the answer is nil, all was taken.
    public mutating func next(_ input: Span<UInt8>, from position: inout Int) -> Piece? {
        while true {
            let step: Step
            switch mode {
            case .synced where carried < carry.count: step = advanceCarried(input, from: &position)
            case .synced: step = advance(input, from: &position)
            case .damaged(let count): step = passOver(count, input, from: &position)
            case .seeking(let search): step = seek(search, input, from: &position)
            }
            switch step {
            case .piece(let piece): return piece
            case .starved: return nil
            case .again: continue
            }
        }
    }

    /// The next piece of what is left when the stream has ended; nil when nothing is left.
    public mutating func finish() -> Piece? {
        ended = true
        let nothing: [UInt8] = []
        var position = 0
        if let piece = next(nothing.span, from: &position) { return piece }
        guard carried < carry.count else { return nil }
        let reason: Noise.Reason =
            if case .synced = mode {
                carry[carried...].contains(.lineFeed) ? .unfinishedPayload : .unfinishedLine
            } else { .unsynchronised }
        return .noise(takeCarried(carry.count - carried, reason))
    }

    /// Says that bytes are missing at this point of the stream.
    ///
    /// - Parameter count: how many.
    /// - Returns: what stands before the hole: commands that could not be trusted before the end of these bytes was known,
    ///   and what was begun and can never be whole.
    public mutating func lose(_ count: UInt64) -> [Piece] {
        guard count > 0 else { return [] }
        var pieces: [Piece] = []
        if isSeeking {
            let nothing: [UInt8] = []
            var position = 0
            ended = true
            while let piece = next(nothing.span, from: &position) { pieces.append(piece) }
            ended = false
        }
        var after = Mode.seeking(CommandSearch(mayStartHere: true))
        switch mode {
        case .synced where carried < carry.count:
            // The hole ends inside the payload that was being read: where the next command starts is still known.
            if case .line(let head) = CommandHead.scan(carry.span, from: carried, limit: limits.line) {
                let total = head.payloadStart &+ (payloadLength(of: head, at: carried, in: carry.span) ?? 0)
                let missing = total &- pending
                if missing >= 0, count <= UInt64(missing) { after = .damaged(missing &- Int(count)) }
            }
            pieces.append(.noise(takeCarried(pending, .damagedFrame)))
        case .damaged(let rest) where count <= UInt64(rest): after = .damaged(rest &- Int(count))
        case .seeking where carried < carry.count: pieces.append(.noise(takeCarried(pending, .unsynchronised)))
        case .synced, .damaged, .seeking: break
        }
        mode = after
        offset &+= count
        return pieces
    }

    /// Puts bytes aside that are known to be no MSNP, such as a proxy's handshake, and goes on behind them.
    public mutating func setAside(_ bytes: Span<UInt8>, as reason: Noise.Reason) -> Noise {
        defer { offset &+= UInt64(bytes.count) }
        return Noise(bytes: [UInt8](copying: bytes), reason: reason, offset: offset)
    }

    private enum Step {
        case piece(Piece)
        case starved
        case again
    }
}

// MARK: - In step with the stream

extension FrameDecoder {
    /// Cuts a frame straight from the input; what is no whole frame is kept.
    private mutating func advance(_ input: Span<UInt8>, from position: inout Int) -> Step {
        guard position < input.count else { return .starved }
        switch CommandHead.scan(input, from: position, limit: limits.line) {
        case .noLine(let reason):
            mode = .seeking(CommandSearch(mayStartHere: false, reason: reason))
            return .again
        case .incomplete:
            searched = input.count &- position
            keep(input, from: &position, count: input.count &- position)
            return .starved
        case .line(let head):
            guard let payload = payloadLength(of: head, at: position, in: input) else {
                keep(input, from: &position, count: input.count &- position)
                return .again
            }
            guard payload <= limits.payload else {
                mode = .seeking(CommandSearch(mayStartHere: false, reason: .payloadTooLong))
                return .again
            }
            let total = head.payloadStart &+ payload
            guard total <= input.count &- position else {
                keep(input, from: &position, count: input.count &- position)
                return .starved
            }
            let bytes = [UInt8](copying: input, from: position, count: total)
            position &+= total
            offset &+= UInt64(total)
            return .piece(.frame(Frame(bytes: bytes, head: head)))
        }
    }

    /// Goes on with a frame that began in an earlier call, taking no more of the input than it needs.
    private mutating func advanceCarried(_ input: Span<UInt8>, from position: inout Int) -> Step {
        switch CommandHead.scan(carry.span, from: carried, searched: searched, limit: limits.line) {
        case .noLine(let reason):
            mode = .seeking(CommandSearch(mayStartHere: false, reason: reason))
            return .again
        case .incomplete:
            searched = pending
            guard position < input.count else { return .starved }
            let rest = limits.line &- pending
            var end = position
            while end < input.count, end &- position < rest {
                end &+= 1
                if input[end &- 1] == .lineFeed { break }
            }
            keep(input, from: &position, count: end &- position)
            return .again
        case .line(let head):
            guard let payload = payloadLength(of: head, at: carried, in: carry.span) else {
                guard position < input.count else { return .starved }
                keep(input, from: &position, count: min(input.count &- position, 4_096))
                return .again
            }
            guard payload <= limits.payload else {
                mode = .seeking(CommandSearch(mayStartHere: false, reason: .payloadTooLong))
                return .again
            }
            let total = head.payloadStart &+ payload
            let wanted = total &- pending
            if wanted > 0 {
                guard position < input.count else { return .starved }
                keep(input, from: &position, count: min(wanted, input.count &- position))
                guard total <= pending else { return .starved }
            }
            let bytes = [UInt8](copying: carry.span, from: carried, count: total)
            consumeCarried(total)
            return .piece(.frame(Frame(bytes: bytes, head: head)))
        }
    }

    /// Hands out the rest of a damaged frame, then trusts one plausible command, for its place is known.
    private mutating func passOver(_ count: Int, _ input: Span<UInt8>, from position: inout Int) -> Step {
        guard count > 0 else {
            mode = .seeking(CommandSearch(mayStartHere: true, needed: 1))
            return .again
        }
        guard position < input.count else { return .starved }
        let length = min(count, input.count &- position)
        let noise = Noise(
            bytes: [UInt8](copying: input, from: position, count: length), reason: .damagedFrame, offset: offset)
        position &+= length
        offset &+= UInt64(length)
        mode = .damaged(count &- length)
        return .piece(.noise(noise))
    }

    /// How long the payload of a line is; nil while that cannot be told yet.
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
            return errorPayload(length, behind: start &+ head.payloadStart, in: window)
        }
    }

    /// Rule E for an unknown dialect: the payload is there if the bytes behind it look like the start of a command.
    private func errorPayload(_ length: Int, behind start: Int, in window: Span<UInt8>) -> Int? {
        guard length > 0, length <= limits.payload else { return 0 }
        let available = window.count &- start
        if available >= 4, Plausibility.startsKnownCommand(window, at: start, from: side) { return 0 }
        if available == length, ended { return length }
        guard available >= length &+ 4 else { return ended ? 0 : nil }
        return Plausibility.startsKnownCommand(window, at: start &+ length, from: side) ? length : 0
    }
}

// MARK: - Looking for the next command

extension FrameDecoder {
    /// Takes in all there is and looks for a place where enough plausible commands stand in a row.
    private mutating func seek(_ search: CommandSearch, _ input: Span<UInt8>, from position: inout Int) -> Step {
        keep(input, from: &position, count: input.count &- position)
        guard carried < carry.count else { return .starved }
        var search = search
        let verdict = search.look(
            at: carry.span, from: carried, side: side, limits: limits, ended: ended
        ) { payloadLength(of: $0, at: $1, in: carry.span) }
        mode = .seeking(search)
        switch verdict {
        case .found(let skipped):
            mode = .synced
            searched = 0
            guard skipped > 0 else { return .again }
            return .piece(.noise(takeCarried(skipped, search.reason)))
        case .none(let skipped):
            guard skipped > 0 else { return .starved }
            let noise = takeCarried(skipped, search.reason)
            search.reason = .unsynchronised
            search.isAtStart = false
            mode = .seeking(search)
            return .piece(.noise(noise))
        }
    }
}

// MARK: - Where segments end

extension FrameDecoder {
    /// Says that the bytes given so far end where a segment ended.
    ///
    /// Behind a hole, one command has to wait for the next before it is believed. Well-formed commands that fill to the byte
    /// what came from the end of the hole to the end of a segment need not wait.
    ///
    /// - Returns: whether there are pieces now that had to wait; ask for them with no bytes.
    public mutating func settle() -> Bool {
        guard case .seeking(let search) = mode, search.isAtStart, carried < carry.count else { return false }
        var place = carried
        while place < carry.count {
            guard case .line(let head) = CommandHead.scan(carry.span, from: place, limit: limits.line),
                let payload = payloadLength(of: head, at: place, in: carry.span), payload <= limits.payload,
                case let end = place &+ head.payloadStart &+ payload, end <= carry.count,
                CommandPlausibility.isWellFormed(Frame(bytes: Array(carry[place..<end]), head: head), from: side)
            else { return false }
            place = end
        }
        mode = .synced
        searched = 0
        return true
    }
}

// MARK: - Kept bytes

extension FrameDecoder {
    /// How much memory a decoder holds on to while nothing is pending: enough for usual frames, little for a thousand
    /// quiet connections.
    private static let capacityKept = 4_096

    private mutating func keep(_ input: Span<UInt8>, from position: inout Int, count: Int) {
        guard count > 0 else { return }
        if carried == carry.count {
            carry.removeAll(keepingCapacity: carry.capacity <= Self.capacityKept)
            carried = 0
        } else if carried > 65_536 {
            carry.removeSubrange(..<carried)
            carried = 0
        }
        carry.append(copying: input, from: position, count: count)
        position &+= count
    }

    private mutating func consumeCarried(_ count: Int) {
        carried &+= count
        offset &+= UInt64(count)
        searched = 0
        guard carried == carry.count else { return }
        carry.removeAll(keepingCapacity: carry.capacity <= Self.capacityKept)
        carried = 0
    }

    private mutating func takeCarried(_ count: Int, _ reason: Noise.Reason) -> Noise {
        let noise = Noise(
            bytes: [UInt8](copying: carry.span, from: carried, count: count), reason: reason, offset: offset)
        consumeCarried(count)
        return noise
    }
}
