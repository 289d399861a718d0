// Every key of the JSON of events can be filtered.

import Captures
import EventSamples
import Events
import Foundation
import MSNP
import Output
import Query
import TestSupport
import Testing

@testable import Console

@Suite(.timeLimit(.minutes(2))) struct EventFilterTests {
    private static let presentation: Presentation = {
        var presentation = Presentation()
        presentation.showsSecrets = true
        presentation.includesBytes = true
        return presentation
    }()

    /// The first event with each key of the JSON of all captures, with a value of it if that is a text.
    private static func keys() throws -> [String: (event: Event, text: String?)] {
        var keys: [String: (event: Event, text: String?)] = [:]
        func add(_ value: Any, _ path: String, _ event: Event) {
            switch value {
            case let object as [String: Any]:
                for (key, value) in object { add(value, path.isEmpty ? key : "\(path).\(key)", event) }
            case let list as [Any]: for value in list { add(value, path, event) }
            case let text as String where text.isEmpty: break
            case is NSNull: break
            default: if keys[path] == nil { keys[path] = (event, value as? String) }
            }
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: Repository.captures.path).sorted()
        for file in files where file.contains(".pcap") || file.hasSuffix(".log") {
            for event in Recording([Repository.capture(file)]).events {
                guard case .message(let message) = event.kind, message.fragment != nil else {
                    add(try JSONLine(event, presentation).object, "", event)
                    continue
                }
            }
        }
        return keys
    }

    @Test func everyKeyOfEveryCaptureCanBeFiltered() throws {
        let keys = try Self.keys()
        #expect(keys.count > 250)
        for (key, found) in keys {
            #expect(try Self.matches("has \(key)", found.event), "has \(key)")
            guard let text = found.text else { continue }
            let quoted = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            #expect(try Self.matches("\(key) == \"\(quoted)\"", found.event), "\(key) == \(quoted.prefix(100))")
        }
        #expect(keys.keys.contains("latency_ns") && keys.keys.contains("fields.body.kind"))
        for (short, long) in JSONKeys.shortForms where !["answer_is", "slp"].contains(short) {
            let path = long.joined(separator: ".")
            #expect(keys.keys.contains { $0 == path || $0.hasPrefix("\(path).") }, "\(short)")
        }
        for name in ["kind", "content_type", "charset", "font", "color"] {
            let path = try #require(JSONKeys.path(of: name))
            #expect(keys["fields.\(path)"] != nil, "\(name)")
        }
    }

    private static func matches(
        _ expression: String, _ event: Event, _ presentation: Presentation = presentation
    ) throws -> Bool {
        var filter = try EventFilter(expression, presentation)
        return filter.matches(event)
    }

    private static func explained(_ text: String, _ side: Side = .client) throws -> Event {
        Sample.explained(try Sample.frame(text, side))
    }

    @Test(arguments: [
        ("fields.state_name == busy", true), ("FIELDS.State_Name == BUSY", true), ("fields.state == BSY", true),
        ("fields.state_name != busy", false), ("fields.caps_names == inkgif", false), ("has fields.state", true),
        ("has fields.friendly", false), ("fields contains busy", true), ("verb == XFR and has fields.state", false),
        ("verb == XFR or fields.state == BSY", true), ("not has latency_ns", true), ("latency_ns > 5", false),
        ("raw_base64 contains Q0hH", true), ("args == BSY", true),
    ])
    func fieldsOfAFrame(expression: String, matches: Bool) throws {
        let event = try Self.explained("CHG 9 BSY 0\r\n")
        #expect(try Self.matches(expression, event) == matches)
    }

    @Test func shortForms() throws {
        let nudge = "MIME-Version: 1.0\r\nContent-Type: text/x-msnmsgr-datacast\r\n\r\nID: 1\r\n\r\n"
        let event = try Self.explained("MSG 3 U \(nudge.utf8.count)\r\n\(nudge)")
        for text in ["body.kind == nudge", "fields.body.kind == nudge", "body.content_type contains datacast"] {
            #expect(try Self.matches(text, event), "\(text)")
        }
        let error = try Self.explained("217 3\r\n", .server)
        #expect(try Self.matches("error_name == NOT_ONLINE", error))
    }

    @Test(arguments: [
        ("kind == nudge", "“body.kind”"), ("state_name == BSY", "“fields.state_name”"), ("latency > 3", "“latency_ns”"),
        ("has sha256", "“c2s.sha256”"), ("feilds.state == BSY", "“fields.state”"), ("fields == 3", "is an object"),
        ("body == 3", "is an object"), ("payload.x == 1", "is not an object"), ("fields. == 1", "each dot"),
        ("latency_ns > soon", "is a number"), ("request == XYZZY", "three letters"), ("c2s.bytes > x", "is a number"),
        ("c2s.verbs.msg > x", "is a number"), ("answer_is == maybe", "right, wrong, unknown"),
        ("recorded == maybe", "true, false"), ("from_time > soon", "not a time"), ("tcp.port == 3", "all keys"),
    ])
    func mistakes(expression: String, word: String) {
        let error = #expect(throws: FilterError.self) { try EventFilter(expression) }
        #expect(error?.message.contains(word) == true, "\(expression): \(error?.message ?? "")")
    }

    /// The expressions in docs/events.md.
    @Test func documentedExpressionsAreUnderstood() throws {
        let text = try String(contentsOf: Repository.root.appending(path: "docs/events.md"), encoding: .utf8)
        var expressions: [String] = []
        var isFilter = false
        for line in text.split(separator: "\n") {
            if line.hasPrefix("```") {
                isFilter = line == "```filter"
            } else if isFilter {
                expressions.append(String(line.prefix { $0 != "#" }))
            }
        }
        #expect(expressions.count > 10)
        for expression in expressions { _ = try EventFilter(expression) }
    }

    /// A filter can ask for what the output shows instead of a secret.
    @Test func masksCanBeFiltered() throws {
        let event = try Self.explained("USR 1 alice@example.com 17262740.50653\r\n")
        let line = try JSONLine(event).text
        let mask = try #require(line.firstMatch(of: /‹secret:\w+›/)).output
        #expect(try Self.matches("fields contains \(mask)", event, Presentation()))
    }

    @Test func valuesInJSON() {
        let json = Array(
            #"{"a":{"B":[{"c":1},{"c":"x\"\\\n\u00e9\ud83e\udd8b"},{"c":null}]},"e":{},"l":[],"t":true}"#.utf8)
        #expect(JSONValues.values(at: ["a", "b", "c"], in: json) == ["1", "x\"\\\né🦋"])
        #expect(JSONValues.values(at: ["a", "B"], in: json).count == 3)
        #expect(JSONValues.values(at: ["t"], in: json) == ["true"])
        for path in [["e"], ["l"], ["x"], ["t", "x"], ["a", "b", "d"]] {
            #expect(JSONValues.values(at: path, in: json).isEmpty, "\(path)")
        }
    }

    /// Even damaged JSON is read to its end.
    @Test func anyBytesAreReadToTheirEnd() {
        var random = SeededGenerator(seed: 5)
        let letters = Array(#"{}[]":,\ua1n"#.utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0..<30, using: &random)).compactMap { _ in
                letters.randomElement(using: &random)
            }
            for path in [[], ["a"], ["a", "a"]] { _ = JSONValues.values(at: path, in: bytes) }
        }
        _ = JSONValues.values(at: ["a"], in: [UInt8](repeating: 0x5B, count: 100_000))
    }
}
