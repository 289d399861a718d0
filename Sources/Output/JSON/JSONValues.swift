// Finds values in the JSON that this program writes, for filters. Not for JSON of others.

internal import MSNP

/// Reads a JSON object by the keys that lead to a value.
package struct JSONValues {
    private let bytes: ByteSlice
    private var index = 0

    /// The maximum depth of objects and lists on the way to a value; what the program writes is less deep.
    private static let mostDepth = 64

    private init(_ bytes: [UInt8]) { self.bytes = ByteSlice(bytes) }

    /// The values at a path as text. Lists count as each of their elements, an object is its JSON text, and null, an
    /// empty list and an empty object are no value.
    ///
    /// - Parameters:
    ///   - path: the keys from the outermost object on; letter case is ignored.
    ///   - json: one JSON value.
    package static func values(at path: [String], in json: [UInt8]) -> [String] {
        var reader = JSONValues(json)
        var values: [String] = []
        reader.read(path.map { Array($0.lowercased().utf8) }[...], 0, &values)
        return values
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    /// Consumes a character if it is the next one.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let next, UInt32(next) == character.value else { return false }
        index += 1
        return true
    }

    /// Reads the value at the index, and adds those at the path in it.
    private mutating func read(_ path: ArraySlice<[UInt8]>, _ depth: Int, _ values: inout [String]) {
        guard depth < Self.mostDepth, let next else { return index = bytes.count }
        switch next {
        case 0x7B:
            guard let key = path.first else {
                let start = index
                skip()
                if index > start + 2 { values.append(String(decoding: bytes[start..<index], as: UTF8.self)) }
                return
            }
            index += 1
            while index < bytes.count, !take("}") {
                let name = string()
                _ = take(":")
                if isEqual(name, key) { read(path.dropFirst(), depth + 1, &values) } else { skip() }
                _ = take(",")
            }
        case 0x5B:
            index += 1
            while index < bytes.count, !take("]") {
                read(path, depth + 1, &values)
                _ = take(",")
            }
        case 0x22:
            let text = string()
            if path.isEmpty { values.append(Self.text(bytes[text])) }
        default:
            let start = index
            skip()
            let word = bytes[start..<index]
            if path.isEmpty, !word.elementsEqual("null".utf8) { values.append(String(decoding: word, as: UTF8.self)) }
        }
    }

    /// Skips one value; at least one byte, so that damaged JSON ends.
    private mutating func skip() {
        var depth = 0
        repeat {
            switch next {
            case 0x22: _ = string()
            case 0x7B, 0x5B:
                depth += 1
                index += 1
            case 0x7D, 0x5D:
                depth -= 1
                index += 1
            case 0x2C, 0x3A: index += 1
            default: while let next, !Self.endsWord(next) { index += 1 }
            }
        } while depth > 0 && index < bytes.count
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x22, 0x2C, 0x3A, 0x5B, 0x5D, 0x7B, 0x7D: true
        default: false
        }
    }

    /// Consumes a string.
    ///
    /// - Returns: the range of its contents, with escapes.
    private mutating func string() -> Range<Int> {
        index += 1
        let start = min(index, bytes.count)
        while let next, next != 0x22 { index += next == 0x5C ? 2 : 1 }
        let end = min(index, bytes.count)
        index = min(index + 1, bytes.count)
        return start..<end
    }

    private func isEqual(_ range: Range<Int>, _ key: [UInt8]) -> Bool {
        range.count == key.count && zip(bytes[range], key).allSatisfy { $0 == $1 || $0 | 0x20 == $1 && $0 &- 0x41 < 26 }
    }

    /// The text of a string with escapes.
    private static func text(_ escaped: ByteSlice) -> String {
        guard escaped.contains(0x5C) else { return String(decoding: escaped, as: UTF8.self) }
        var text: [UInt8] = []
        var units: [UInt16] = []
        var rest = escaped
        func flush() {
            text += String(decoding: units, as: UTF16.self).utf8
            units = []
        }
        while let byte = rest.popFirst() {
            guard byte == 0x5C, let escape = rest.popFirst() else {
                flush()
                text.append(byte)
                continue
            }
            if escape == 0x75 {
                // Two units may form one character.
                units.append(rest.prefix(4).reduce(0) { $0 &<< 4 | UInt16(Hexadecimal.value(of: $1) ?? 0) })
                rest = rest.dropFirst(4)
                continue
            }
            flush()
            switch escape {
            case 0x6E: text.append(0x0A)
            case 0x72: text.append(0x0D)
            case 0x74: text.append(0x09)
            default: text.append(escape)
            }
        }
        flush()
        return String(decoding: text, as: UTF8.self)
    }
}
