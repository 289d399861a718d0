// One argument in the syntax column of the commands table.

/// A place in a command's syntax: `TrID`, `SB`, `[msnobj]`, `N=email`, `dialect...`.
public struct Parameter: Sendable, Hashable {
    /// The name, as the table writes it; a fixed word is its own name.
    public let name: String
    /// Whether it may be left out.
    public let isOptional: Bool
    /// Whether it may come several times.
    public let repeats: Bool
    /// The words that may stand here, where only fixed words may.
    private let words: [Substring]
    /// The letters before `=` where the argument carries its own key (`N=`, `F=`, `C=`).
    private let key: String?

    init(_ text: Substring, isOptional: Bool) {
        repeats = text.hasSuffix("...")
        // `email[;{guid}]` is an e-mail address that may carry more.
        let name = (repeats ? text.dropLast(3) : text).prefix { $0 != "[" }
        self.name = name.isEmpty ? "argument" : String(name)
        self.isOptional = isOptional
        let choices = name.split(separator: "|")
        let areWords = choices.allSatisfy { $0.allSatisfy { ($0.isUppercase && $0.isASCII) || $0.isNumber } }
        words = areWords ? choices : []
        let equals = name.firstIndex(of: "=")
        key = equals.map { String(name[...$0]) }
    }

    /// Whether this argument can stand here. Fixed words and transaction identifiers are compared, all else fits.
    func accepts(_ argument: ArraySlice<UInt8>) -> Bool {
        if name == "TrID" { return Decimal.value(of: argument) != nil }
        if !words.isEmpty { return words.contains { argument.elementsEqual($0.utf8) } }
        if let key, !name.contains("|") { return argument.starts(with: key.utf8) }
        return true
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
