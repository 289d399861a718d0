// Events to show, and what JSON says of them.

import Analysis
import Events
import Foundation
import MSNP
import Output
import Query
import Testing

enum Sample {
    /// 2005-05-06 15:28:18.123456789 UTC.
    static let time = Timestamp(nanoseconds: 1_115_393_298_123_456_789)

    /// A frame out of bytes that are one.
    static func frame(_ bytes: [UInt8]) throws -> Frame { try #require(Frame(bytes)) }

    /// A frame's event.
    static func frame(
        _ text: String, _ side: Side = .client, conn: Int = 3, role: Role = .notification,
        dialect: Dialect? = Dialect(8),
        signIn: SignIn? = nil
    ) throws -> Event {
        event(.frame(try frame(Array(text.utf8)), from: side), conn: conn, role: role, dialect: dialect, signIn: signIn)
    }

    static func event(
        _ kind: Event.Kind, conn: Int = 3, role: Role = .notification, dialect: Dialect? = Dialect(8),
        signIn: SignIn? = nil
    ) -> Event { Event(time: time, connection: conn, role: role, dialect: dialect, signIn: signIn, kind: kind) }

    /// The same event with what a commentary has to say of it.
    static func explained(_ event: Event) -> Event {
        var event = event
        var analyzer = ConnectionAnalyzer(connection: event.connection)
        _ = analyzer.take(&event)
        return event
    }
}

/// An event as a line of JSON, read back.
struct Line {
    let text: String
    let object: [String: Any]

    init(_ event: Event, _ presentation: Presentation = Presentation()) throws {
        var format = JSONFormat(presentation)
        var bytes: [UInt8] = []
        format.append(event, to: &bytes)
        text = String(decoding: bytes, as: UTF8.self)
        try #require(bytes.last == 0x0A && bytes.count { $0 == 0x0A } == 1, "one line")
        try #require(bytes.allSatisfy { $0 >= 0x20 || $0 == 0x0A }, "no control character")
        let value = try JSONSerialization.jsonObject(with: Data(bytes))
        object = try #require(value as? [String: Any])
        // JSONSerialization lets keys pass that stand twice: so many quoted keys as the object has, at depth 1.
        #expect(Self.keys(in: text).count == object.count, "no key twice")
    }

    subscript(key: String) -> Any? { object[key] }
    func string(_ key: String) -> String? { object[key] as? String }
    func int(_ key: String) -> Int? { object[key] as? Int }
    func strings(_ key: String) -> [String]? { object[key] as? [String] }
    var keys: Set<String> { Set(object.keys) }

    /// The keys of the outermost object, in order and as often as they stand there.
    static func keys(in text: String) -> [String] {
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

/// An event as text, where the day was told already.
func text(_ event: Event, detail: Int = 1, secrets: Bool = false, colors: Bool = false) -> String {
    var presentation = Presentation()
    presentation.detail = detail
    presentation.showsSecrets = secrets
    presentation.colors = colors
    var format = TextFormat(presentation)
    var bytes: [UInt8] = []
    format.append(event, to: &bytes)
    bytes = []
    format.append(event, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
}
