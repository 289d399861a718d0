// Checks lines against the command forms of `commands.tsv`: verb, side, role, dialect, number of arguments.

internal import Events
internal import MSNP

/// Explains why a line matches no command form.
enum FormCheck {
    /// The finding on a line that matches no form of its command for this dialect, role and side.
    ///
    /// - Parameters:
    ///   - reading: the best match among forms of other dialects or roles.
    ///   - mixesServers: whether the connection may contain commands of several servers, as in a log that people
    ///     pasted.
    /// - Returns: nil if the line matches a form, or the table is not precise enough to decide.
    static func finding(
        _ frame: Frame, _ side: Side, _ role: Role, _ dialect: Dialect?, _ reading: CommandReading?,
        mixesServers: Bool
    ) -> Finding? {
        // The table does not cover direct links.
        guard role != .peerToPeer, role != .http, frame.verb != .empty else { return nil }
        let dialect = CommandReading.dialect(dialect, of: frame.verb)
        func finding(_ name: FindingName, _ text: String) -> Finding { Finding(name, text, side: side) }
        if frame.verb.isError, ErrorName.of(frame.verb) == nil, side == .server {
            return finding(.errorUnknown, "Unknown error \(frame.verb).")
        }
        if let reading, reading.isInDialect, reading.isInRole { return nil }
        let forms = CommandForm.forms(of: frame.verb, from: side)
        let who = side == .client ? "client" : "server"
        guard !forms.isEmpty else {
            return CommandForm.forms(of: frame.verb, from: side.other).isEmpty
                ? finding(.verbUnknown, "Unknown command \(frame.verb).")
                : finding(.verbWrongSide, "A \(who) does not send \(frame.verb).")
        }
        // The role `any` in the table covers all roles except file transfers.
        var roleForms = forms.filter { $0.isValid(in: role) }
        if roleForms.isEmpty {
            guard mixesServers else {
                let text = "\(frame.verb) is not used on connections with the role \(role.rawValue)."
                return finding(.verbWrongServer, text)
            }
            roleForms = forms
        }
        let current = dialect.map { dialect in roleForms.filter { $0.dialects.contains(dialect) } } ?? roleForms
        guard !current.isEmpty else {
            guard let dialect else { return nil }
            return finding(.verbNotInDialect, "\(frame.verb) is not a command of \(dialect).")
        }
        let count = frame.argumentCount
        if current.contains(where: { $0.toleratesMore && count >= $0.fewestArguments }) { return nil }
        // A form with undefined arguments accepts any number of them.
        if current.contains(where: { $0.mostArguments == nil && $0.fewestArguments == 0 }) { return nil }
        let fits = current.contains { $0.fewestArguments <= count && count <= $0.mostArguments ?? .max }
        let name = dialect?.description ?? "any dialect"
        if frame.verb == "OUT", let reason = frame.argumentRanges.first,
            ValueName.ofReason(frame.bytes[reason]) == nil
        {
            return finding(.argumentForm, ArgumentValueCheck.text("reason", frame, reason, .unknown))
        }
        if fits {
            return finding(.argumentForm, "The arguments of \(frame.verb) do not match its forms in \(name).")
        }
        let ranges = Set(current.map { $0.fewestArguments...($0.mostArguments ?? .max) })
        let wanted = ranges.filter { range in !ranges.contains { $0 != range && $0.contains(range) } }
            .sorted { $0.lowerBound < $1.lowerBound }
            .map { range in
                guard range.upperBound < .max else { return "\(range.lowerBound) or more" }
                return range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
            }
        let list = wanted.joined(separator: " or ")
        let number = count == 1 ? "1 argument" : "\(count) arguments"
        let hasTransaction = current.contains { $0.parameters.contains { $0.name == "TrID" } }
        let note = hasTransaction ? " (including the transaction identifier)" : ""
        return finding(.argumentCount, "\(frame.verb) has \(number); in \(name) it takes \(list)\(note).")
    }
}

extension CommandForm {
    /// Whether the form is valid on a connection of this role. Dispatch and notification servers share their forms,
    /// because a dispatch server is recognized only when it redirects the client.
    fileprivate func isValid(in role: Role) -> Bool {
        switch role {
        case .unknown: true
        case .fileTransfer: roles.contains(.fileTransfer)
        case .dispatch, .notification: roles.isEmpty || roles.contains(.dispatch) || roles.contains(.notification)
        default: roles.isEmpty || roles.contains(role)
        }
    }
}
