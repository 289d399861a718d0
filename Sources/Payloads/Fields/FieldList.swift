// Builds a list of fields with unique names in one style.

internal import MSNP

/// Collects fields. A repeated name gets a number appended.
struct FieldList: Sendable, Hashable {
    private(set) var all: [Field] = []
    /// How often each name occurred; filled only once there are many fields, because searching a few fields is faster.
    private var counts: [String: Int] = [:]
    private static let few = 32
    /// The maximum number of fields in one list; real payloads have about thirty.
    private static let most = 5_000

    /// Adds a value whose name is already in `lower_snake`.
    mutating func add(_ name: String, _ value: Field.Value) {
        guard all.count < Self.most else { return }
        if all.isEmpty { all.reserveCapacity(8) }
        if counts.isEmpty, all.count < Self.few, !all.contains(where: { $0.name == name }) {
            return all.append(Field(name, value))
        }
        if counts.isEmpty { for field in all { counts[field.name] = 1 } }
        let count = counts[name, default: 0] + 1
        counts[name] = count
        guard count > 1 else { return all.append(Field(name, value)) }
        // The payload itself may contain the name `url_2`.
        add("\(name)_\(count)", value)
    }

    /// Adds a text unless it is nil.
    mutating func add(_ name: String, _ text: String?) { if let text { add(name, .text(text)) } }

    /// Adds a number unless it is nil.
    mutating func add(_ name: String, _ number: (some BinaryInteger)?) {
        if let number { add(name, Field(name, number).value) }
    }

    /// Adds a value; converts its name from the wire to `lower_snake`.
    mutating func add(named name: String, _ value: Field.Value) { add(Self.snake(name), value) }

    /// `Application-FileSize` as `application_file_size`, `MSPAuth` as `msp_auth`.
    static func snake(_ name: String) -> String { snake(name.utf8Span.span) }

    /// The same for a name as bytes.
    static func snake(_ name: ByteSlice) -> String {
        UTF8Sequence.isASCII(name.span) ? snake(name.span) : snake(String(decoding: name, as: UTF8.self))
    }

    private static func snake(_ name: Span<UInt8>) -> String {
        let length = min(name.count, longestName)
        var result: [UInt8] = []
        result.reserveCapacity(2 * length)
        for index in 0..<length {
            let letter = name[index]
            switch letter {
            case 0x41...0x5A:
                let before = index > 0 ? name[index - 1] : 0x5F
                let after = index + 1 < length ? name[index + 1] : 0x5F
                // After a digit, a capital starts a word only before a lower-case letter or digit: `IPv4Internal` is
                // split there, `P2P-Dest` is not.
                let startsWord =
                    before &- 0x61 < 26 || (isSmall(after) && (before &- 0x41 < 26 || before &- 0x30 < 10))
                if startsWord, result.last.map({ $0 != 0x5F }) ?? false { result.append(0x5F) }
                result.append(letter | 0x20)
            case 0x61...0x7A, 0x30...0x39: result.append(letter)
            default: if result.last.map({ $0 != 0x5F }) ?? false { result.append(0x5F) }
            }
        }
        while result.last == 0x5F { result.removeLast() }
        return result.isEmpty ? "value" : String(decoding: result, as: UTF8.self)
    }

    private static let longestName = 64

    private static func isSmall(_ letter: UInt8) -> Bool { letter &- 0x61 < 26 || letter &- 0x30 < 10 }
}
