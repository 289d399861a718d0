// The XML of payloads as a tree of elements, attributes and text.

package import MSNP

/// An element with its content.
///
/// DTDs are ignored, and the only entities are the five predefined ones and character numbers: a payload can neither
/// define nor load anything.
package struct XML: Sendable, Hashable {
    /// The element's name as written; empty for the document, which contains the top-level elements.
    package var name: String
    package var attributes: [Attribute] = []
    /// The child elements in document order.
    package var children: [XML] = []
    /// The element's own text, joined, without white space at both ends.
    package var text = ""

    package struct Attribute: Sendable, Hashable {
        /// The name as written.
        package var name: String
        /// The value with entities replaced.
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(name: String) { self.name = name }

    /// Parses all elements in these bytes. Nothing is an error: invalid markup is skipped, and an unclosed element ends
    /// with the bytes.
    ///
    /// - Returns: the document, an element without a name.
    package static func document(_ bytes: ByteSlice) -> XML {
        var reader = XMLReader(bytes)
        return reader.document()
    }

    /// The first child element with this name; ignores case.
    package func first(_ name: StaticString) -> XML? { children.first { $0.isNamed(name) } }

    /// The text of the first child element with this name; ignores case.
    package func text(of name: StaticString) -> String? { first(name)?.text }

    /// The value of an attribute; the name ignores case.
    package subscript(attribute attribute: StaticString) -> String? {
        attributes.first { Self.equal($0.name, attribute) }?.value
    }

    /// Whether the element has this name; ignores case.
    package func isNamed(_ name: StaticString) -> Bool { Self.equal(self.name, name) }

    private static func equal(_ a: String, _ b: StaticString) -> Bool {
        let a = a.utf8Span.span
        guard a.count == b.utf8CodeUnitCount else { return false }
        for index in a.indices {
            // The string is static, and its length was compared.
            let letter = unsafe b.utf8Start[index]
            guard lower(a[index]) == lower(letter) else { return false }
        }
        return true
    }

    private static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// The element as named fields with their meanings: attributes, then child elements, then its own text as `text`.
    package var fields: [Field] {
        var fields = FieldList()
        for attribute in attributes {
            PayloadMeaning.add(FieldList.snake(attribute.name), attribute.value, to: &fields)
        }
        for child in children {
            if child.attributes.isEmpty, child.children.isEmpty {
                PayloadMeaning.add(FieldList.snake(child.name), child.text, to: &fields)
            } else {
                fields.add(named: child.name, .fields(child.fields))
            }
        }
        if !text.isEmpty { fields.add("text", .text(text)) }
        return fields.all
    }
}

/// How much of a payload's XML is read. A payload has at most 1 MiB.
enum XMLLimits {
    /// The maximum depth of nested elements; real payloads have five levels.
    static let depth = 32
    /// The maximum number of elements. A contact list of 600 has about 700. In memory an element takes a hundred times
    /// the four bytes that it needs on the wire.
    static let elements = 20_000
    /// The maximum number of attributes of one element.
    static let attributes = 64
    /// The maximum length of a name in bytes.
    static let name = 128
}
