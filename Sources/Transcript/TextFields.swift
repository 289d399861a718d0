// A frame's arguments by name, as people read them.

internal import MSNP

/// Writes arguments as `name=value (meaning)`.
enum TextFields {
    /// Appends the arguments in one line.
    static func append(_ frame: Frame, _ reading: CommandReading, _ secrets: [Range<Int>], to bytes: inout ByteWriter) {
        var isFirst = true
        for argument in reading.arguments(of: frame) {
            let field = ArgumentField.all[argument.field]
            let range = argument.range
            if !isFirst { bytes.append(plain: ", ") }
            isFirst = false
            let isSecret = secrets.contains { $0.overlaps(range) }
            if !field.isWord {
                bytes.append(visible: field.name)
                bytes.append(0x3D)
            }
            let value = Masking.masked(frame.bytes, range, secrets)
            bytes.append(visible: value.span)
            guard !isSecret, let gloss = Gloss(field.meaning, frame.bytes[range]) else { continue }
            append(gloss, of: frame.bytes[range], &bytes)
        }
    }

    private static func append(_ gloss: Gloss, of token: ArraySlice<UInt8>, _ bytes: inout ByteWriter) {
        switch gloss {
        case .name(let name): bytes.append(visible: " (\(name))")
        case .names(let names):
            guard !names.isEmpty else { return }
            bytes.append(visible: " (\(names.joined(separator: ", ")))")
        case .text(let text):
            guard !text.elementsEqual(token) else { return }
            bytes.append(plain: " (\"")
            bytes.append(visible: text.span)
            bytes.append(plain: "\")")
        case .parts(let parts):
            bytes.append(plain: " (")
            for (index, part) in parts.enumerated() {
                if index > 0 { bytes.append(plain: ", ") }
                bytes.append(plain: part.name)
                bytes.append(0x20)
                bytes.append(visible: part.value.span)
            }
            bytes.append(0x29)
        }
    }
}
