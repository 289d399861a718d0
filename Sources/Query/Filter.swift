// Evaluates filter expressions on events, connections and messages.

internal import Events
internal import MSNP

/// A parsed filter expression, such as `verb == MSG and dir == s2c`.
package struct Filter: Sendable {
    private let condition: Condition
    /// The expression as text.
    package let source: String
    /// Whether the expression tests values of the JSON object, which `matches` needs a reader for.
    package let readsJSON: Bool

    /// The fields that the expression tests.
    package let fields: Set<FilterField>

    /// The kind of items to filter, which determines the available fields.
    package enum Scope: String, Sendable {
        case events
        /// The sessions listed from an archive.
        case sessions
        /// The results of a message search.
        case messages
    }

    /// Finds the values in the JSON object of an item, by the keys that lead to them.
    package typealias JSONReader = (_ path: [String]) -> [String]

    /// Parses an expression.
    ///
    /// - Parameters:
    ///   - keys: the JSON keys of the items, beside the fields.
    ///   - times: reads the times in the expression.
    /// - Throws: `FilterError` with the column of the error, for a syntax error, or for a field or value that cannot
    ///   occur.
    package init(
        _ source: String, for scope: Scope = .events, keys: FilterKeys = .none, times: TimeText = TimeText()
    ) throws {
        self.source = source
        var parser = FilterParser(source, scope, keys, times)
        condition = try parser.parse()
        readsJSON = condition.readsJSON
        fields = condition.fields
    }

    /// Whether only commands can match, whatever their values: the expression requires a value that nothing else has.
    package var isOfCommands: Bool { condition.isOfCommands }

    /// Whether an item matches the expression. Without a reader, no value of its JSON object matches.
    package func matches(_ item: some Filterable, json: JSONReader = { _ in [] }) -> Bool {
        Self.holds(condition, for: item, true, json) ?? false
    }

    /// Whether an item matches the expression, as far as that can be decided without its JSON object; else nil.
    package func decision(on item: some Filterable) -> Bool? { Self.holds(condition, for: item, false) { _ in [] } }

    indirect enum Condition: Sendable {
        case all([Condition])
        case any([Condition])
        case not(Condition)
        case has(FilterSubject)
        case compare(FilterSubject, Comparison, Wanted)

        fileprivate var readsJSON: Bool {
            switch self {
            case .all(let parts), .any(let parts): parts.contains { $0.readsJSON }
            case .not(let part): part.readsJSON
            case .has(.path), .compare(.path, _, _): true
            case .has(.field), .compare(.field, _, _): false
            }
        }

        fileprivate var isOfCommands: Bool {
            switch self {
            case .all(let parts): parts.contains { $0.isOfCommands }
            case .any(let parts): !parts.isEmpty && parts.allSatisfy { $0.isOfCommands }
            case .has(.field(let field)): field.isOfCommands
            case .compare(.field(let field), let comparison, _): field.isOfCommands && comparison != .notEqual
            case .not, .has(.path), .compare(.path, _, _): false
            }
        }

        fileprivate var fields: Set<FilterField> {
            switch self {
            case .all(let parts), .any(let parts): parts.reduce(into: []) { $0.formUnion($1.fields) }
            case .not(let part): part.fields
            case .has(.field(let field)), .compare(.field(let field), _, _): [field]
            case .has(.path), .compare(.path, _, _): []
            }
        }
    }

    enum Comparison: Sendable {
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, contains, oneOf

        /// Whether the comparison is about an order, not about equality.
        var isOrder: Bool {
            switch self {
            case .less, .lessOrEqual, .greater, .greaterOrEqual: true
            case .equal, .notEqual, .contains, .oneOf: false
            }
        }
    }

    /// The values to compare with.
    enum Wanted: Sendable, Hashable {
        /// In lower case.
        case texts([String])
        /// An order compares with the beginning of a period.
        case times([Range<Timestamp>])
        /// The numbers of dialects.
        case dialects([Int])
    }

    /// - Parameter readsJSON: whether the JSON object may be read.
    /// - Returns: nil if that depends on the JSON object, which may not be read.
    private static func holds(
        _ condition: Condition, for item: some Filterable, _ readsJSON: Bool, _ json: JSONReader
    ) -> Bool? {
        switch condition {
        case .all(let parts):
            var isDecided = true
            for part in parts {
                guard let holds = holds(part, for: item, readsJSON, json) else {
                    isDecided = false
                    continue
                }
                if !holds { return false }
            }
            return isDecided ? true : nil
        case .any(let parts):
            var isDecided = true
            for part in parts {
                guard let holds = holds(part, for: item, readsJSON, json) else {
                    isDecided = false
                    continue
                }
                if holds { return true }
            }
            return isDecided ? false : nil
        case .not(let part): return holds(part, for: item, readsJSON, json).map { !$0 }
        case .has(.field(let field)): return item.values(of: field).contains { !$0.isEmpty }
        case .has(.path(let path)): return readsJSON ? json(path).contains { !$0.isEmpty } : nil
        case .compare(.field(.time), let comparison, .times(let periods)):
            return compare([item.filterTime], comparison, periods)
        case .compare(.field(let field), let comparison, let wanted):
            return compare(item.values(of: field), comparison, wanted)
        case .compare(.path(let path), let comparison, let wanted):
            return readsJSON ? compare(json(path), comparison, wanted) : nil
        }
    }

    /// Compares the values of a field. A comparison holds if it holds for any value; `!=` holds if no value is equal.
    private static func compare(_ values: [String], _ comparison: Comparison, _ wanted: Wanted) -> Bool {
        switch wanted {
        case .texts(let wanted): compare(values, comparison, wanted)
        case .times(let periods):
            compare(values.compactMap { TimeText().period(of: $0)?.lowerBound }, comparison, periods)
        case .dialects(let numbers):
            compare(values.compactMap { Dialect(token: $0.utf8).map { Int($0.number) } }, comparison, numbers)
        }
    }

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
                // Two numbers are compared by value, other values as text.
                if let a = Int64(value), let b = Int64(limit) { return ordered(a, b, comparison) }
                return ordered(value, limit, comparison)
            }
        }
    }

    private static func compare(_ times: [Timestamp], _ comparison: Comparison, _ periods: [Range<Timestamp>]) -> Bool {
        guard !comparison.isOrder else { return compare(times, comparison, periods.map(\.lowerBound)) }
        let isEqual = times.contains { time in
            periods.contains { $0.contains(time) || $0.isEmpty && $0.lowerBound == time }
        }
        return isEqual != (comparison == .notEqual)
    }

    private static func compare<Value: Comparable>(
        _ values: [Value], _ comparison: Comparison, _ wanted: [Value]
    ) -> Bool {
        guard comparison.isOrder else {
            return values.contains(where: wanted.contains) != (comparison == .notEqual)
        }
        guard let limit = wanted.first else { return false }
        return values.contains { ordered($0, limit, comparison) }
    }

    private static func ordered<Value: Comparable>(_ a: Value, _ b: Value, _ comparison: Comparison) -> Bool {
        switch comparison {
        case .less: a < b
        case .lessOrEqual: a <= b
        case .greater: a > b
        default: a >= b
        }
    }
}
