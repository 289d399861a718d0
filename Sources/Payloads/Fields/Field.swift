// What is inside of payloads, by name.

/// One named value out of a payload: what `--detail 2` prints and `fields` holds.
package struct Field: Sendable, Hashable {
    /// In `lower_snake`.
    package var name: String
    /// What was said.
    package var value: Value

    /// A value, or several.
    package enum Value: Sendable, Hashable {
        /// Text as its writer meant it: percent signs and character sets decoded.
        case text(String)
        /// A number.
        case number(Int64)
        /// A yes or a no.
        case flag(Bool)
        /// Several of a kind.
        case list([Value])
        /// Named values one level down.
        case fields([Field])
    }

    /// A value under its name.
    package init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }

    /// A text under its name.
    package init(_ name: String, _ text: String) { self.init(name, .text(text)) }

    /// A number under its name; what does not fit 64 signed bits is given as text.
    package init(_ name: String, _ number: some BinaryInteger) {
        self.init(name, Int64(exactly: number).map(Value.number) ?? .text("\(number)"))
    }
}
