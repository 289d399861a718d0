// Why a line is no command of its dialect.

internal import Events
internal import MSNP

/// Compares lines with the commands table.
enum FormCheck {
    /// Why a line fits no form of its command in this dialect, on this kind of server, said by this side.
    ///
    /// - Parameters:
    ///   - reading: the form that fits best, of another dialect or server.
    ///   - mixesServers: whether what several servers said may stand together, as in a log that people wrote down.
    /// - Returns: nil where the table does not say enough.
    static func judge(
        _ frame: Frame, _ side: Side, _ role: Role, _ dialect: Dialect?, _ reading: CommandReading?,
        mixesServers: Bool
    ) -> Finding? {
        // The table has no direct links.
        guard role != .peerToPeer, role != .http, frame.verb != .empty else { return nil }
        let dialect = CommandReading.dialect(dialect, of: frame.verb)
        func finding(_ name: FindingName, _ text: String) -> Finding { Finding(name, text, side: side) }
        if frame.verb.isError, ErrorName.of(frame.verb) == nil, side == .server {
            return finding(.errorUnknown, "No source knows the error \(frame.verb).")
        }
        if let reading, reading.isInDialect, reading.isInRole { return nil }
        let forms = CommandForm.forms(of: frame.verb, from: side)
        let who = side == .client ? "client" : "server"
        guard !forms.isEmpty else {
            return CommandForm.forms(of: frame.verb, from: side.other).isEmpty
                ? finding(.verbUnknown, "No source knows a command \(frame.verb).")
                : finding(.verbWrongSide, "A \(who) does not say \(frame.verb).")
        }
        // A server that the table calls `any` is any server but a file transfer's.
        var here = forms.filter { $0.isSaid(in: role) }
        if here.isEmpty {
            guard mixesServers else {
                let text = "\(frame.verb) is not said on a connection of the kind \(role.rawValue)."
                return finding(.verbWrongServer, text)
            }
            here = forms
        }
        let current = dialect.map { dialect in here.filter { $0.dialects.contains(dialect) } } ?? here
        guard !current.isEmpty else {
            guard let dialect else { return nil }
            return finding(.verbNotInDialect, "\(frame.verb) is no command of \(dialect).")
        }
        let count = frame.argumentCount
        if current.contains(where: { $0.toleratesMore && count >= $0.fewestArguments }) { return nil }
        // Where a form leaves the arguments open, any will do.
        if current.contains(where: { $0.mostArguments == nil && $0.fewestArguments == 0 }) { return nil }
        let fits = current.contains { $0.fewestArguments <= count && count <= $0.mostArguments ?? .max }
        let name = dialect?.description ?? "any dialect"
        if frame.verb == "OUT", let reason = frame.argumentRanges.first,
            ValueName.ofReason(frame.bytes[reason]) == nil
        {
            return finding(.argumentForm, ArgumentValueCheck.text("reason", frame, reason, .unknown))
        }
        if fits {
            return finding(.argumentForm, "The arguments of \(frame.verb) are none that \(name) has for it.")
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
        return finding(.argumentCount, "\(frame.verb) has \(number); in \(name) it takes \(list).")
    }
}

extension CommandForm {
    /// Whether the form belongs to such a connection. A dispatch server shows late what it is, and speaks as a notification
    /// server until then.
    fileprivate func isSaid(in role: Role) -> Bool {
        switch role {
        case .unknown: true
        case .fileTransfer: roles.contains(.fileTransfer)
        case .dispatch, .notification: roles.isEmpty || roles.contains(.dispatch) || roles.contains(.notification)
        default: roles.isEmpty || roles.contains(role)
        }
    }
}
