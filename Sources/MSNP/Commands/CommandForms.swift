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
    public private(set) var dialects: ClosedRange<Dialect>
    /// The arguments in order.
    public private(set) var parameters: [Parameter]
    /// What the table has to say beside.
    public let notes: String

    /// Whether the table says no more than that the arguments are those of the request.
    package let repeatsRequest: Bool
    /// Whether the table gives it a transaction identifier, at least sometimes.
    let mayHaveTransaction: Bool
    /// The fewest arguments that this form takes.
    public private(set) var fewestArguments: Int
    /// The most arguments that this form takes; nil where the table gives no syntax.
    public private(set) var mostArguments: Int?

    /// Whether clients and servers are known to add arguments behind those of the table.
    public let toleratesMore: Bool

    /// Every form in the table, in its order.
    public static let all: [CommandForm] = Rows(of: commandRows).flatMap { row in
        CommandForm(row).map { form in [form] + (form.inLaterDialects.map { [$0] } ?? []) } ?? []
    }

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

    /// Arguments that only the table's notes call optional.
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
        // The table does not know more of some commands than whether they have an identifier.
        let hasUnknownArguments = row["params"] == "(unknown)" && row["has_trid"] == "yes"
        let syntax = hasUnknownArguments ? "[TrID] [argument...]" : row["params"]
        repeatsRequest = syntax == "(same arguments as sent)"
        var parameters = Parameter.list(in: syntax)
        FieldName.makeUnique(&parameters)
        for index in parameters.indices where parameters[index].meaning == .text {
            parameters[index].meaning = Meaning.of(parameters[index].field, in: verb)
        }
        for (note, name) in Self.optionalByNote where row["notes"].contains(note) {
            for index in parameters.indices where parameters[index].name == name { parameters[index].isOptional = true }
        }
        self.parameters = parameters
        notes = String(row["notes"])
        mayHaveTransaction = row["has_trid"] != "no"
        fewestArguments = parameters.count { !$0.isOptional }
        let isOpen = syntax.hasPrefix("(") || parameters.contains(where: \.repeats)
        mostArguments = isOpen ? nil : parameters.count
        toleratesMore = notes.contains("Ignore extra arguments") || notes.contains("treat count as open")
    }

    /// The form in later dialects, where the table says that it is to be accepted there too (`ILN`): those write the network
    /// in front of the address.
    private var inLaterDialects: CommandForm? {
        guard notes.contains("accept it anyway with the MSNP18 address form") else { return nil }
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
