// Writes the JSON object `fields` of a frame: its named arguments, their explanations, and its payload.

internal import Analysis
internal import Events
internal import MSNP
internal import Payloads

/// Writes the keys `request`, `latency_ns` and `fields` of frames.
struct JSONFields: Sendable {
    /// What is written for the arguments of one field.
    private struct Key: Sendable {
        /// The range of `"email":` in `keyText`.
        var name: Range<Int>
        /// The range of `,"friendly_text":` in `keyText`.
        var textName: Range<Int>
        var meaning: Meaning
        /// Whether several arguments of a line can belong to the field.
        var isList: Bool
    }

    private let fields = ArgumentField.all
    private var keys: [Key] = []
    /// The encoded keys of all fields, one after the other.
    private var keyText: [UInt8] = []
    /// The JSON explanations of short values, for each field; the same values recur often.
    private var explanations: [ByteCache]
    /// A buffer for percent-decoded values, kept to avoid allocations.
    private var decoded: [UInt8] = []
    private var payloads = PayloadFields(.json)

    init() {
        explanations = fields.map(ByteCache.init(forExplanationsOf:))
        for field in fields {
            let start = keyText.count
            keyText += "\"\(field.name)\":".utf8
            let end = keyText.count
            keyText += ",\"\(field.name)_text\":".utf8
            keys.append(
                Key(
                    name: start..<end, textName: end..<keyText.count, meaning: field.meaning, isList: field.isList))
        }
    }

    mutating func divideCaches(by copies: Int) { payloads.divideCaches(by: copies) }

    /// Appends the keys of a frame; `fields` is omitted if it would be empty.
    mutating func append(
        _ frame: Frame, from side: Side, _ annotation: Annotation, _ secrets: [Range<Int>], _ masking: inout Masking,
        to bytes: inout ByteWriter
    ) {
        if let request = annotation.request {
            bytes.append(plain: ",\"request\":\"")
            bytes.append(request)
            bytes.append(0x22)
            if let delay = annotation.delay {
                bytes.append(plain: ",\"latency_ns\":")
                bytes.append(number: delay)
            }
        }
        let mark = bytes.count
        bytes.append(plain: ",\"fields\":{")
        let start = bytes.count
        if let reading = annotation.reading, frame.lineEnd > 3 { append(reading, of: frame, secrets, &masking, &bytes) }
        if frame.verb.isError, let error = ErrorName.of(frame.verb) {
            Self.key("error_name", start, &bytes)
            bytes.append(json: error.name)
            Self.key("error_meaning", start, &bytes)
            bytes.append(json: error.meaning)
        }
        let name: StaticString = bytes.count == start ? "\"body\":" : ",\"body\":"
        payloads.append(frame, from: side, annotation, secrets, &masking, prefix: name, to: &bytes)
        if let joined = annotation.joined {
            Self.key("slp", start, &bytes)
            PayloadFields.append(joined, &masking, json: &bytes)
        }
        if let whole = annotation.whole {
            Self.key("joined", start, &bytes)
            let secrets = masking.secrets(in: whole, from: side)
            PayloadFields.append(whole: whole, from: side, secrets, &masking, .json, to: &bytes)
        }
        if let verdict = annotation.verdict {
            Self.key("answer_is", start, &bytes)
            bytes.append(json: verdict.rawValue)
        }
        if bytes.count == start {
            bytes.cut(to: mark)
        } else {
            bytes.append(0x7D)
        }
    }

    private mutating func append(
        _ reading: CommandReading, of frame: Frame, _ secrets: [Range<Int>], _ masking: inout Masking,
        _ bytes: inout ByteWriter
    ) {
        var openList = -1
        var isFirst = true
        for argument in reading.arguments(of: frame) {
            let key = keys[argument.field]
            if openList >= 0, openList != argument.field {
                bytes.append(0x5D)
                openList = -1
            }
            if !isFirst { bytes.append(0x2C) }
            isFirst = false
            if openList < 0 {
                bytes.append(keyText.span, key.name)
                if key.isList {
                    openList = argument.field
                    bytes.append(0x5B)
                }
            }
            if !secrets.isEmpty, secrets.contains(where: { $0.overlaps(argument.range) }) {
                bytes.append(json: masking.text(frame.bytes, argument.range, secrets))
            } else {
                append(argument, key, of: frame, &bytes)
            }
        }
        if openList >= 0 { bytes.append(0x5D) }
    }

