// Evaluates filter expressions on events, connections and messages.

internal import MSNP

/// A parsed filter expression, such as `verb == MSG and dir == s2c`.
package struct Filter: Sendable {
    private let condition: Condition
    /// The expression as text.
    package let source: String

    /// The kind of items to filter, which determines the available fields.
    package enum Scope: String, Sendable {
        case events
        /// The sessions listed from an archive.
        case sessions
        /// The results of a message search.
        case messages
    }

    /// Parses an expression.
    ///
    /// - Throws: `FilterError` with the column of the error, for a syntax error, or for a field or value that cannot
    ///   occur.
    package init(_ source: String, for scope: Scope = .events) throws {
        self.source = source
        var parser = FilterParser(source, scope)
        condition = try parser.parse()
    }

    /// Whether an item matches the expression.
    package func matches(_ item: some Filterable) -> Bool { Self.holds(condition, for: item) }

    indirect enum Condition: Sendable {
        case all([Condition])
        case any([Condition])
        case not(Condition)
        case has(FilterField)
        case compare(FilterField, Comparison, [String])
    }

    enum Comparison: Sendable {
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, contains, oneOf
    }

    private static func holds(_ condition: Condition, for item: some Filterable) -> Bool {
        switch condition {
        case .all(let parts): parts.allSatisfy { holds($0, for: item) }
        case .any(let parts): parts.contains { holds($0, for: item) }
        case .not(let part): !holds(part, for: item)
        case .has(let field): item.values(of: field).contains { !$0.isEmpty }
        case .compare(let field, let comparison, let wanted):
            compare(item.values(of: field), comparison, wanted)
        }
    }

    /// Compares the values of a field. A comparison holds if it holds for any value; `!=` holds if no value is equal.
    private static func compare(_ values: [String], _ comparison: Comparison, _ wanted: [String]) -> Bool {
        guard comparison != .notEqual else { return !compare(values, .equal, wanted) }
        return values.contains { value in
            let value = value.lowercased()
            switch comparison {
            case .contains: return wanted.contains { value.contains($0) }
            case .equal, .oneOf: return wanted.contains(value)
            case .notEqual: return false
            case .less, .lessOrEqual, .greater, .greaterOrEqual:
                guard let limit = wanted.first else { return false }
                return ordered(value, limit, comparison)
            }
        }
    }

    /// Compares two numbers by value, and other values as text.
    private static func ordered(_ a: String, _ b: String, _ comparison: Comparison) -> Bool {
        let isLess: Bool
        let isEqual: Bool
        if let a = Int64(a), let b = Int64(b) {
            (isLess, isEqual) = (a < b, a == b)
        } else {
            (isLess, isEqual) = (a < b, a == b)
        }
        switch comparison {
        case .less: return isLess
        case .lessOrEqual: return isLess || isEqual
        case .greater: return !isLess && !isEqual
        default: return !isLess
        }
    }
}
