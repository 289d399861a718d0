// A frame's arguments by name, as people read them.

internal import Analysis
internal import MSNP

/// Writes arguments as `name=value (meaning)`.
struct TextFields: Sendable {
    private let fields = ArgumentField.all
    /// What short texts mean, for each field: clients say the same few again and again.
    private var glosses = ArgumentField.all.map(ByteCache.init(ofGlosses:))

    /// Appends the arguments in one line.
    mutating func append(
        _ frame: Frame, _ reading: CommandReading, _ secrets: [Range<Int>], _ masking: Masking,
        to bytes: inout ByteWriter
    ) {
        var last = -1
        for argument in reading.arguments(of: frame) {
            let range = argument.range
            // Several of one kind have one name.
            let goesOn = argument.field == last && fields[argument.field].isList
            if last >= 0 { bytes.append(plain: goesOn ? " " : ", ") }
            last = argument.field
            if !fields[argument.field].isWord, !goesOn {
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
                if let gloss = ArgumentMeaning(argument.meaning, frame.bytes[range]) {
                    Self.append(gloss, of: frame.bytes[range], &bytes)
                }
            default:
                glosses[argument.field].append(for: frame.bytes[range], to: &bytes) { token, bytes in
                    if let gloss = ArgumentMeaning(argument.meaning, token) { Self.append(gloss, of: token, &bytes) }
                }
            }
        }
    }

    private static func append(_ gloss: ArgumentMeaning, of token: ArraySlice<UInt8>, _ bytes: inout ByteWriter) {
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
        case .fields(let fields, _):
            bytes.append(plain: " (")
            PayloadFields.append(text: fields, to: &bytes)
            bytes.append(0x29)
        case .parts(let parts):
            // The account and the network's number stand in front as they are.
            let told = parts.filter { !["account", "network"].contains($0.name.description) }
            guard !told.isEmpty else { return }
            bytes.append(plain: " (")
            for (index, part) in told.enumerated() {
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
