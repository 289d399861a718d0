// Secrets among the fields of a payload.

internal import MSNP
internal import Messages

/// Masks fields that were read from bytes with secrets in them.
enum SecretFields {
    /// The fields with masks in place of secrets: of those that are secret by their names, and in texts with lines whose
    /// names say so.
    static func masked(_ fields: [Field]) -> [Field] {
        fields.map { field in
            guard case .text(let text) = field.value else { return Field(field.name, masked(field.value)) }
            if isSecret(field.name) { return Field(field.name, Secrets.mask(of: Array(text.utf8)[...])) }
            return Field(field.name, masked(text, isAddress: field.name.hasSuffix("url")))
        }
    }

    private static func masked(_ value: Field.Value) -> Field.Value {
        switch value {
        case .text(let text): .text(masked(text, isAddress: false))
        case .list(let values): .list(values.map(masked))
        case .fields(let fields): .fields(masked(fields))
        case .number, .flag: value
        }
    }

    private static func masked(_ text: String, isAddress: Bool) -> String {
        guard isAddress || text.utf8.contains(0x3A) else { return text }
        let bytes = Array(text.utf8)
        let secrets = isAddress ? Secrets.ranges(inAddress: bytes) : Secrets.ranges(inLines: bytes)
        return secrets.isEmpty ? text : Masking.text(bytes, 0..<bytes.count, secrets)
    }

    /// Whether a header has this name as fields have it: in `lower_snake`, with a number where it comes again.
    private static func isSecret(_ name: String) -> Bool {
        let isAgain = name.utf8.last.map { $0 &- 0x30 < 10 } ?? false
        let first = isAgain ? name[..<(name.lastIndex(of: "_") ?? name.endIndex)] : name[...]
        return Secrets.isSecret(header: first)
    }
}
