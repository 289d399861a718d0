// One argument in the syntax column of the commands table.

/// A place in a command's syntax: `TrID`, `SB`, `[msnobj]`, `N=email`, `dialect...`.
public struct Parameter: Sendable, Hashable {
    /// The name, as the table writes it; a fixed word is its own name.
    public let name: String
    /// Whether it may be left out.
    public internal(set) var isOptional: Bool
    /// Whether it may come several times.
    public let repeats: Bool
    /// The name in `lower_snake` under which `fields` has the argument. In one form no two are the same, but those of a
    /// list: `VER`'s dialects, say.
    public internal(set) var field: String
    /// What the argument means beyond its text.
    public internal(set) var meaning: Meaning
    /// What may stand here.
    let test: Test

    enum Test: Sendable, Hashable {
        case anything
        case number
        /// Something that begins with a brace: a GUID.
        case braced
        case words([[UInt8]])
        /// Something with an `@`, or, where it must be there, without a key in front.
        case account(mustHaveAt: Bool)
        /// The argument carries its own key (`N=`, `F=`, `C=`), one of these.
        case keyed([Key])
    }

    /// The letters in front of a value, and the field that the value fills.
    struct Key: Sendable, Hashable {
        let prefix: [UInt8]
        let field: String
    }

    init(_ text: Substring, isOptional: Bool) {
        repeats = text.hasSuffix("...")
        // `email[;{guid}]` is an e-mail address that may carry more.
        let name = (repeats ? text.dropLast(3) : text).prefix { $0 != "[" }
        self.name = name.isEmpty ? "argument" : String(name)
        self.isOptional = isOptional
        // Servers also name a gateway where the table has only `U` (its note says so).
        let choices = (name == "U" ? "U|G" : name).split(separator: "|")
        let areWords = choices.allSatisfy { $0.allSatisfy { ($0.isUppercase && $0.isASCII) || $0.isNumber } }
        if name == "TrID" || name == "list-bits" || name == "network-bits" || name == "minutes"
            || (isOptional && name == "list-version")
        {
            test = .number
        } else if name.hasPrefix("{") {
            test = .braced
        } else if name == "email" {
            test = .account(mustHaveAt: isOptional)
        } else if areWords, !choices.isEmpty {
            test = .words(choices.map { Array($0.utf8) })
        } else if name.contains("=") {
            test = .keyed(
                choices.compactMap { choice in
                    choice.firstIndex(of: "=").map { equals in
                        let value = choice[choice.index(after: equals)...]
                        return Key(
                            prefix: Array(choice[...equals].utf8),
                            field: FieldName.of(value == "x" ? choice[..<equals] : value))
                    }
                })
        } else {
            test = .anything
        }
        if case .keyed(let keys) = test, let first = keys.first {
            field = first.field
        } else {
            field = FieldName.of(name.isEmpty ? "argument" : name)
        }
        meaning = Meaning.of(field)
    }

    /// Whether only fixed words can stand here.
    var isWord: Bool {
        if case .words = test { return true }
        return false
    }

    /// Whether every argument can stand here.
    var acceptsAnything: Bool {
        if case .anything = test { return true }
        if case .keyed(let keys) = test { return keys.count > 1 }
        return false
    }

    /// Reads a syntax such as `TrID email [F=friendly] [list group]`. What stands in round brackets is a remark.
    static func list(in syntax: Substring) -> [Parameter] {
        guard !syntax.hasPrefix("(") || syntax.hasPrefix("(empty)") else {
            return [Parameter("argument...", isOptional: true)]
        }
        var parameters: [Parameter] = []
        var depth = 0
        for word in syntax.split(separator: " ") {
            depth += word.count { $0 == "[" }
            let bare = word.drop { $0 == "[" }
            let end = bare.firstIndex { $0 == "]" } ?? bare.endIndex
            // A bracket inside a word (`email[;{guid}]`) belongs to the word.
            let isGroup = word.first == "[" || depth > word.count { $0 == "[" }
            parameters.append(Parameter(isGroup ? bare[..<end] : word, isOptional: isGroup))
            depth -= word.count { $0 == "]" }
        }
        return parameters
    }
}
