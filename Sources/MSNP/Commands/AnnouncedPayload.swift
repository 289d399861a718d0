// The payload length that a single command line announces, for pasted logs, which may omit payloads.

extension CommandPlausibility {
    /// The payload that a command line announces.
    ///
    /// - Returns: the length in bytes, and whether the payload is certain: an error has one only in some dialects
    ///   (payload-rules.md, rule E). Nil if the command has no payload.
    public static func announcedPayload(of frame: Frame, from side: Side) -> (length: Int, isCertain: Bool)? {
        guard case .line(let head) = CommandHead.scan(frame.bytes.span, from: 0, limit: frame.bytes.count),
            let number = head.lastNumber
        else { return nil }
        let rule = PayloadRules.rules(for: side)[head.verb.tableIndex]
        guard rule.condition != .never, head.arguments >= rule.fewestArguments,
            rule.condition == .always || head.arguments <= rule.mostArguments
        else { return nil }
        return (Int(clamping: number), rule.condition != .error)
    }

    /// Whether this side is known to send the command, regardless of its arguments.
    public static func isKnown(_ verb: Verb, from side: Side) -> Bool {
        verb.isError ? side == .server && ErrorName.of(verb) != nil : !CommandForm.forms(of: verb, from: side).isEmpty
    }
}
