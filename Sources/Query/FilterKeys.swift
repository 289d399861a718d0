// The JSON keys of filtered items, beside the fields that this module reads itself.

package import Events

/// The JSON keys of a kind of items. The module that writes the JSON supplies them.
package struct FilterKeys: Sendable {
    /// The keys of the outermost object, with the kinds of their values.
    package var kinds: [String: ValueKind]
    /// Short forms of paths, by their first name: `body` for `fields.body`.
    package var shortForms: [String: [String]]
    /// The kind of values at a path that begins with a key of the outermost object, in lower case.
    package var kind: @Sendable (_ path: [String]) -> ValueKind
    /// The path of a deeper key with this name; nil if there is none.
    package var path: @Sendable (_ name: String) -> String?

    package init(
        kinds: [String: ValueKind] = [:], shortForms: [String: [String]] = [:],
        kind: @escaping @Sendable ([String]) -> ValueKind = { _ in .text },
        path: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
        self.kinds = kinds
        self.shortForms = shortForms
        self.kind = kind
        self.path = path
    }

    /// No keys beside the fields.
    package static let none = FilterKeys()
}

/// What a condition tests.
enum FilterSubject: Sendable, Hashable {
    /// A value that is read from the item itself.
    case field(FilterField)
    /// A value of the item's JSON object, by the keys that lead to it, in lower case.
    case path([String])
}
