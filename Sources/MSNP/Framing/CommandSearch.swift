// Finds the next command in bytes of which nobody knows where a command starts (payload-rules.md section 6).

/// A search for the place where a direction makes sense again.
///
/// A command is looked for behind line ends, where the bytes start (a hole ends where a segment starts), and, since the
/// text of a message ends in no line end, inside lines too; there it has to look more like one.
struct CommandSearch: Sendable {
    /// Whether the first byte of the window may start any command; else only one that may stand inside a line.
    var mayStartHere: Bool
    /// How many plausible commands must stand in a row.
    var needed: Int
    /// What the bytes passed over are called.
    var reason: Noise.Reason
    /// Whether nothing was passed over yet: the window starts where a hole ended, and so a segment began.
    var isAtStart: Bool

    init(mayStartHere: Bool, needed: Int = 2, reason: Noise.Reason = .unsynchronised) {
        self.mayStartHere = mayStartHere
        self.needed = needed
        self.reason = reason
        isAtStart = mayStartHere
    }

    enum Verdict {
        /// Commands start again behind so many bytes.
        case found(skipped: Int)
        /// No command starts in the first so many bytes; the rest cannot be told yet.
        case none(skipped: Int)
    }

    private enum Judgement { case plausible, implausible, undecided }

    /// Looks through a window of bytes.
    ///
    /// - Parameters:
    ///   - window: the bytes; those before `start` do not count.
    ///   - ended: no more bytes will come.
    ///   - payloadLength: how long the payload of a line at a place is, nil while unknown.
    mutating func look(
        at window: Span<UInt8>, from start: Int, side: Side, limits: DecoderLimits, ended: Bool,
        payloadLength: (CommandHead, Int) -> Int?
    ) -> Verdict {
        var candidate = start
        var isInside = !mayStartHere
        while candidate < window.count {
            switch judge(window, candidate, isInside, side, limits, ended, payloadLength) {
            case .plausible: return .found(skipped: candidate &- start)
            case .undecided:
                mayStartHere = !isInside
                return .none(skipped: candidate &- start)
            case .implausible:
                repeat { candidate &+= 1 } while candidate < window.count && !Self.isWorthALook(window, candidate)
                isInside = window[candidate &- 1] != .lineFeed
            }
        }
        mayStartHere = !isInside
        return .none(skipped: window.count &- start)
    }

    /// Whether a command could start here: behind a line end, or with a capital letter.
    private static func isWorthALook(_ window: Span<UInt8>, _ index: Int) -> Bool {
        window[index] &- 0x41 < 26 || window[index &- 1] == .lineFeed
    }

    private func judge(
        _ window: Span<UInt8>, _ candidate: Int, _ isInside: Bool, _ side: Side, _ limits: DecoderLimits, _ ended: Bool,
        _ payloadLength: (CommandHead, Int) -> Int?
    ) -> Judgement {
        var place = candidate
        let needed = isInside ? max(2, needed) : needed
        for count in 0..<needed {
            // A command that ends with the stream needs no second one.
            if count > 0, place == window.count, ended { return .plausible }
            if isInside, count == 0, !Plausibility.couldStandInside(window, at: place, from: side) {
                return .implausible
            }
            switch CommandHead.scan(window, from: place, limit: limits.line) {
            case .noLine: return .implausible
            case .incomplete:
                let isKnown = Plausibility.startsKnownCommand(window, at: place, from: side)
                if place &+ 3 < window.count, !isKnown { return .implausible }
                // The end cut the second one off.
                if ended { return isKnown && count > 0 && count + 1 == needed ? .plausible : .implausible }
                return .undecided
            case .line(let head):
                guard Plausibility.isPlausible(head, from: side) else { return .implausible }
                if count > 0, count + 1 == needed { return .plausible }
                guard let length = payloadLength(head, place) else { return .undecided }
                guard length <= limits.payload else { return .implausible }
                if isInside, count == 0, length == 0 { return .implausible }
                place &+= head.payloadStart &+ length
                if place > window.count { return ended ? .implausible : .undecided }
            }
        }
        return .plausible
    }
}

/// What can be believed of a line that stands somewhere in unknown bytes.
enum Plausibility {
    private static let client = table(of: .client)
    private static let server = table(of: .server)

    private struct Counts: Sendable {
        var fewest: UInt8 = 255
        var most: UInt8 = 0
    }

    /// Whether a verb that this side is known to say stands here, with a space or line end behind.
    static func startsKnownCommand(_ window: Span<UInt8>, at start: Int, from side: Side) -> Bool {
        guard start >= 0, window.count &- start >= 4, CommandHead.mayStartLine(window, at: start),
            let verb = Verb(window[start], window[start &+ 1], window[start &+ 2])
        else { return false }
        return isKnown(verb, from: side)
    }

    /// Whether a command with a payload could start here, in the middle of a line: as far as the window goes.
    static func couldStandInside(_ window: Span<UInt8>, at start: Int, from side: Side) -> Bool {
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

    /// Whether the verb is known from this side and its number of arguments fits one of its forms.
    static func isPlausible(_ head: CommandHead, from side: Side) -> Bool {
        guard isKnown(head.verb, from: side) else { return false }
        let counts = (side == .client ? client : server)[head.verb.tableIndex]
        let rule = PayloadRules.rules(for: side)[head.verb.tableIndex]
        if rule.condition == .always {
            return head.lastNumber != nil && head.arguments >= rule.fewestArguments
                && head.arguments <= rule.mostArguments
        }
        // A value that is unset leaves a blank at the end.
        let most = head.endsInBlank ? head.arguments &+ 1 : head.arguments
        return most >= counts.fewest && head.arguments <= counts.most
    }

    private static func isKnown(_ verb: Verb, from side: Side) -> Bool {
        guard !verb.isError else { return side == .server && ErrorName.of(verb) != nil }
        let counts = (side == .client ? client : server)[verb.tableIndex]
        return verb != .empty && counts.fewest <= counts.most
    }

    private static func table(of side: Side) -> [Counts] {
        var table = [Counts](repeating: Counts(), count: Verb.tableSize)
        for form in CommandForm.all where form.side == side {
            let index = (form.verb ?? "200").tableIndex
            // Names with a raw space add an argument, unset ones drop one.
            let most = form.verb == nil ? 8 : form.mostArguments.map { $0 + 2 } ?? 32
            table[index].fewest = min(table[index].fewest, UInt8(clamping: form.fewestArguments))
            table[index].most = max(table[index].most, UInt8(clamping: most))
        }
        return table
    }
}
