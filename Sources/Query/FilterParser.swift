// Parses filter expressions.

/// A syntax error, or an unknown field or value, with its position.
package struct FilterError: Error, CustomStringConvertible, Sendable {
    package let message: String
    /// The position in characters, counted from 1.
    package let column: Int
    /// The whole expression.
    package let source: String

    /// The message, the expression, and a mark below the column.
    package var description: String {
        let line = String(source.map { $0.isNewline || $0 == "\t" ? " " : $0 })
        return "\(message)\n  \(line)\n  \(String(repeating: " ", count: max(0, column - 1)))^ column \(column)"
    }
}

/// A recursive descent parser: `or` binds weaker than `and`, which may be omitted.
struct FilterParser {
    private enum Token: Equatable {
        case word(String)
        case quoted(String)
        case symbol(String)
    }

    /// The maximum nesting depth, which bounds the recursion.
    private static let maximumDepth = 64

    private let source: String
    private var tokens: [(token: Token, column: Int)] = []
    private var index = 0
    private var depth = 0

    private let scope: Filter.Scope

    init(_ source: String, _ scope: Filter.Scope) {
        self.source = source
        self.scope = scope
    }

    mutating func parse() throws -> Filter.Condition {
        try tokenize()
        guard !tokens.isEmpty else { throw error("an empty filter; try: verb == MSG and dir == s2c", at: 1) }
        let condition = try orExpression()
        guard index == tokens.count else { throw error("nothing is open that this could close or go on", at: column) }
        return condition
    }

    private var column: Int { index < tokens.count ? tokens[index].column : source.count + 1 }

    private func error(_ message: String, at column: Int) -> FilterError {
        FilterError(message: message, column: column, source: source)
    }

    /// Consumes the next token if it is one of these words or symbols.
    private mutating func accept(_ words: String...) -> Bool {
        guard index < tokens.count else { return false }
        switch tokens[index].token {
        case .word(let text), .symbol(let text):
            guard words.contains(text.lowercased()) else { return false }
        case .quoted: return false
        }
        index += 1
        return true
    }

