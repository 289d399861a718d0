// A named value parsed from a payload.

/// A named value parsed from a payload: `--detail 2` prints fields, and `fields` in JSON contains them.
package struct Field: Sendable, Hashable {
    /// The name, in `lower_snake`.
    package var name: String
    package var value: Value

    /// A single value, a list or nested fields.
    package enum Value: Sendable, Hashable {
        /// Decoded text: percent-encoding and character sets are resolved.
        case text(String)
        case number(Int64)
        case flag(Bool)
        /// Several values of the same kind.
        case list([Value])
        /// Nested fields.
        case fields([Field])
    }

    package init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }

    /// Creates a text field.
    package init(_ name: String, _ text: String) { self.init(name, .text(text)) }

    /// Creates a number field; a number outside 64 signed bits becomes text.
    package init(_ name: String, _ number: some BinaryInteger) {
        self.init(name, Int64(exactly: number).map(Value.number) ?? .text("\(number)"))
    }
}
