// What an argument's text means, for both formats.

internal import MSNP
internal import Messages

/// The meaning of one argument, where its text alone does not tell.
enum Gloss {
    /// A word for it.
    case name(String)
    /// Several words.
    case names([String])
    /// The text behind percent signs or base64.
    case text([UInt8])
    /// Parts of it, each with a name.
    case parts([(name: StaticString, value: ArraySlice<UInt8>)])

    /// Explains an argument.
    init?(_ meaning: Meaning, _ token: ArraySlice<UInt8>) {
        switch meaning {
        case .text, .number: return nil
        case .name: self = .text(PercentEncoding.decode(token))
        case .object:
            guard token.count > 1 else { return nil }
            self = .text(PercentEncoding.decode(token))
        case .account:
            let parts = Self.accountParts(token)
            guard !parts.isEmpty else { return nil }
            self = .parts(parts)
        case .state: self.init(name: ValueName.ofState(token))
        case .list: self.init(name: ValueName.ofList(token))
        case .lists: self.init(names: Decimal.value(of: token).map(ValueName.ofLists))
        case .network: self.init(name: Decimal.value(of: token).flatMap(ValueName.ofNetwork))
        case .networks: self.init(names: Decimal.value(of: token).map(ValueName.ofNetworks))
        case .capabilities: self.init(names: Self.capabilities(token))
        case .locale: self.init(name: ValueName.ofLocale(token))
        case .acknowledgement: self.init(name: ValueName.ofAcknowledgement(token))
        case .reason: self.init(name: ValueName.ofReason(token))
        case .property: self.init(name: ValueName.ofProperty(token))
        case .transferEnd: self.init(name: Decimal.value(of: token).flatMap(ValueName.ofTransferEnd))
        case .base64:
            guard let bytes = TransferEncoding.base64(token) else { return nil }
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

    /// `caps`, or `caps:extcaps` since MSNP16.
    private static func capabilities(_ token: ArraySlice<UInt8>) -> [String]? {
        let parts = token.split(separator: 0x3A, maxSplits: 1)
        guard let first = parts.first.flatMap({ Decimal.value(of: $0) }) else { return nil }
        let more = parts.count > 1 ? Decimal.value(of: parts[1]) : nil
        return ValueName.ofCapabilities(first) + (more.map(ValueName.ofExtendedCapabilities) ?? [])
    }

    /// `account`, `account;{endpoint}`, `network:account;via=9:circle`: nothing where it is only an account.
    private static func accountParts(
        _ token: ArraySlice<UInt8>
    ) -> [(name: StaticString, value: ArraySlice<UInt8>)] {
        var parts: [(name: StaticString, value: ArraySlice<UInt8>)] = []
        var rest = token
        if let colon = rest.firstIndex(of: 0x3A), rest[..<colon].allSatisfy({ $0 &- 0x30 < 10 }),
            colon > rest.startIndex
        {
            parts.append(("network", rest[..<colon]))
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
