// Parses filter expressions.

internal import Events

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
    /// The maximum nesting depth, which bounds the recursion.
    private static let maximumDepth = 64

    private let source: String
    private var tokens: [(token: FilterToken, column: Int)] = []
    private var index = 0
    private var depth = 0

    let scope: Filter.Scope
    let keys: FilterKeys
    let times: TimeText

    init(_ source: String, _ scope: Filter.Scope, _ keys: FilterKeys, _ times: TimeText) {
        self.source = source
        self.scope = scope
        self.keys = keys
        self.times = times
    }

    mutating func parse() throws -> Filter.Condition {
        tokens = try FilterToken.all(in: source)
        guard !tokens.isEmpty else { throw error("an empty filter; try: verb == MSG and dir == s2c", at: 1) }
        let condition = try orExpression()
        guard index == tokens.count else { throw error("there is no opening bracket for this one", at: column) }
        return condition
    }

    private var column: Int { index < tokens.count ? tokens[index].column : source.count + 1 }

    func error(_ message: String, at column: Int) -> FilterError {
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
        if accept("has") { return .has(try subject().subject) }
        guard index < tokens.count else { throw error("the filter is incomplete", at: column) }
        let start = column
        switch tokens[index].token {
        case .quoted(let text):
            index += 1
            return Self.search(text)
        case .symbol(let text): throw error("“\(text)” is not allowed here", at: start)
        case .word(let word):
            guard !isNext("and", "or") else {
                throw error("“\(word)” is not allowed here; in quotation marks it is a text to search for", at: start)
            }
            index += 1
            try refuseUnknownOperator(after: word, at: start)
            guard let comparison = comparison() else { return Self.search(word) }
            index -= 2
            let (subject, kind) = try subject()
            index += 1
            return .compare(subject, comparison, try wanted(kind, of: word, for: comparison, at: start))
        }
    }

    /// The condition of a bare word or quoted text.
    private static func search(_ text: String) -> Filter.Condition {
        .compare(.field(.text), .contains, .texts([text.lowercased()]))
    }

    private mutating func comparison() -> Filter.Comparison? {
        let kinds: [(String, Filter.Comparison)] = [
            ("==", .equal), ("=", .equal), ("!=", .notEqual), ("<=", .lessOrEqual), (">=", .greaterOrEqual),
            ("<", .less), (">", .greater), ("contains", .contains), ("in", .oneOf),
        ]
        for (word, kind) in kinds where accept(word) { return kind }
        return nil
    }

    // MARK: - Operators of other languages

    private static let foreignSymbols = ["~", "=~", "!~", "~=", ":", "===", "!=="]
    private static let foreignWords = [
        "like", "matches", "match", "is", "equals", "eq", "ne", "lt", "le", "gt", "ge", "startswith", "endswith",
    ]

    /// Throws if the word before the next token seems to be compared with an operator that this language has not.
    /// Otherwise the operator would be searched for as a text.
    private func refuseUnknownOperator(after word: String, at start: Int) throws {
        if let colon = word.firstIndex(of: ":"), isName(word[..<colon]) {
            let value = word[word.index(after: colon)...]
            throw error(
                "to compare “\(word[..<colon])”, write \(word[..<colon]) == \(value.isEmpty ? "…" : value); to search "
                    + "for the text, put it into quotation marks", at: start)
        }
        guard index < tokens.count else { return }
        let text: String
        switch tokens[index].token {
        case .word(let next), .symbol(let next): text = next.lowercased()
        case .quoted: return
        }
        guard Self.foreignSymbols.contains(text) || Self.foreignWords.contains(text) && isName(word[...]) else {
            return
        }
        throw error(
            "“\(text)” is not an operator; operators are == != < <= > >= in, and contains for a part of a text; to search for "
                + "words, put them into quotation marks", at: column)
    }

    /// Whether a word is the name of a field or key.
    private func isName(_ word: Substring) -> Bool {
        let name = word.lowercased()
        let first = String(name.prefix { $0 != "." })
        return FilterField(rawValue: name) != nil || keys.kinds[first] != nil || keys.shortForms[first] != nil
    }

    // MARK: - Names

    private mutating func subject() throws -> (subject: FilterSubject, kind: ValueKind) {
        guard index < tokens.count, case .word(let word) = tokens[index].token else {
            throw error("expected the name of a field: \(fieldNames)", at: column)
        }
        let result = try subject(word.lowercased(), word, at: column)
        index += 1
        return result
    }

    private func subject(
        _ name: String, _ word: String, at column: Int
    ) throws -> (subject: FilterSubject, kind: ValueKind) {
        if let field = FilterField(rawValue: name), FilterField.all(in: scope).contains(field) {
            return (.field(field), field.kind)
        }
        var path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard !path.contains("") else { throw error("“\(word)” needs a name before and after each dot", at: column) }
        if let first = path.first, let long = keys.shortForms[first] { path = long + path.dropFirst() }
        guard let first = path.first, let kind = keys.kinds[first] else {
            throw unknown(name, word, at: column)
        }
        guard path.count == 1 || kind == .object else {
            throw error("“\(first)” is not an object, so it has no “\(path[1])”", at: column)
        }
        return (.path(path), path.count == 1 ? kind : keys.kind(path))
    }

    private func unknown(_ name: String, _ word: String, at column: Int) -> FilterError {
        if FilterField(rawValue: name) != nil {
            return error("\(scope.rawValue) have no “\(word)”; they have \(fieldNames)", at: column)
        }
        let known =
            FilterField.all(in: scope).map(\.rawValue) + (keys.kinds.keys.sorted() + keys.shortForms.keys.sorted())
        let first = String(name.prefix { $0 != "." })
        // Names that begin with another letter are hardly what was meant.
        let similar = known.filter { $0.first == first.first }
        let lead =
            keys.path(name) ?? Suggestion.likely(for: first, among: similar).map { $0 + name.dropFirst(first.count) }
        guard let lead else {
            let deeper = keys.kinds.values.contains(.object) ? ", and all keys of --format jsonl" : ""
            return error("no field is called “\(word)”; \(scope.rawValue) have \(fieldNames)\(deeper)", at: column)
        }
        return error("no field is called “\(word)”; did you mean “\(lead)”?", at: column)
    }

    /// The names to offer. Events have too many keys for a list.
    private var fieldNames: String {
        let fields = FilterField.all(in: scope).map(\.rawValue)
        let further = scope == .events ? [] : keys.kinds.keys.sorted().filter { !fields.contains($0) }
        return (fields + further).joined(separator: ", ")
    }

    // MARK: - Values

    /// Parses the values to compare with, and checks that such values can occur.
    private mutating func wanted(
        _ kind: ValueKind, of name: String, for comparison: Filter.Comparison, at start: Int
    ) throws -> Filter.Wanted {
        guard kind != .object || comparison == .contains else {
            throw error("“\(name)” is an object: compare one of its keys, such as \(name).name", at: start)
        }
        let check = ValueCheck(name: name, kind: kind, comparison: comparison, times: times)
        guard comparison == .oneOf else { return try check.wanted([value(of: kind)], or: error) }
        guard accept("{") else { throw error("“in” needs a list, such as {XFR RNG}", at: column) }
        var values: [(text: String, column: Int)] = []
        while !accept("}") {
            guard index < tokens.count else { throw error("the list is not closed with “}”", at: column) }
            if accept(",") { continue }
            values.append(try value(of: kind))
        }
        return try check.wanted(values, or: error)
    }

    private mutating func value(of kind: ValueKind) throws -> (text: String, column: Int) {
        let start = column
        guard index < tokens.count else { throw error("a value is missing", at: column) }
        switch tokens[index].token {
        case .word(let text):
            index += 1
            // A date and a time of day need no quotation marks.
            if kind == .time, index < tokens.count, case .word(let next) = tokens[index].token, next.contains(":"),
                next.first?.isNumber == true
            {
                index += 1
                return ("\(text) \(next)".lowercased(), start)
            }
            return (text.lowercased(), start)
        case .quoted(let text):
            index += 1
            return (text.lowercased(), start)
        case .symbol(let text): throw error("expected a value, not “\(text)”", at: column)
        }
    }
}
