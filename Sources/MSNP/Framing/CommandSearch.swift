// Finds the next command in a stream that is out of sync (payload-rules.md section 6).

/// A search for the next position at which a direction can be decoded.
///
/// Candidates are the start of the bytes (a gap ends where a segment starts) and every position after a line end.
/// Positions inside lines are candidates too, because the text of a message need not end in a line end; there the rules
/// are stricter.
struct CommandSearch: Sendable {
    /// Whether any command may start at the first byte of the window; else only one that may follow inside a line.
    var mayStartHere: Bool
    /// The number of consecutive plausible commands that end the search.
    var needed: Int
    /// The reason to report for the skipped bytes.
    var reason: Noise.Reason
    /// Whether no bytes were skipped yet: the window starts after a gap, where a segment starts.
    var isAtStart: Bool

    init(mayStartHere: Bool, needed: Int = 2, reason: Noise.Reason = .unsynchronised) {
        self.mayStartHere = mayStartHere
        self.needed = needed
        self.reason = reason
        isAtStart = mayStartHere
    }

    enum Outcome {
        /// A command starts after this number of bytes.
        case found(skipped: Int)
        /// No command starts within this number of bytes; the remaining bytes need more input.
        case notFound(skipped: Int)
    }

    private enum Assessment { case plausible, implausible, undecided }

    /// Searches a window of bytes.
    ///
    /// - Parameters:
    ///   - window: the bytes; those before `start` are ignored.
    ///   - ended: whether the stream ends with the window.
    ///   - payloadLength: the payload length in bytes for a line at a position; nil if more input is needed.
    mutating func find(
        in window: Span<UInt8>, from start: Int, side: Side, limits: DecoderLimits, ended: Bool,
        payloadLength: (CommandHead, Int) -> Int?
    ) -> Outcome {
        var candidate = start
        var isInside = !mayStartHere
        while candidate < window.count {
            switch assess(window, candidate, isInside, side, limits, ended, payloadLength) {
            case .plausible: return .found(skipped: candidate &- start)
            case .undecided:
                mayStartHere = !isInside
                return .notFound(skipped: candidate &- start)
            case .implausible:
                repeat { candidate &+= 1 } while candidate < window.count && !Self.mayStartCommand(window, candidate)
                isInside = window[candidate &- 1] != .lineFeed
            }
        }
        mayStartHere = !isInside
        return .notFound(skipped: window.count &- start)
    }

    /// Whether a command may start at an index: after a line end, or with a capital letter.
    private static func mayStartCommand(_ window: Span<UInt8>, _ index: Int) -> Bool {
        window[index] &- 0x41 < 26 || window[index &- 1] == .lineFeed
    }

    private func assess(
        _ window: Span<UInt8>, _ candidate: Int, _ isInside: Bool, _ side: Side, _ limits: DecoderLimits, _ ended: Bool,
        _ payloadLength: (CommandHead, Int) -> Int?
    ) -> Assessment {
        var position = candidate
        let needed = isInside ? max(2, needed) : needed
        for count in 0..<needed {
            // A command that ends exactly where the stream ends needs no successor.
            if count > 0, position == window.count, ended { return .plausible }
            if isInside, count == 0, !Plausibility.mayStartInsideLine(window, at: position, from: side) {
                return .implausible
            }
            switch CommandHead.scan(window, from: position, limit: limits.line) {
            case .invalid: return .implausible
            case .incomplete:
                let isKnown = Plausibility.startsKnownCommand(window, at: position, from: side)
                if position &+ 3 < window.count, !isKnown { return .implausible }
                // The end of the stream truncated the last required command.
                if ended { return isKnown && count > 0 && count + 1 == needed ? .plausible : .implausible }
                return .undecided
            case .line(let head):
                guard Plausibility.isPlausible(head, from: side) else { return .implausible }
                if count > 0, count + 1 == needed { return .plausible }
                guard let length = payloadLength(head, position) else { return .undecided }
                guard length <= limits.payload else { return .implausible }
                if isInside, count == 0, length == 0 { return .implausible }
                position &+= head.payloadStart &+ length
                if position > window.count { return ended ? .implausible : .undecided }
            }
        }
        return .plausible
    }
}

/// Checks whether a line in unsynchronised bytes may be a command.
enum Plausibility {
    private static let tables = PerSide(client: table(of: .client), server: table(of: .server))

    private struct Counts: Sendable {
        var fewest: UInt8 = 255
        var most: UInt8 = 0
    }

    /// Whether the bytes at an index are a verb that this side sends, followed by a space or a line end.
    static func startsKnownCommand(_ window: Span<UInt8>, at start: Int, from side: Side) -> Bool {
        guard start >= 0, window.count &- start >= 4, CommandHead.mayStartLine(window, at: start),
            let verb = Verb(window[start], window[start &+ 1], window[start &+ 2])
        else { return false }
        return isKnown(verb, from: side)
    }

    /// Whether a command with a payload may start inside a line, as far as the window shows.
    static func mayStartInsideLine(_ window: Span<UInt8>, at start: Int, from side: Side) -> Bool {
        let count = min(4, window.count &- start)
        var index = 0
        while index < min(3, count) {
            guard window[start &+ index] &- 0x41 < 26 else { return false }
            index &+= 1
        }
        guard count == 4, let verb = Verb(window[start], window[start &+ 1], window[start &+ 2]) else { return true }
        return window[start &+ 3] == .space && isKnown(verb, from: side)
            && PayloadRules.rules(for: side)[verb.tableIndex].condition == .always
    }

    /// Whether this side sends the verb and the number of arguments matches one of its forms.
    static func isPlausible(_ head: CommandHead, from side: Side) -> Bool {
        guard isKnown(head.verb, from: side) else { return false }
        let counts = tables[side][head.verb.tableIndex]
        let rule = PayloadRules.rules(for: side)[head.verb.tableIndex]
        if rule.condition == .always {
            return head.lastNumber != nil && head.arguments >= rule.fewestArguments
                && head.arguments <= rule.mostArguments
        }
        // An empty last argument leaves a blank at the end of the line.
        let most = head.endsInBlank ? head.arguments &+ 1 : head.arguments
        return most >= counts.fewest && head.arguments <= counts.most
    }

    private static func isKnown(_ verb: Verb, from side: Side) -> Bool {
        guard !verb.isError else { return side == .server && ErrorName.of(verb) != nil }
        let counts = tables[side][verb.tableIndex]
        return verb != .empty && counts.fewest <= counts.most
    }

    private static func table(of side: Side) -> [Counts] {
        var table = [Counts](repeating: Counts(), count: Verb.tableSize)
        for form in CommandForm.all where form.side == side {
            let index = (form.verb ?? "200").tableIndex
            // A display name with a raw space adds an argument, and an empty one removes an argument.
            let most = form.verb == nil ? 8 : form.mostArguments.map { $0 + 2 } ?? 32
            table[index].fewest = min(table[index].fewest, UInt8(clamping: form.fewestArguments))
            table[index].most = max(table[index].most, UInt8(clamping: most))
        }
        return table
    }
}
