// Builds JSON objects for listings and reports, with the same string encoding as events.

/// A JSON object whose keys keep the order in which they are added.
package struct JSONObject: Sendable {
    private var contents: [UInt8] = []

    package init() {}

    /// An object from a line of JSON that this program wrote, to add further keys.
    package init(line: [UInt8]) {
        let end = line.lastIndex(of: 0x7D) ?? line.startIndex
        contents = Array(line[..<end].dropFirst())
    }

    /// The complete object.
    package var bytes: [UInt8] { [0x7B] + contents + [0x7D] }

    /// The beginning of the object up to the opening bracket of a list under `key`. The caller writes the list's values
    /// and the end (`]}`).
    package func opening(list key: StaticString) -> [UInt8] {
        var object = self
        object.begin(key)
        return [0x7B] + object.contents + [0x5B]
    }

    /// Adds a text, or null.
    package mutating func add(_ key: StaticString, _ text: String?) {
        begin(key)
        if let text { contents.append(json: text) } else { contents.append(plain: "null") }
    }

    /// Adds a number, or null.
    package mutating func add(_ key: StaticString, _ number: (some BinaryInteger)?) {
        begin(key)
        if let number { contents.append(number: number) } else { contents.append(plain: "null") }
    }

    /// Adds a flag.
    package mutating func add(_ key: StaticString, _ flag: Bool) {
        begin(key)
        contents.append(plain: flag ? "true" : "false")
    }

    /// Adds an object.
    package mutating func add(_ key: StaticString, _ object: JSONObject) {
        begin(key)
        contents += object.bytes
    }

    /// Adds a list of texts.
    package mutating func add(_ key: StaticString, _ texts: [String]) {
        begin(key)
        list(texts) { $0.append(json: $1) }
    }

    /// Adds a list of objects.
    package mutating func add(_ key: StaticString, _ objects: [JSONObject]) {
        begin(key)
        list(objects) { $0 += $1.bytes }
    }

    /// Adds JSON that this program made.
    package mutating func add(_ key: StaticString, json: [UInt8]) {
        begin(key)
        contents += json
    }

    /// Adds a flag, or null.
    package mutating func add(_ key: StaticString, flag: Bool?) {
        if let flag { add(key, flag) } else { add(key, String?.none) }
    }

    /// Adds a text under a key that is not known beforehand.
    package mutating func add(name: String, _ text: String) {
        if !contents.isEmpty { contents.append(0x2C) }
        contents.append(json: name)
        contents.append(0x3A)
        contents.append(json: text)
    }

    /// Adds a number under a key that is not known beforehand.
    package mutating func add(name: String, number: some BinaryInteger) {
        if !contents.isEmpty { contents.append(0x2C) }
        contents.append(json: name)
        contents.append(0x3A)
        contents.append(number: number)
    }

    /// Adds an object under a key that is not known beforehand.
    package mutating func add(name: String, _ object: JSONObject) {
        if !contents.isEmpty { contents.append(0x2C) }
        contents.append(json: name)
        contents.append(0x3A)
        contents += object.bytes
    }

    /// Adds a list of lists of numbers.
    package mutating func add(_ key: StaticString, _ lists: [[UInt64]]) {
        begin(key)
        list(lists) { contents, numbers in
            contents.append(0x5B)
            for (index, number) in numbers.enumerated() {
                if index > 0 { contents.append(0x2C) }
                contents.append(number: number)
            }
            contents.append(0x5D)
        }
    }

    private mutating func begin(_ key: StaticString) {
        if !contents.isEmpty { contents.append(0x2C) }
        contents.append(0x22)
        contents.append(plain: key)
        contents.append(plain: "\":")
    }

    private mutating func list<Value>(_ values: [Value], _ append: (inout [UInt8], Value) -> Void) {
        contents.append(0x5B)
        for (index, value) in values.enumerated() {
            if index > 0 { contents.append(0x2C) }
            append(&contents, value)
        }
        contents.append(0x5D)
    }
}