    private mutating func orExpression() throws -> Filter.Condition {
        var parts = [try andExpression()]
        while accept("or", "||") { parts.append(try andExpression()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func andExpression() throws -> Filter.Condition {
        var parts = [try term()]
        while true {
            if accept("and", "&&") {
                parts.append(try term())
            } else if index < tokens.count, !isNext("or", "||", ")") {
                parts.append(try term())
            } else {
                return parts.count == 1 ? parts[0] : .all(parts)
            }
        }
    }

    private func isNext(_ words: String...) -> Bool {
        switch tokens[index].token {
        case .word(let text), .symbol(let text): words.contains(text.lowercased())
        case .quoted: false
        }
    }

    private mutating func term() throws -> Filter.Condition {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw error("nested too deeply", at: column) }
        if accept("not", "!") { return .not(try term()) }
        if accept("(") {
            let opened = column
            let inside = try orExpression()
            guard accept(")") else {
                throw error("a closing bracket is missing", at: min(column, max(opened, column)))
            }
            return inside
        }
        if accept("has") { return .has(try field()) }
        guard index < tokens.count else { throw error("something is missing at the end", at: column) }
        let start = column
        switch tokens[index].token {
        case .quoted(let text):
            index += 1
            return .compare(.text, .contains, [text.lowercased()])
        case .symbol(let text): throw error("“\(text)” cannot stand here", at: start)
        case .word(let word):
            guard !isNext("and", "or") else {
                throw error("“\(word)” cannot stand here; in quotation marks it is a text to search for", at: start)
            }
            index += 1
            guard let comparison = comparison() else { return .compare(.text, .contains, [word.lowercased()]) }
            index -= comparison.length
            index -= 1
            let field = try field()
            index += comparison.length
            return .compare(field, comparison.kind, try values(of: field, for: comparison.kind))
        }
    }

    private mutating func comparison() -> (kind: Filter.Comparison, length: Int)? {
        let kinds: [(String, Filter.Comparison)] = [
            ("==", .equal), ("=", .equal), ("!=", .notEqual), ("<=", .lessOrEqual), (">=", .greaterOrEqual),
            ("<", .less), (">", .greater), ("contains", .contains), ("in", .oneOf),
        ]
        for (word, kind) in kinds where accept(word) { return (kind, 1) }
        return nil
    }

    private mutating func field() throws -> FilterField {
        guard index < tokens.count, case .word(let name) = tokens[index].token else {
            throw error("the name of a field belongs here: \(fieldNames)", at: column)
        }
        guard let field = FilterField(rawValue: name.lowercased()) else {
            let nearest = Suggestion.nearest(to: name, among: FilterField.allCases.map(\.rawValue))
            throw error("no field is called “\(name)”; did you mean “\(nearest)”?", at: column)
        }
        guard FilterField.all(in: scope).contains(field) else {
            throw error("\(scope.rawValue) have no “\(name)”; they have \(fieldNames)", at: column)
        }
        index += 1
        return field
    }

    private mutating func values(of field: FilterField, for comparison: Filter.Comparison) throws -> [String] {
        switch comparison {
        case .equal, .notEqual: return [try value(of: field)]
        case .oneOf: break
        default: return [try value()]
        }
        guard accept("{") else { throw error("“in” wants a list, such as {XFR RNG}", at: column) }
        var values: [String] = []
        while !accept("}") {
            guard index < tokens.count else { throw error("the list is not closed with “}”", at: column) }
            if accept(",") { continue }
            values.append(try value(of: field))
        }
        return values
    }

    /// Parses a value, and checks that the field can have it.
    private mutating func value(of field: FilterField) throws -> String {
        let start = column
        let value = try value()
        guard let valid = field.validValues, !valid.contains(where: { $0.lowercased() == value }) else {
            return value
        }
        let isShort = valid.count < 10
        let hint =
            isShort
            ? "it is one of \(valid.joined(separator: ", "))"
            : "did you mean “\(Suggestion.nearest(to: value, among: valid))”?"
        throw error("no \(field.rawValue) is “\(value)”; \(hint)", at: start)
    }

    private mutating func value() throws -> String {
        guard index < tokens.count else { throw error("a value is missing", at: column) }
        switch tokens[index].token {
        case .word(let text), .quoted(let text):
            index += 1
            return text.lowercased()
        case .symbol(let text): throw error("a value belongs here, not “\(text)”", at: column)
        }
    }

    private var fieldNames: String { FilterField.all(in: scope).map(\.rawValue).joined(separator: ", ") }

    private mutating func tokenize() throws {
        let characters = Array(source)
        var index = 0
        while index < characters.count {
            let character = characters[index]
            let column = index + 1
            if character.isWhitespace {
                index += 1
            } else if character == "\"" || character == "'" {
                var text = ""
                index += 1
                while index < characters.count, characters[index] != character {
                    if characters[index] == "\\", index + 1 < characters.count { index += 1 }
                    text.append(characters[index])
                    index += 1
                }
                guard index < characters.count else { throw error("the quotation mark is never closed", at: column) }
                index += 1
                tokens.append((.quoted(text), column))
            } else if let symbol = Self.symbol(at: index, in: characters) {
                tokens.append((.symbol(symbol), column))
                index += symbol.count
            } else {
                var word = ""
                while index < characters.count, !characters[index].isWhitespace,
                    Self.symbol(at: index, in: characters) == nil, characters[index] != "\""
                {
                    word.append(characters[index])
                    index += 1
                }
                tokens.append((.word(word), column))
            }
        }
    }

    private static func symbol(at index: Int, in characters: [Character]) -> String? {
        let pair = String(characters[index..<min(index + 2, characters.count)])
        if ["==", "!=", "<=", ">=", "&&", "||"].contains(pair) { return pair }
        return "()<>{}=!,".contains(characters[index]) ? String(characters[index]) : nil
    }
}
