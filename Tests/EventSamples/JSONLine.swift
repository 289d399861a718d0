// JSON lines, parsed.

package import Events
internal import Foundation
package import Output

/// An event as a line of JSON, parsed again. Throws unless it is one line with one object and no repeated key.
package struct JSONLine {
    package enum Fault: Error {
        case notOneLine(String), controlCharacter(String), noObject(String), repeatedKey(String)
    }

    package let text: String
    package let object: [String: Any]

    package init(_ event: Event, _ presentation: Presentation = Presentation()) throws {
        var format = JSONFormat(presentation)
        var bytes: [UInt8] = []
        format.append(event, to: &bytes)
        text = String(decoding: bytes, as: UTF8.self)
        guard bytes.last == 0x0A, bytes.count(where: { $0 == 0x0A }) == 1 else { throw Fault.notOneLine(text) }
        guard bytes.allSatisfy({ $0 >= 0x20 || $0 == 0x0A }) else { throw Fault.controlCharacter(text) }
        guard let value = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw Fault.noObject(text)
        }
        object = value
        // JSONSerialization accepts repeated keys, so the keys in the text are counted.
        guard Self.keys(in: text).count == object.count else { throw Fault.repeatedKey(text) }
    }

    package subscript(key: String) -> Any? { object[key] }
    package func string(_ key: String) -> String? { object[key] as? String }
    package func int(_ key: String) -> Int? { object[key] as? Int }
    package func strings(_ key: String) -> [String]? { object[key] as? [String] }
    package var keys: Set<String> { Set(object.keys) }

    /// The keys of the outermost object, in order and as often as they stand there.
    private static func keys(in text: String) -> [String] {
        var keys: [String] = []
        var depth = 0
        var quoted: String?
        var isEscaped = false
        var isKey = false
        for character in text {
            if let part = quoted {
                if isEscaped {
                    isEscaped = false
                    quoted = part + String(character)
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    if isKey { keys.append(part) }
                    quoted = nil
                    isKey = false
                } else {
                    quoted = part + String(character)
                }
                continue
            }
            switch character {
            case "\"": quoted = ""
            case "{", "[":
                depth += 1
                isKey = depth == 1
            case "}", "]": depth -= 1
            case ",": isKey = depth == 1
            default: break
            }
        }
        return keys
    }
}
