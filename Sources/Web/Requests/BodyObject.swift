// Reads the small JSON objects that are posted: texts, flags and lists of texts, nothing inside each other.

import MSNP

/// A JSON object from a client. Everything else is refused.
struct BodyObject: Sendable {
    private enum Value: Sendable, Hashable {
        case text(String)
        case flag(Bool)
        case texts([String])
        case null
    }

    private var values: [String: Value] = [:]

    /// - Throws: `RequestError` for anything but such an object.
    init(_ bytes: [UInt8]) throws {
        var reader = Reader(bytes: bytes)
        guard reader.take("{") else { throw Self.fault }
        if !reader.take("}") {
            repeat {
                guard let name = reader.string(), reader.take(":"), let value = Self.value(&reader),
                    values.updateValue(value, forKey: name) == nil
                else { throw Self.fault }
            } while reader.take(",")
            guard reader.take("}") else { throw Self.fault }
        }
        guard reader.isAtEnd else { throw Self.fault }
    }

    private static let fault = RequestError.parameter(nil, "The body is not a JSON object as this address takes it.")

    private static func value(_ reader: inout Reader) -> Value? {
        if reader.take("[") {
            var texts: [String] = []
            if reader.take("]") { return .texts([]) }
            repeat {
                guard let text = reader.string() else { return nil }
                texts.append(text)
            } while reader.take(",")
            return reader.take("]") ? .texts(texts) : nil
        }
        if reader.take(word: "true") { return .flag(true) }
        if reader.take(word: "false") { return .flag(false) }
        if reader.take(word: "null") { return .null }
        return reader.string().map(Value.text)
    }

    /// A text; nil if it is not there.
    func text(_ name: String) throws -> String? {
        switch values[name] {
        case nil, .null: return nil
        case .text(let text): return text
        default: throw RequestError.parameter(name, "This is to be a text.")
        }
    }

    /// A flag; false if it is not there.
    func flag(_ name: String) throws -> Bool {
        switch values[name] {
        case nil, .null: return false
        case .flag(let flag): return flag
        default: throw RequestError.parameter(name, "This is to be true or false.")
        }
    }

    /// A list of texts; empty if it is not there.
    func texts(_ name: String) throws -> [String] {
        switch values[name] {
        case nil, .null: return []
        case .texts(let texts): return texts
        default: throw RequestError.parameter(name, "This is to be a list of texts.")
        }
    }

    /// A place in the bytes.
    private struct Reader {
        let bytes: [UInt8]
        var index = 0

        private mutating func skipSpace() {
            while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
        }

        var isAtEnd: Bool {
            mutating get {
                skipSpace()
                return index == bytes.count
            }
        }

        mutating func take(_ character: Character) -> Bool {
            skipSpace()
            guard index < bytes.count, bytes[index] == character.asciiValue else { return false }
            index += 1
            return true
        }

        mutating func take(word: String) -> Bool {
            skipSpace()
            guard bytes[index...].starts(with: word.utf8) else { return false }
            index += word.utf8.count
            return true
        }

        /// A string without escapes beyond the short ones and `\u`.
        mutating func string() -> String? {
            guard take("\"") else { return nil }
            var result: [UInt8] = []
            while index < bytes.count {
                let byte = bytes[index]
                index += 1
                switch byte {
                case UInt8(ascii: "\""): return String(validating: result, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let escaped = escape() else { return nil }
                    result += escaped
                case 0..<0x20: return nil
                default: result.append(byte)
                }
            }
            return nil
        }

        private mutating func escape() -> [UInt8]? {
            guard index < bytes.count else { return nil }
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
            case UInt8(ascii: "n"): return [0x0A]
            case UInt8(ascii: "r"): return [0x0D]
            case UInt8(ascii: "t"): return [0x09]
            case UInt8(ascii: "u"):
                guard bytes.count - index >= 4 else { return nil }
                var code: UInt32 = 0
                for digit in bytes[index..<(index + 4)] {
                    guard let value = Hexadecimal.value(of: digit) else { return nil }
                    code = code << 4 | UInt32(value)
                }
                index += 4
                // Halves of a pair are no scalar; nothing that is posted needs one.
                return Unicode.Scalar(code).map { Array(String(Character($0)).utf8) }
            default: return nil
            }
        }
    }
}
