// The commands with a payload, and how they announce its length: the positive list of payload-rules.md section 3.

/// The payload rule for one verb and sender. The length is always the last argument (payload-rules.md, P1).
struct PayloadRule: Sendable {
    enum Condition: UInt8 {
        /// Never a payload.
        case never
        /// Always a payload, even with extra arguments (a raw space in a display name, P8).
        case always
        /// A payload if the number of arguments is in range and the last argument is a number.
        case ifNumeric
        /// Like `ifNumeric`, but only since MSNP13, and never on a switchboard (rule E).
        case error
    }

    var condition: Condition
    var fewestArguments: UInt8
    var mostArguments: UInt8

    static let never = PayloadRule(condition: .never, fewestArguments: 0, mostArguments: 0)
}

/// The payload rules of both sides, as arrays for a lookup without hashing.
enum PayloadRules {
    private static let tables = PerSide(client: table(of: .client), server: table(of: .server))

    /// The rules for commands of this sender, indexed by `Verb.tableIndex`.
    static func rules(for side: Side) -> [PayloadRule] { tables[side] }

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

/// A parser for tab-separated tables with a heading line.
struct Rows: Sequence, IteratorProtocol {
    struct Row {
        fileprivate let columns: [Substring: Int]
        fileprivate let cells: [Substring]

        /// The cell in a named column; empty if the row is too short or the column unknown.
        subscript(name: Substring) -> Substring {
            guard let column = columns[name], cells.indices.contains(column) else { return "" }
            return cells[column]
        }
    }

    private let columns: [Substring: Int]
    private var lines: ArraySlice<Substring>

    init(of text: String) {
        lines = Self.split(text[...], at: UInt8(ascii: "\n"), omittingEmpty: true)[...]
        let heading = lines.popFirst().map { Self.split($0, at: UInt8(ascii: "\t"), omittingEmpty: true) } ?? []
        columns = Dictionary(uniqueKeysWithValues: heading.enumerated().map { ($1, $0) })
    }

    mutating func next() -> Row? {
        guard let line = lines.popFirst() else { return nil }
        return Row(columns: columns, cells: Self.split(line, at: UInt8(ascii: "\t"), omittingEmpty: false))
    }

    /// By bytes: characters would take several times as long, at every start of the program.
    private static func split(_ text: Substring, at separator: UInt8, omittingEmpty: Bool) -> [Substring] {
        text.utf8.split(separator: separator, omittingEmptySubsequences: omittingEmpty).map { Substring($0) }
    }
}

extension Side {
    /// The sender for a direction in a table, `C2S` or `S2C`; nil for anything else.
    init?(direction: Substring) {
        switch direction {
        case "C2S": self = .client
        case "S2C": self = .server
        default: return nil
        }
    }
}
