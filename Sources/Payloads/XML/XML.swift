// XML as servers and clients send it in payloads: elements, attributes and text, nothing that is fetched or defined.

/// An element with what is in it.
///
/// There is no DTD and no entity but the five named ones and numbers: a payload can define nothing and load nothing.
package struct XML: Sendable, Hashable {
    /// The element's name, as written; empty for the document around the first elements.
    package var name: String
    /// Its attributes in order.
    package var attributes: [Attribute] = []
    /// The elements in it, in order.
    package var children: [XML] = []
    /// The text directly in it, joined, without blanks at both ends.
    package var text = ""

    /// An attribute of an element.
    package struct Attribute: Sendable, Hashable {
        /// Its name, as written.
        package var name: String
        /// Its value, entities replaced.
        package var value: String

        /// An attribute.
        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// An element without content.
    package init(name: String) { self.name = name }

    /// Reads whatever elements stand in these bytes. Nothing is an error: what makes no sense is passed over, and elements
    /// that nobody closed end with the bytes.
    ///
    /// - Returns: an element without a name around them.
    package static func document(_ bytes: ArraySlice<UInt8>) -> XML {
        var reader = XMLReader(bytes)
        return reader.document()
    }

    /// The first element in this one with a name, letters compared without case.
    package func first(_ name: StaticString) -> XML? { children.first { $0.isNamed(name) } }

    /// The text of the first element in this one with a name.
    package func text(of name: StaticString) -> String? { first(name)?.text }

    /// The value of an attribute.
    package subscript(attribute attribute: StaticString) -> String? {
        attributes.first { Self.equal($0.name, attribute) }?.value
    }

    /// Whether the element has this name, letters compared without case.
    package func isNamed(_ name: StaticString) -> Bool { Self.equal(self.name, name) }

    private static func equal(_ a: String, _ b: StaticString) -> Bool {
        let b = b.description.utf8
        guard a.utf8.count == b.count else { return false }
        return zip(a.utf8, b).allSatisfy { lower($0) == lower($1) }
    }

    private static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// What is in the element by name, and what it means: attributes, then elements, then its own text as `text`.
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

/// How much of a payload's XML is read. Payloads have 1 MiB at most.
enum XMLLimits {
    /// Elements in elements: the deepest that is sent has five.
    static let depth = 32
    /// Elements: a contact list of 600 has some 700; each costs a hundred times the four bytes that it may have.
    static let elements = 20_000
    /// Attributes of one element.
    static let attributes = 64
    /// Bytes of a name.
    static let name = 128
}
