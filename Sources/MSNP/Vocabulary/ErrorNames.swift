// What the numeric replies mean.

/// The meaning of an error reply, such as 911.
public struct ErrorName: Sendable, Hashable {
    /// The name in capitals, `AUTHENTICATION_FAILED`.
    public let name: String
    /// One line that explains it.
    public let meaning: String

    private static let all: [Verb: ErrorName] = {
        var names: [Verb: ErrorName] = [:]
        for row in Rows(of: errorRows) {
            guard let verb = Verb(row["code"]) else { continue }
            names[verb] = ErrorName(name: String(row["name"]), meaning: String(row["meaning"]))
        }
        return names
    }()

    /// What is known of this error number; nil for numbers in no source and for verbs of letters.
    public static func of(_ verb: Verb) -> ErrorName? { all[verb] }

    /// Every error number that has a name.
    public static var known: some Collection<Verb> { all.keys }
}
