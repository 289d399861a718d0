// What a single line promises, for readers of logs, who have no stream behind it.

extension CommandPlausibility {
    /// The payload that a line announces.
    ///
    /// - Returns: its length, and whether such a line always has one: an error only has in some dialects (rule E). Nil where
    ///   the line is no such command.
    public static func promisedPayload(of frame: Frame, from side: Side) -> (length: Int, isCertain: Bool)? {
        guard case .line(let head) = CommandHead.scan(frame.bytes.span, from: 0, limit: frame.bytes.count),
            let number = head.lastNumber
        else { return nil }
        let rule = PayloadRules.rules(for: side)[head.verb.tableIndex]
        guard rule.condition != .never, head.arguments >= rule.fewestArguments,
            rule.condition == .always || head.arguments <= rule.mostArguments
        else { return nil }
        return (Int(clamping: number), rule.condition != .error)
    }

    /// Whether this side is known to say this command at all, whatever the arguments.
    public static func isKnown(_ verb: Verb, from side: Side) -> Bool {
        verb.isError ? side == .server && ErrorName.of(verb) != nil : !CommandForm.forms(of: verb, from: side).isEmpty
    }
}
