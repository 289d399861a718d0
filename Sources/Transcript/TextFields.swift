// A frame's arguments by name, as people read them.

internal import MSNP

/// Writes arguments as `name=value (meaning)`.
enum TextFields {
    /// Appends the arguments in one line.
    static func append(_ frame: Frame, _ reading: CommandReading, _ secrets: [Range<Int>], to bytes: inout [UInt8]) {
        var isFirst = true
        reading.forEachArgument(of: frame) { parameter, field, meaning, range, _ in
            if !isFirst { bytes.append(plain: ", ") }
            isFirst = false
            let isSecret = secrets.contains { $0.overlaps(range) }
            // A fixed word is its own name, and so is one of several fixed words.
            let isWord = parameter?.name.utf8.allSatisfy { !($0 &- 0x61 < 26) } ?? false
            if !isWord {
                bytes.append(visible: field)
                bytes.append(0x3D)
            }
            let value = Masking.masked(frame.bytes, range, secrets)
            bytes.append(visible: value, 0..<value.count)
            guard !isSecret, let gloss = Gloss(meaning, frame.bytes[range]) else { return }
            append(gloss, of: frame.bytes[range], &bytes)
        }
    }

    private static func append(_ gloss: Gloss, of token: ArraySlice<UInt8>, _ bytes: inout [UInt8]) {
        switch gloss {
        case .name(let name): bytes.append(visible: " (\(name))")
        case .names(let names):
            guard !names.isEmpty else { return }
            bytes.append(visible: " (\(names.joined(separator: ", ")))")
        case .text(let text):
            guard !text.elementsEqual(token) else { return }
            bytes.append(plain: " (\"")
            bytes.append(visible: text, 0..<text.count)
            bytes.append(plain: "\")")
        case .parts(let parts):
            bytes.append(plain: " (")
            for (index, part) in parts.enumerated() {
                if index > 0 { bytes.append(plain: ", ") }
                bytes.append(plain: part.name)
                bytes.append(0x20)
                bytes.append(visible: Array(part.value), 0..<part.value.count)
            }
            bytes.append(0x29)
        }
    }
}
