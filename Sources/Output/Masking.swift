// Replaces secrets by masks in the output of events.

internal import Events
internal import MSNP
internal import Payloads

/// Replaces secrets by masks, or leaves them if the presentation shows secrets.
struct Masking: Sendable {
    /// Makes the masks; nil if secrets are shown.
    private let maker: MaskMaker?
    /// The last masks, by secret: a cookie is in the redirect, in the sign-in, and in several keys of a JSON line.
    private var masks = ByteCache(bits: 6, longestKey: 512)

    init(_ presentation: Presentation) {
        maker = presentation.showsSecrets ? nil : MaskMaker(presentation.maskKey)
    }

    /// The ranges of secrets in an event's frame; empty if secrets are shown.
    func secrets(in frame: Frame, from side: Side, of event: Event) -> [Range<Int>] {
        guard maker != nil else { return [] }
        return event.secrets ?? Secrets.ranges(in: frame, from: side, headers: event.annotation?.headers)
    }

    /// The ranges of secrets in an event's noise; empty if secrets are shown.
    func secrets(in noise: Noise, from side: Side, of event: Event) -> [Range<Int>] {
        guard maker != nil else { return [] }
        return event.secrets ?? Secrets.ranges(in: noise, from: side, role: event.role)
    }

    /// The ranges of secrets in a reassembled or rewritten frame; empty if secrets are shown.
    func secrets(in frame: Frame, from side: Side) -> [Range<Int>] {
        maker == nil ? [] : Secrets.ranges(in: frame, from: side)
    }

    /// The ranges of secrets in an HTTP message; empty if secrets are shown.
    func secrets(in message: HTTPMessage) -> [Range<Int>] {
        guard maker != nil else { return [] }
        let noise = Noise(bytes: message.bytes, reason: .httpMessage, offset: 0)
        return Secrets.ranges(in: noise, from: message.side, role: .http)
    }

    /// The names of the masks in both lines of a changed redirect, each once.
    func names(in rewriting: Rewriting) -> [String] {
        var names: [String] = []
        for frame in [rewriting.original, rewriting.sent] {
            for name in self.names(of: secrets(in: frame, from: .server), in: frame.bytes) where !names.contains(name) {
                names.append(name)
            }
        }
        return names
    }

    /// A range of bytes with each secret in it replaced by its mask.
    mutating func masked(_ bytes: ByteSlice, _ range: Range<Int>, _ secrets: [Range<Int>]) -> [UInt8] {
        guard let maker else { return Array(bytes[range]) }
        var result: [UInt8] = []
        result.write { result in
            var copied = range.lowerBound
            for secret in secrets where secret.overlaps(range) && secret.lowerBound >= copied {
                let part = secret.clamped(to: range)
                result.append(bytes.span, copied..<part.lowerBound)
                masks.append(for: bytes.span.extracting(secret), to: &result) {
                    $0.append(maker.mask(of: Array(bytes[secret])))
                }
                copied = part.upperBound
            }
            result.append(bytes.span, copied..<range.upperBound)
        }
        return result
    }

    /// The names of the masks of some secrets, each once. Somebody can write what looks like a mask; its name is not
    /// among these.
    func names(of secrets: [Range<Int>], in bytes: ByteSlice) -> [String] {
        guard let maker else { return [] }
        var names: [String] = []
        for secret in secrets {
            let name = String(decoding: maker.name(of: Array(bytes[secret])), as: UTF8.self)
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// The same as text, with U+FFFD for bytes that are not UTF-8.
    mutating func text(_ bytes: ByteSlice, _ range: Range<Int>, _ secrets: [Range<Int>]) -> String {
        String(decoding: masked(bytes, range, secrets), as: UTF8.self)
    }

    /// The bytes with each secret overwritten by asterisks, which keeps all lengths valid.
    static func blank(_ bytes: ByteSlice, _ secrets: [Range<Int>]) -> ByteSlice {
        guard !secrets.isEmpty else { return bytes }
        var result = Array(bytes)
        for secret in secrets { result.replaceSubrange(secret, with: repeatElement(0x2A, count: secret.count)) }
        return ByteSlice(result)
    }
}

// MARK: - Fields

extension Masking {
    /// The fields of a payload with secrets masked: whole values of secret fields, and secret headers and address
    /// parameters within texts.
    mutating func masked(_ fields: [Field]) -> [Field] {
        guard let maker else { return fields }
        return fields.map { field in
            guard case .text(let text) = field.value else { return Field(field.name, masked(field.value)) }
            if Self.isSecret(field.name) {
                return Field(field.name, String(decoding: maker.mask(of: Array(text.utf8)), as: UTF8.self))
            }
            return Field(field.name, masked(text, isAddress: field.name.hasSuffix("url")))
        }
    }

    private mutating func masked(_ value: Field.Value) -> Field.Value {
        switch value {
        case .text(let text): .text(masked(text, isAddress: false))
        case .list(let values): .list(values.map { masked($0) })
        case .fields(let fields): .fields(masked(fields))
        case .number, .flag: value
        }
    }

    private mutating func masked(_ text: String, isAddress: Bool) -> String {
        guard isAddress || text.utf8.contains(0x3A) else { return text }
        let bytes = ByteSlice(text.utf8)
        let secrets = isAddress ? Secrets.ranges(inAddress: bytes) : Secrets.ranges(inLines: bytes)
        return secrets.isEmpty ? text : self.text(bytes, 0..<bytes.count, secrets)
    }

    /// Whether a field is made from a secret header. Field names are header names in `lower_snake`; repeated headers
    /// have a number appended.
    private static func isSecret(_ name: String) -> Bool {
        let isNumbered = name.utf8.last.map { $0 &- 0x30 < 10 } ?? false
        let header = isNumbered ? name[..<(name.lastIndex(of: "_") ?? name.endIndex)] : name[...]
        return Secrets.isSecret(header: header)
    }
}
