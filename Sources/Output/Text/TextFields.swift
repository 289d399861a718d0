// Writes the named arguments of a frame for the text format.

internal import Analysis
internal import MSNP

/// Writes arguments as `name=value (meaning)`.
struct TextFields: Sendable {
    private let fields = ArgumentField.all
    /// The explanations of short values, for each field; the same values recur often.
    private var explanations = ArgumentField.all.map(ByteCache.init(forExplanationsOf:))

    /// Appends the arguments in one line.
    mutating func append(
        _ frame: Frame, _ reading: CommandReading, _ secrets: [Range<Int>], _ masking: inout Masking,
        to bytes: inout ByteWriter
    ) {
        var last = -1
        for argument in reading.arguments(of: frame) {
            let range = argument.range
            // The arguments of a list follow one name.
            let continuesList = argument.field == last && fields[argument.field].isList
            if last >= 0 { bytes.append(plain: continuesList ? " " : ", ") }
            last = argument.field
            if !fields[argument.field].isWord, !continuesList {
                bytes.append(visible: fields[argument.field].name)
                bytes.append(0x3D)
            }
            if !secrets.isEmpty, secrets.contains(where: { $0.overlaps(range) }) {
                bytes.append(visible: masking.masked(frame.bytes, range, secrets).span)
                continue
            }
            bytes.append(visible: frame.bytes.span.extracting(range))
            switch argument.meaning {
            case .text, .number: break
            case .name, .account, .object, .base64:
                if let explanation = ArgumentMeaning(argument.meaning, frame.bytes[range]) {
                    Self.append(explanation, of: frame.bytes[range], &bytes)
                }
            default:
                explanations[argument.field].append(for: frame.bytes.span.extracting(range), to: &bytes) { bytes in
                    if let explanation = ArgumentMeaning(argument.meaning, frame.bytes[range]) {
                        Self.append(explanation, of: frame.bytes[range], &bytes)
                    }
                }
            }
        }
    }

    private static func append(_ explanation: ArgumentMeaning, of token: ByteSlice, _ bytes: inout ByteWriter) {
        switch explanation {
        case .name(let name): bytes.append(visible: " (\(name))")
        case .names(let names):
            guard !names.isEmpty else { return }
            bytes.append(visible: " (\(names.joined(separator: ", ")))")
        case .text(let text):
            guard !text.elementsEqual(token) else { return }
            bytes.append(plain: " (\"")
            bytes.append(visible: text.span)
            bytes.append(plain: "\")")
        case .fields(let fields, _):
            bytes.append(plain: " (")
            PayloadFields.append(text: fields, to: &bytes)
            bytes.append(0x29)
        case .parts(let parts):
            // The value before the brackets already shows the account and the network's number.
            let shown = parts.filter { !["account", "network"].contains($0.name.description) }
            guard !shown.isEmpty else { return }
            bytes.append(plain: " (")
            for (index, part) in shown.enumerated() {
                if index > 0 { bytes.append(plain: ", ") }
                if part.name.description != "network_name" {
                    bytes.append(plain: part.name)
                    bytes.append(0x20)
                }
                bytes.append(visible: part.value.span)
            }
            bytes.append(0x29)
        }
    }
}