    @inline(__always)
    private mutating func append(
        _ argument: CommandReading.Argument, _ key: Key, of frame: Frame, _ bytes: inout ByteWriter
    ) {
        let range = argument.range
        if key.meaning == .number, Self.isNumber(frame.bytes.span, range) {
            bytes.append(frame.bytes.span, range)
            return
        }
        _ = bytes.append(lossyJSON: frame.bytes.span, range)
        switch key.meaning {
        case .text, .number: break
        case .name:
            bytes.append(keyText.span, key.textName)
            guard frame.bytes.span.first(0x25, from: range.lowerBound, to: range.upperBound) < range.upperBound else {
                _ = bytes.append(lossyJSON: frame.bytes.span, range)
                return
            }
            PercentEncoding.decode(frame.bytes.span.extracting(range), into: &decoded)
            _ = bytes.append(lossyJSON: decoded.span, 0..<decoded.count)
        case .account:
            // Most values are a plain account.
            let mark = frame.bytes.span.first(from: range.lowerBound, to: range.upperBound) {
                $0.equal(0x3B) .| $0.equal(0x3A)
            }
            guard mark < range.upperBound else { return }
            if let explanation = ArgumentMeaning(.account, frame.bytes[range]) {
                Self.append(explanation, fields[argument.field].name, &bytes)
            }
        case .object: append(object: argument, key, of: frame, &bytes)
        default: append(cached: argument, of: frame, &bytes)
        }
    }

    private mutating func append(
        object argument: CommandReading.Argument, _ key: Key, of frame: Frame, _ bytes: inout ByteWriter
    ) {
        guard argument.range.count > 1 else { return }
        let name = fields[argument.field].name
        let mark = bytes.count
        PercentEncoding.decode(frame.bytes.span.extracting(argument.range), into: &decoded)
        bytes.append(keyText.span, key.textName)
        _ = bytes.append(lossyJSON: decoded.span, 0..<decoded.count)
        Self.key(name, "_fields", &bytes)
        if ObjectJSON.append(decoded, to: &bytes) { return }
        bytes.cut(to: mark)
        if let explanation = ArgumentMeaning(argument.meaning, frame.bytes[argument.range]) {
            Self.append(explanation, name, &bytes)
        }
    }

    private mutating func append(
        cached argument: CommandReading.Argument, of frame: Frame, _ bytes: inout ByteWriter
    ) {
        let token = frame.bytes.span.extracting(argument.range)
        if explanations[argument.field].append(for: token, to: &bytes) { return }
        let mark = bytes.count
        if let explanation = ArgumentMeaning(argument.meaning, frame.bytes[argument.range]) {
            Self.append(explanation, fields[argument.field].name, &bytes)
        }
        explanations[argument.field].insert(bytes, from: mark, for: token)
    }

    private static func append(_ explanation: ArgumentMeaning, _ field: String, _ bytes: inout ByteWriter) {
        switch explanation {
        case .name(let name):
            key(field, "_name", &bytes)
            bytes.append(json: name)
        case .names(let names):
            key(field, "_names", &bytes)
            bytes.append(0x5B)
            for (index, name) in names.enumerated() {
                if index > 0 { bytes.append(0x2C) }
                bytes.append(json: name)
            }
            bytes.append(0x5D)
        case .text(let text):
            key(field, "_text", &bytes)
            _ = bytes.append(lossyJSON: text.span, 0..<text.count)
        case .fields(let fields, let text):
            if let text {
                key(field, "_text", &bytes)
                _ = bytes.append(lossyJSON: text.span, 0..<text.count)
            }
            key(field, "_fields", &bytes)
            PayloadFields.append(json: .fields(fields), to: &bytes)
        case .parts(let parts):
            for (name, value) in parts {
                bytes.append(plain: ",\"")
                bytes.append(field)
                bytes.append(0x5F)
                bytes.append(plain: name)
                bytes.append(plain: "\":")
                _ = bytes.append(lossyJSON: value.span, 0..<value.count)
            }
        }
    }

    /// Appends a key, with a comma before it unless it is the first; `start` is the offset of the object's contents.
    private static func key(_ name: StaticString, _ start: Int, _ bytes: inout ByteWriter) {
        bytes.append(plain: bytes.count > start ? ",\"" : "\"")
        bytes.append(plain: name)
        bytes.append(plain: "\":")
    }

    private static func key(_ field: String, _ suffix: StaticString, _ bytes: inout ByteWriter) {
        bytes.append(plain: ",\"")
        bytes.append(field)
        bytes.append(plain: suffix)
        bytes.append(plain: "\":")
    }

    /// Whether the digits are a valid JSON number that fits a double exactly: at most 15 digits, no leading zero.
    private static func isNumber(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty, range.count < 16, bytes[range.lowerBound] != 0x30 || range.count == 1 else {
            return false
        }
        for index in range where bytes[index] &- 0x30 > 9 { return false }
        return true
    }
}
