// The syntax of every command by dialect, side and server role, parsed from `commands.tsv`.

/// One syntax of a command: one row of the commands table.
public struct CommandForm: Sendable {
    /// The command; nil for `NNN`, which stands for any error.
    public let verb: Verb?
    /// The sender.
    public let side: Side
    /// The roles of the connections that carry it; empty for any role.
    public let roles: Set<Role>
    /// The dialects with this form.
    public private(set) var dialects: ClosedRange<Dialect>
    /// The arguments in order.
    public private(set) var parameters: [Parameter]
    /// The notes of the table.
    public let notes: String

    /// Whether the table only states that the reply repeats the arguments of the request.
    package let repeatsRequest: Bool
    /// Whether the form has a transaction identifier, always or sometimes.
    let mayHaveTransaction: Bool
    /// The minimum number of arguments.
    public private(set) var fewestArguments: Int
    /// The maximum number of arguments; nil if the table gives no syntax or an argument repeats.
    public private(set) var mostArguments: Int?

    /// Whether clients and servers are known to append arguments that the table does not list.
    public let toleratesMore: Bool

    /// All forms, in the order of the table.
    public static let all: [CommandForm] = Rows(of: commandRows).flatMap { row in
        CommandForm(row).map { form in [form] + (form.inLaterDialects.map { [$0] } ?? []) } ?? []
    }

    private static let byVerb: [Verb?: [CommandForm]] = Dictionary(grouping: all, by: \.verb)

    /// The forms of a verb that this side sends. All errors share the same forms.
    public static func forms(of verb: Verb, from side: Side) -> [CommandForm] {
        byVerb[verb.isError ? nil : verb, default: []].filter { $0.side == side }
    }

    /// Whether a side sends the verb, according to the table. Cheaper than `forms`.
    package static func isKnown(_ verb: Verb, from side: Side) -> Bool { known[side][verb.tableIndex] }

    private static let known: PerSide<[Bool]> = {
        var known = PerSide(both: [Bool](repeating: false, count: Verb.tableSize))
        for form in all { known[form.side][form.verb?.tableIndex ?? Verb.errorIndex] = true }
        return known
    }()

    /// The role of a connection on which this side sends the verb; nil if the role is ambiguous.
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

    /// Arguments that are optional according to the notes of the table, not its syntax.
    private static let optionalByNote = [
        (note: "the network may be missing", name: "network-bits"), ("Bare QNG still legal", "seconds-to-next"),
        ("treat count as open", "restricted"),
    ]

    init?(_ row: Rows.Row) {
        guard let side = Side(direction: row["direction"]) else { return nil }
        self.side = side
        verb = row["command"] == "NNN" ? nil : Verb(row["command"])
        roles = Set(row["server"].split(separator: "|").compactMap { Role(rawValue: $0 == "MSNFTP" ? "FTP" : "\($0)") })
        let oldest = Dialect(token: Array(row["since"].utf8)) ?? Dialect(0)
        let newest = Dialect(token: Array(row["until"].utf8)) ?? Dialect(.max)
        dialects = oldest...max(oldest, newest)
        // Of some commands, only the presence of a transaction identifier is known.
        let hasUnknownArguments = row["params"] == "(unknown)" && row["has_trid"] == "yes"
        let syntax = hasUnknownArguments ? "[TrID] [argument...]" : row["params"]
        repeatsRequest = syntax == "(same arguments as sent)"
        var parameters = Parameter.list(in: syntax)
        FieldName.makeUnique(&parameters)
        for index in parameters.indices where parameters[index].meaning == .text {
            parameters[index].meaning = Meaning.of(parameters[index].field, in: verb)
        }
        for (note, name) in Self.optionalByNote where row["notes"].holds(note) {
            for index in parameters.indices where parameters[index].name == name { parameters[index].isOptional = true }
        }
        self.parameters = parameters
        notes = String(row["notes"])
        mayHaveTransaction = row["has_trid"] != "no"
        fewestArguments = parameters.count { !$0.isOptional }
        let isOpen = syntax.hasPrefix("(") || parameters.contains(where: \.repeats)
        mostArguments = isOpen ? nil : parameters.count
        toleratesMore = notes.holds("Ignore extra arguments") || notes.holds("treat count as open")
    }

    /// The same form in later dialects, if the notes require it (`ILN`). Those dialects prefix the address with the
    /// network.
    private var inLaterDialects: CommandForm? {
        guard notes.holds("accept it anyway with the MSNP18 address form") else { return nil }
        var form = self
        form.dialects = Dialect(18)...Dialect(20)
        form.parameters = Parameter.list(in: Self.laterSyntax)
        FieldName.makeUnique(&form.parameters)
        form.fewestArguments = form.parameters.count { !$0.isOptional }
        form.mostArguments = form.parameters.count
        return form
    }

    private static let laterSyntax: Substring =
        "TrID state network:email[;via=network:address] friendly caps:extcaps [msnobj] [icon-url]"
}

extension StringProtocol {
    /// Whether the text contains these bytes. The standard library's search took a third of the time in which the table
    /// is read, at every start of the program.
    fileprivate func holds(_ part: String) -> Bool {
        let (all, part) = (Array(utf8), Array(part.utf8))
        guard let first = part.first, part.count <= all.count else { return false }
        return (0...(all.count - part.count)).contains { all[$0] == first && all[$0...].starts(with: part) }
    }
}
