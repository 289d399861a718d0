// Which lines are followed by a payload: the positive list of payload-rules.md section 3, as one table.

/// How one verb of one side announces a payload. The length is always the last token (payload-rules.md, P1).
struct PayloadRule: Sendable {
    enum Condition: UInt8 {
        /// No payload, whatever the line looks like.
        case never
        /// A payload; extra arguments (a raw space in a nickname) do not change that (P8).
        case always
        /// A payload if the number of arguments fits and the last one is a number.
        case ifNumeric
        /// As `ifNumeric`, but from MSNP13 on and never on a switchboard (rule E).
        case error
    }

    var condition: Condition
    var fewestArguments: UInt8
    var mostArguments: UInt8

    static let never = PayloadRule(condition: .never, fewestArguments: 0, mostArguments: 0)
}

/// The rules of both sides, ready for a look-up without hashing.
enum PayloadRules {
    static let client = table(of: .client)
    static let server = table(of: .server)

    /// The rules for lines said by this side, indexed by `Verb.tableIndex`.
    static func rules(for side: Side) -> [PayloadRule] { side == .client ? client : server }

    private static func table(of side: Side) -> [PayloadRule] {
        var rules = [PayloadRule](repeating: .never, count: Verb.tableSize)
        for row in Rows(of: payloadRows) where Side(direction: row["direction"]) == side {
            let isError = row["command"] == "NNN"
            guard let verb = isError ? Verb("200") : Verb(row["command"]),
                let fewest = UInt8(row["min_args"]), let most = UInt8(row["max_args"])
            else { continue }
            rules[verb.tableIndex] = PayloadRule(
                condition: isError ? .error : row["condition"] == "always" ? .always : .ifNumeric,
                fewestArguments: fewest,
                mostArguments: most)
        }
        return rules
    }
}

/// The lines of a table with a heading, as values by the heading's names.
struct Rows: Sequence, IteratorProtocol {
    struct Row {
        fileprivate let columns: [Substring: Int]
        fileprivate let cells: [Substring]

        /// What stands in this column; empty where the row is too short or the column unknown.
        subscript(name: Substring) -> Substring {
            guard let column = columns[name], cells.indices.contains(column) else { return "" }
            return cells[column]
        }
    }

    private let columns: [Substring: Int]
    private var lines: ArraySlice<Substring>

    init(of text: String) {
        lines = text.split(separator: "\n")[...]
        let heading = lines.popFirst()?.split(separator: "\t") ?? []
        columns = Dictionary(uniqueKeysWithValues: heading.enumerated().map { ($1, $0) })
    }

    mutating func next() -> Row? {
        guard let line = lines.popFirst() else { return nil }
        return Row(columns: columns, cells: line.split(separator: "\t", omittingEmptySubsequences: false))
    }
}

extension Side {
    /// The side that a table names `C2S` or `S2C`.
    init?(direction: Substring) {
        switch direction {
        case "C2S": self = .client
        case "S2C": self = .server
        default: return nil
        }
    }
}
