// Explains the values of command arguments, for the text and JSON formats.

internal import Analysis
internal import MSNP
internal import Payloads

/// The explanation of one argument value.
enum ArgumentMeaning {
    /// The name of the value.
    case name(String)
    /// The names of the flags in the value.
    case names([String])
    /// The value decoded from percent encoding or base64.
    case text([UInt8])
    /// The named fields of the value, and the decoded text they were parsed from; nil if that equals the value.
    case fields([Field], text: [UInt8]?)
    /// Named parts of the value.
    case parts([(name: StaticString, value: ByteSlice)])

    /// Explains a value; nil if there is nothing to add.
    init?(_ meaning: Meaning, _ token: ByteSlice) {
        switch meaning {
        case .text, .number: return nil
        case .name: self = .text(PercentEncoding.decode(token))
        case .encoded:
            guard token.contains(0x25) else { return nil }
            self = .text(PercentEncoding.decode(token))
        case .object:
            guard token.count > 1 else { return nil }
            let text = PercentEncoding.decode(token)
            self = MSNObject(plain: ByteSlice(text)).map { .fields($0.fields, text: text) } ?? .text(text)
        case .pairs:
            let pairs = Self.pairs(token)
            guard !pairs.isEmpty else { return nil }
            self = .fields(pairs, text: nil)
        case .package, .stage, .setting, .transport, .directness, .restriction, .leaving, .letterKind, .noticeKind,
            .device:
            self.init(name: ValueName.of(token, as: meaning))
        case .account:
            let parts = Self.accountParts(token)
            guard !parts.isEmpty else { return nil }
            self = .parts(parts)
        case .state: self.init(name: ValueName.ofState(token))
        case .list: self.init(name: ValueName.ofList(token))
        case .lists: self.init(names: Decimal.value(of: token).map(ValueName.ofLists))
        case .network: self.init(name: Decimal.value(of: token).flatMap(ValueName.ofNetwork))
        case .networks: self.init(names: Decimal.value(of: token).map(ValueName.ofNetworks))
        case .capabilities: self.init(names: ValueName.ofCapabilities(token))
        case .locale: self.init(name: ValueName.ofLocale(token))
        case .acknowledgement: self.init(name: ValueName.ofAcknowledgement(token))
        case .reason: self.init(name: ValueName.ofReason(token))
        case .property: self.init(name: ValueName.ofProperty(token))
        case .transferEnd: self.init(name: Decimal.value(of: token).flatMap(ValueName.ofTransferEnd))
        case .base64:
            guard let bytes = Base64.decode(token) else { return nil }
            self = .text(bytes)
        }
    }

    private init?(name: String?) {
        guard let name else { return nil }
        self = .name(name)
    }

    private init?(names: [String]?) {
        guard let names else { return nil }
        self = .names(names)
    }

    /// Parses `lc=1033,id=507,ru=http%3A%2F%2Fmessenger%2Emsn%2Ecom`, with percent-decoded values.
    private static func pairs(_ token: ByteSlice) -> [Field] {
        var fields: [Field] = []
        for pair in token.split(separator: 0x2C).prefix(mostPairs) {
            guard let equals = pair.firstIndex(of: 0x3D) else { continue }
            let name = pair[..<equals]
            let isName = !name.isEmpty && name.count < 32 && name.allSatisfy { ($0 | 0x20) &- 0x61 < 26 }
            guard isName else { continue }
            let text = String(decoding: name, as: UTF8.self).lowercased()
            guard !fields.contains(where: { $0.name == text }) else { continue }
            let value = PercentEncoding.decode(pair[(equals + 1)...])
            fields.append(Field(text, String(decoding: value, as: UTF8.self)))
            if text == "lc", let locale = Decimal.value(of: value).flatMap(ValueName.ofLocale(number:)) {
                fields.append(Field("lc_name", locale))
            }
        }
        return fields
    }

    /// The maximum number of pairs parsed; servers send ten.
    private static let mostPairs = 32

    /// Parses `account`, `account;{endpoint}`, `network:account;via=9:circle`; no parts for a plain account.
    private static func accountParts(
        _ token: ByteSlice
    ) -> [(name: StaticString, value: ByteSlice)] {
        var parts: [(name: StaticString, value: ByteSlice)] = []
        var rest = token
        if let colon = rest.firstIndex(of: 0x3A), rest[..<colon].allSatisfy({ $0 &- 0x30 < 10 }),
            colon > rest.startIndex
        {
            parts.append(("network", rest[..<colon]))
            if let name = Decimal.value(of: rest[..<colon]).flatMap(ValueName.ofNetwork) {
                parts.append(("network_name", ByteSlice(name.utf8)))
            }
            rest = rest[(colon + 1)...]
        }
        let semicolon = rest.firstIndex(of: 0x3B) ?? rest.endIndex
        if !parts.isEmpty || semicolon < rest.endIndex { parts.append(("account", rest[..<semicolon])) }
        for piece in rest[semicolon...].split(separator: 0x3B).prefix(4) {
            if piece.first == 0x7B {
                if !parts.contains(where: { $0.name.description == "endpoint" }) { parts.append(("endpoint", piece)) }
            } else if piece.starts(with: "via=".utf8), !parts.contains(where: { $0.name.description == "via" }) {
                parts.append(("via", piece.dropFirst(4)))
            }
        }
        return parts
    }
}

extension ByteCache {
    /// A cache for the explanations of a field's short values, which repeat often.
    init(forExplanationsOf field: ArgumentField) {
        switch field.meaning {
        case .pairs: self.init(bits: 4, longestKey: 1_024)
        case .capabilities: self.init(bits: 8, longestKey: 24)
        default: self.init(bits: 6, longestKey: 24)
        }
    }
}
