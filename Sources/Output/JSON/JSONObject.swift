// JSON objects for listings: a small value over the writer that events go through.

/// An object of JSON, written key by key in the order in which they are added.
package struct JSONObject: Sendable {
    private var inside: [UInt8] = []

    /// An object without keys.
    package init() {}

    /// All of it.
    package var bytes: [UInt8] { [0x7B] + inside + [0x7D] }

    /// Its keys so far, and the beginning of a list whose values and end (`]}`) are written by somebody else.
    package func opening(list key: StaticString) -> [UInt8] {
        var object = self
        object.begin(key)
        return [0x7B] + object.inside + [0x5B]
    }

    /// Adds a text, or null.
    package mutating func add(_ key: StaticString, _ text: String?) {
        begin(key)
        if let text { inside.append(json: text) } else { inside.append(plain: "null") }
    }

    /// Adds a number, or null.
    package mutating func add(_ key: StaticString, _ number: (some BinaryInteger)?) {
        begin(key)
        if let number { inside.append(number: number) } else { inside.append(plain: "null") }
    }

    /// Adds a flag.
    package mutating func add(_ key: StaticString, _ flag: Bool) {
        begin(key)
        inside.append(plain: flag ? "true" : "false")
    }

    /// Adds an object.
    package mutating func add(_ key: StaticString, _ object: JSONObject) {
        begin(key)
        inside += object.bytes
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

    /// Adds a list of lists of numbers.
    package mutating func add(_ key: StaticString, _ lists: [[UInt64]]) {
        begin(key)
        list(lists) { inside, numbers in
            inside.append(0x5B)
            for (index, number) in numbers.enumerated() {
                if index > 0 { inside.append(0x2C) }
                inside.append(number: number)
            }
            inside.append(0x5D)
        }
    }

    private mutating func begin(_ key: StaticString) {
        if !inside.isEmpty { inside.append(0x2C) }
        inside.append(0x22)
        inside.append(plain: key)
        inside.append(plain: "\":")
    }

    private mutating func list<Value>(_ values: [Value], _ append: (inout [UInt8], Value) -> Void) {
        inside.append(0x5B)
        for (index, value) in values.enumerated() {
            if index > 0 { inside.append(0x2C) }
            append(&inside, value)
        }
        inside.append(0x5D)
    }
}
