// Parses the syntax column of `commands.tsv` into parameters.

/// One parameter of a command's syntax: `TrID`, `SB`, `[msnobj]`, `N=email`, `dialect...`.
public struct Parameter: Sendable, Hashable {
    /// The name as in the table; a fixed word is its own name.
    public let name: String
    /// Whether the argument may be missing.
    public internal(set) var isOptional: Bool
    /// Whether several arguments may match.
    public let repeats: Bool
    /// The name of the argument in `fields`, in `lower_snake` case. It is unique within a form, except for lists such
    /// as the dialects of `VER`.
    public internal(set) var field: String
    /// The meaning of the value.
    public internal(set) var meaning: Meaning
    /// The check for matching arguments.
    let test: Test

    enum Test: Sendable, Hashable {
        case anything
        case number
        /// A token that begins with a brace: a GUID.
        case braced
        case words([[UInt8]])
        /// With `mustHaveAt`, a token that contains `@`; else a token without a key such as `N=`.
        case account(mustHaveAt: Bool)
        /// A token that begins with one of these keys (`N=`, `F=`, `C=`).
        case keyed([Key])
    }

    /// The prefix of a value, such as `N=`, and the field of the value.
    struct Key: Sendable, Hashable {
        let prefix: [UInt8]
        let field: String
    }

    init(_ text: Substring, isOptional: Bool) {
        repeats = text.hasSuffix("...")
        // `email[;{guid}]` is an e-mail address with an optional suffix.
        let name = (repeats ? text.dropLast(3) : text).prefix { $0 != "[" }
        self.name = name.isEmpty ? "argument" : String(name)
        self.isOptional = isOptional
        // Where the table lists only `U`, servers also send `G` for a gateway, as the table's note explains.
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

    /// Whether only fixed words match.
    var isWord: Bool {
        if case .words = test { return true }
        return false
    }

    /// Whether any argument matches.
    var acceptsAnything: Bool {
        if case .anything = test { return true }
        if case .keyed(let keys) = test { return keys.count > 1 }
        return false
    }

    /// Parses a syntax such as `TrID email [F=friendly] [list group]`. Text in parentheses is a remark and allows any
    /// arguments.
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
            // A bracket inside a word (`email[;{guid}]`) is part of the word.
            let isGroup = word.first == "[" || depth > word.count { $0 == "[" }
            parameters.append(Parameter(isGroup ? bare[..<end] : word, isOptional: isGroup))
            depth -= word.count { $0 == "]" }
        }
        return parameters
    }
}
