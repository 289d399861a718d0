// Names and descriptions of MSNP error numbers, from `errors.tsv`.

/// The name and description of an error reply, such as 911.
public struct ErrorName: Sendable, Hashable {
    /// The name in capitals, `AUTHENTICATION_FAILED`.
    public let name: String
    /// A one-line description.
    public let meaning: String

    private static let all: [Verb: ErrorName] = {
        var names: [Verb: ErrorName] = [:]
        for row in Rows(of: errorRows) {
            guard let verb = Verb(row["code"]) else { continue }
            names[verb] = ErrorName(name: String(row["name"]), meaning: String(row["meaning"]))
        }
        return names
    }()

    /// The name and description of an error number; nil for undocumented numbers and for verbs that are not numbers.
    public static func of(_ verb: Verb) -> ErrorName? { all[verb] }

    /// All error numbers in the table.
    public static var known: some Collection<Verb> { all.keys }
}
