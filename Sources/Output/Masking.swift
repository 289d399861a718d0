// Secrets replaced by what may be shown.

internal import Events
internal import MSNP
internal import Payloads

/// Puts masks in place of secrets, or leaves them as they are.
struct Masking: Sendable {
    /// What masks are made with; nil where secrets are shown.
    private let key: MaskKey?

    /// Masks, unless somebody asked for the secrets.
    init(_ presentation: Presentation) { key = presentation.showsSecrets ? nil : presentation.maskKey }

    /// The secrets in a frame of an event.
    func secrets(in frame: Frame, from side: Side, of event: Event) -> [Range<Int>] {
        guard key != nil else { return [] }
        return event.secrets ?? Secrets.ranges(in: frame, from: side, headers: event.annotation?.headers)
    }

    /// The secrets in noise of an event.
    func secrets(in noise: Noise, from side: Side, of event: Event) -> [Range<Int>] {
        guard key != nil else { return [] }
        return event.secrets ?? Secrets.ranges(in: noise, from: side, role: event.role)
    }

    /// The secrets in a frame that was put together, or changed.
    func secrets(in frame: Frame, from side: Side) -> [Range<Int>] {
        key == nil ? [] : Secrets.ranges(in: frame, from: side)
    }

    /// A part of some bytes with every secret in it replaced by its mask.
    func masked(_ bytes: [UInt8], _ range: Range<Int>, _ secrets: [Range<Int>]) -> [UInt8] {
        guard let key else { return Array(bytes[range]) }
        var result: [UInt8] = []
        var done = range.lowerBound
        for secret in secrets where secret.overlaps(range) && secret.lowerBound >= done {
            let part = secret.clamped(to: range)
            result += bytes[done..<part.lowerBound]
            result += key.mask(of: bytes[secret]).utf8
            done = part.upperBound
        }
        return result + bytes[done..<range.upperBound]
    }

    /// The same as text, U+FFFD for what is not UTF-8.
    func text(_ bytes: [UInt8], _ range: Range<Int>, _ secrets: [Range<Int>]) -> String {
        String(decoding: masked(bytes, range, secrets), as: UTF8.self)
    }

    /// The bytes with every secret overwritten by asterisks, so that every length still fits.
    static func blank(_ bytes: [UInt8], _ secrets: [Range<Int>]) -> [UInt8] {
        guard !secrets.isEmpty else { return bytes }
        var result = bytes
        for secret in secrets { result.replaceSubrange(secret, with: repeatElement(0x2A, count: secret.count)) }
        return result
    }
}

// MARK: - Fields

extension Masking {
    /// The fields of a payload with masks in place of secrets: of those that are secret by their names, and in texts with
    /// lines whose names say so.
    func masked(_ fields: [Field]) -> [Field] {
        guard let key else { return fields }
        return fields.map { field in
            guard case .text(let text) = field.value else { return Field(field.name, masked(field.value)) }
            if Self.isSecret(field.name) { return Field(field.name, key.mask(of: text.utf8)) }
            return Field(field.name, masked(text, isAddress: field.name.hasSuffix("url")))
        }
    }

    private func masked(_ value: Field.Value) -> Field.Value {
        switch value {
        case .text(let text): .text(masked(text, isAddress: false))
        case .list(let values): .list(values.map(masked))
        case .fields(let fields): .fields(masked(fields))
        case .number, .flag: value
        }
    }

    private func masked(_ text: String, isAddress: Bool) -> String {
        guard isAddress || text.utf8.contains(0x3A) else { return text }
        let bytes = Array(text.utf8)
        let secrets = isAddress ? Secrets.ranges(inAddress: bytes) : Secrets.ranges(inLines: bytes)
        return secrets.isEmpty ? text : self.text(bytes, 0..<bytes.count, secrets)
    }

    /// Whether a header has this name as fields have it: in `lower_snake`, with a number where it comes again.
    private static func isSecret(_ name: String) -> Bool {
        let isAgain = name.utf8.last.map { $0 &- 0x30 < 10 } ?? false
        let first = isAgain ? name[..<(name.lastIndex(of: "_") ?? name.endIndex)] : name[...]
        return Secrets.isSecret(header: first)
    }
}
