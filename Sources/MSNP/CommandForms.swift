// The argument names of every command, by dialect, side and server.

/// One way of saying a command: one row of the commands table.
public struct CommandForm: Sendable {
    /// The command; `NNN` rows (any error) have the verb nil.
    public let verb: Verb?
    /// Who says it.
    public let side: Side
    /// Where it is said: the roles; empty for "anywhere".
    public let roles: Set<Role>
    /// The dialects in which it is said.
    public let dialects: ClosedRange<Dialect>
    /// The arguments in order.
    public let parameters: [Parameter]
    /// What the table has to say beside.
    public let notes: String

    /// Whether the table says no more than that the arguments are those of the request.
    let repeatsRequest: Bool
    /// The fewest arguments that this form takes.
    public let fewestArguments: Int
    /// The most arguments that this form takes; nil where the table gives no syntax.
    public let mostArguments: Int?

    /// Every form in the table, in its order.
    public static let all: [CommandForm] = Rows(of: commandRows).compactMap(CommandForm.init)

    private static let byVerb: [Verb?: [CommandForm]] = Dictionary(grouping: all, by: \.verb)

    /// The forms of this verb as this side says it. All errors share theirs.
    public static func forms(of verb: Verb, from side: Side) -> [CommandForm] {
        byVerb[verb.isError ? nil : verb, default: []].filter { $0.side == side }
    }

    /// The only role in which this side says this verb; nil where there are several or none.
    public static func impliedRole(of verb: Verb, from side: Side) -> Role? {
        impliedRoles[side]?[verb]
    }

    private static let impliedRoles: [Side: [Verb: Role]] = {
        var table: [Side: [Verb: Role]] = [:]
        for side in Side.allCases {
            for (verb, forms) in byVerb {
                let roles = Set(forms.filter { $0.side == side }.map(\.roles))
                if let verb, roles.count == 1, let only = roles.first, only.count == 1 {
                    table[side, default: [:]][verb] = only.first
                }
            }
        }
        return table
    }()

    init?(_ row: Rows.Row) {
        guard let side = Side(direction: row["direction"]) else { return nil }
        self.side = side
        verb = row["command"] == "NNN" ? nil : Verb(row["command"])
        roles = Set(row["server"].split(separator: "|").compactMap { Role(rawValue: $0 == "MSNFTP" ? "FTP" : "\($0)") })
        let oldest = Dialect(token: Array(row["since"].utf8)) ?? Dialect(0)
        let newest = Dialect(token: Array(row["until"].utf8)) ?? Dialect(.max)
        dialects = oldest...max(oldest, newest)
        let syntax = row["params"]
        repeatsRequest = syntax == "(same arguments as sent)"
        parameters = Parameter.list(in: syntax)
        notes = String(row["notes"])
        fewestArguments = parameters.count { !$0.isOptional }
        let isOpen = syntax.hasPrefix("(") || parameters.contains(where: \.repeats)
        mostArguments = isOpen ? nil : parameters.count
    }

    /// The name of each argument, or nil where the arguments do not fit this form.
    ///
    /// - Parameter arguments: the tokens after the verb.
    public func names(for arguments: [ArraySlice<UInt8>]) -> [String]? {
        guard arguments.count >= fewestArguments, arguments.count <= mostArguments ?? .max else { return nil }
        var names: [String] = []
        return Self.match(parameters[...], arguments[...], into: &names) ? names : nil
    }

    /// Tries to give the first argument to the first parameter, optional ones also to nobody. One that repeats takes
    /// as few as it can. The depth is that of the parameters, however long the line.
    private static func match(
        _ parameters: ArraySlice<Parameter>, _ arguments: ArraySlice<ArraySlice<UInt8>>, into names: inout [String]
    ) -> Bool {
        guard let parameter = parameters.first else { return arguments.isEmpty }
        let mark = names.count
        if parameter.repeats {
            if parameter.isOptional, match(parameters.dropFirst(), arguments, into: &names) { return true }
            for index in arguments.indices {
                guard parameter.accepts(arguments[index]) else { break }
                names.append(parameter.name)
                if match(parameters.dropFirst(), arguments[(index + 1)...], into: &names) { return true }
            }
            names.removeSubrange(mark...)
            return false
        }
        if let argument = arguments.first, parameter.accepts(argument) {
            names.append(parameter.name)
            if match(parameters.dropFirst(), arguments.dropFirst(), into: &names) { return true }
            names.removeSubrange(mark...)
        }
        return parameter.isOptional && match(parameters.dropFirst(), arguments, into: &names)
    }
}

extension CommandForm {
    /// The form that fits a line best: the right dialect and role first, then any that fits its arguments.
    ///
    /// - Returns: the form and the names of the arguments, or nil where nothing fits.
    public static func best(
        for frame: Frame, from side: Side, role: Role, dialect: Dialect?
    ) -> (form: CommandForm, names: [String])? {
        let arguments = frame.arguments
        // Where the table only says that a reply repeats the request, the request's names are the better answer.
        let candidates = forms(of: frame.verb, from: side).flatMap { form in
            form.repeatsRequest ? forms(of: frame.verb, from: side.other) + [form] : [form]
        }
        let fitting = candidates.compactMap { form in
            form.names(for: arguments).map { (form: form, names: $0) }
        }
        func rank(_ form: CommandForm) -> Int {
            let inDialect = dialect.map(form.dialects.contains) ?? true
            let inRole = form.roles.isEmpty || form.roles.contains(role)
            return (form.repeatsRequest ? 0 : 4) + (inRole ? 2 : 0) + (inDialect ? 1 : 0)
        }
        return fitting.max { rank($0.form) < rank($1.form) }
    }
}
