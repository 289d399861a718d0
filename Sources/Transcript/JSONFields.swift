// A frame's arguments by name, as the object `fields`.

internal import MSNP

/// Writes `request`, `latency_ns` and `fields` of frames.
struct JSONFields: Sendable {
    /// What capabilities are called, by their text: the same few clients say the same again and again.
    private var capabilities: [[UInt8]: [UInt8]] = [:]

    /// How many are remembered.
    private static let mostCapabilities = 256

    /// Appends what is known of a frame.
    mutating func append(
        _ frame: Frame, from side: Side, _ remark: Remark, secrets: [Range<Int>], to bytes: inout [UInt8]
    ) {
        if let request = remark.request {
            bytes.append(plain: ",\"request\":\"")
            bytes.append(request)
            bytes.append(plain: "\",\"latency_ns\":")
            bytes.append(number: remark.delay)
        }
        let mark = bytes.count
        bytes.append(plain: ",\"fields\":{")
        let start = bytes.count
        if let reading = remark.reading, frame.lineEnd > 3 { arguments(of: frame, reading, secrets, &bytes) }
        if let error = ErrorName.of(frame.verb) {
            Self.key("error_name", start, &bytes)
            bytes.append(json: error.name)
            Self.key("error_meaning", start, &bytes)
            bytes.append(json: error.meaning)
        }
        if let verdict = remark.verdict {
            Self.key("answer_is", start, &bytes)
            bytes.append(json: verdict.rawValue)
        }
        if bytes.count == start {
            bytes.removeSubrange(mark...)
        } else {
            bytes.append(0x7D)
        }
    }

    private mutating func arguments(
        of frame: Frame, _ reading: CommandReading, _ secrets: [Range<Int>], _ bytes: inout [UInt8]
    ) {
        let start = bytes.count
        var openList: String?
        var capabilities = capabilities
        reading.forEachArgument(of: frame) { _, field, meaning, range, isList in
            if let list = openList, list != field || !isList {
                bytes.append(0x5D)
                openList = nil
            }
            if openList != nil {
                bytes.append(0x2C)
            } else {
                Self.key(field, start, &bytes)
                if isList {
                    openList = field
                    bytes.append(0x5B)
                }
            }
            if secrets.contains(where: { $0.overlaps(range) }) {
                bytes.append(json: Masking.text(frame.bytes, range, secrets))
                return
            }
            if meaning == .number, Self.isNumber(frame.bytes, range) {
                bytes.append(copying: frame.bytes.span, from: range.lowerBound, count: range.count)
                return
            }
            _ = bytes.append(lossyJSON: frame.bytes, range)
            switch meaning {
            case .text, .number: break
            case .name:
                Self.key(field, "_text", &bytes)
                if frame.bytes[range].contains(0x25) {
                    let text = PercentEncoding.decode(frame.bytes[range])
                    _ = bytes.append(lossyJSON: text, 0..<text.count)
                } else {
                    _ = bytes.append(lossyJSON: frame.bytes, range)
                }
            case .capabilities: Self.append(capabilities: frame.bytes[range], field, &capabilities, &bytes)
            default:
                if let gloss = Gloss(meaning, frame.bytes[range]) { Self.append(gloss, field, &bytes) }
            }
        }
        if openList != nil { bytes.append(0x5D) }
        self.capabilities = capabilities
    }

    private static func append(
        capabilities token: ArraySlice<UInt8>, _ field: String, _ known: inout [[UInt8]: [UInt8]],
        _ bytes: inout [UInt8]
    ) {
        let token = Array(token)
        if let text = known[token] {
            bytes += text
            return
        }
        let mark = bytes.count
        guard let gloss = Gloss(.capabilities, token[...]) else { return }
        append(gloss, field, &bytes)
        if known.count >= mostCapabilities { known = [:] }
        if token.count < 64 { known[token] = Array(bytes[mark...]) }
    }

    private static func append(_ gloss: Gloss, _ field: String, _ bytes: inout [UInt8]) {
        switch gloss {
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
            _ = bytes.append(lossyJSON: text, 0..<text.count)
        case .parts(let parts):
            for (name, value) in parts {
                key(field, "_", &bytes)
                bytes.removeLast(2)
                bytes.append(plain: name)
                bytes.append(plain: "\":")
                _ = bytes.append(lossyJSON: Array(value), 0..<value.count)
            }
        }
    }

    /// Appends a key; `start` is where the object's inside begins, which tells whether a comma must stand in front.
    private static func key(_ name: String, _ start: Int, _ bytes: inout [UInt8]) {
        bytes.append(plain: bytes.count > start ? ",\"" : "\"")
        bytes.append(contentsOf: name.utf8)
        bytes.append(plain: "\":")
    }

    private static func key(_ field: String, _ suffix: StaticString, _ bytes: inout [UInt8]) {
        bytes.append(plain: ",\"")
        bytes.append(contentsOf: field.utf8)
        bytes.append(plain: suffix)
        bytes.append(plain: "\":")
    }

    /// Whether JSON can hold these digits as a number that readers keep whole.
    private static func isNumber(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard !range.isEmpty, range.count < 16, bytes[range.lowerBound] != 0x30 || range.count == 1 else {
            return false
        }
        for index in range where bytes[index] &- 0x30 > 9 { return false }
        return true
    }
}
