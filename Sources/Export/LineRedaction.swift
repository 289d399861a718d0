// Command lines: what each argument is worth, by the name that the commands table gives it.

internal import MSNP

/// What is done with arguments.
enum ArgumentRules {
    /// What may stand in an argument that is kept; whatever else stands there is replaced.
    enum Harmless {
        /// Numbers and their signs.
        case number
        /// Short words in capitals.
        case word
        /// Versions of programs and systems.
        case version
        /// Exactly what the table says.
        case itself
    }

    /// The treatment of an argument with this name; nil for those that are kept if they look as they should.
    static func treatment(of name: String) -> Treatment? {
        switch name {
        case _ where name.hasSuffix("msnobj"): .object
        case _ where name.contains("email"), _ where name.hasPrefix("C=") == false && name.hasPrefix("N="): .account
        case "friendly", "F=friendly": .name
        case "host", "host:port", "current-host:port": .address
        case "cookie", "ticket", "auth-cookie", "salt", "params": .token(.secret)
        case "hex-digest|password": .hex(.secret)
        case "response-blob", "base64-ticket", "nonce-base64", "hop-base64": .base64(.secret)
        case "group-id|group-guid", "group-id|guid", "group-guid", "group-guids", "contact-guid", "C=contact-guid",
            "C=guid", "{machine-guid}":
            .hex(.identifier)
        case "text", "value": .text
        default: harmless(name) == nil ? .token(.text) : nil
        }
    }

    /// How an argument with this name looks if it tells of nobody; nil where it might.
    static func harmless(_ name: String) -> Harmless? {
        switch name {
        case "TrID", "TrID|0", "length", "list-version", "index", "total", "network", "from-network", "to-network",
            "network-bits", "list-bits", "group-id", "group-ids", "type", "size", "minutes", "seconds-to-next",
            "verified",
            "restricted", "settings-version", "contacts", "groups", "number", "code", "device", "session-id",
            "challenge", "site-id",
            "lcid", "caps", "caps:extcaps", "reason-or-flag":
            .number
        case "state", "list", "policy", "package", "service", "reason", "property", "codebase", "library": .word
        case "os-type", "os-ver", "arch", "client-ver", "recommended-ver", "recommended-ver2", "minimum-ver", "dialect",
            "package,package", "product-id", "filename":
            .version
        default: name.utf8.allSatisfy { !($0 &- 0x61 < 26) } ? .itself : nil
        }
    }

    /// Whether an argument that should be harmless is.
    static func isHarmless(_ value: ArraySlice<UInt8>, _ harmless: Harmless, _ name: String) -> Bool {
        switch harmless {
        case .number:
            let isHex = name == "lcid"
            return value.count <= 40
                && value.allSatisfy { $0.isDigit || numberSigns.contains($0) || isHex && ($0 == 0x78 || $0.isHexDigit) }
        case .word:
            return value.count <= 16 && value.count(where: \.isDigit) <= 2
                && value.allSatisfy { $0 &- 0x41 < 26 || $0.isDigit || $0 == 0x5F }
        case .version:
            if value.elementsEqual("Shields.xml".utf8) || value.elementsEqual("msmsgs@msnmsgr.com".utf8) { return true }
            let isProduct = value.count == 16 && value.starts(with: "PROD0".utf8)
            return name == "product-id"
                ? isProduct
                : value.count <= 20 && value.allSatisfy { $0.isLetter || $0.isDigit || $0 == 0x2E || $0 == 0x2C }
        case .itself: return name.split(separator: "|").contains { value.elementsEqual($0.utf8) }
        }
    }

    private static let numberSigns = Set(".,:-+TZ".utf8)
}

extension Draft {
    /// Treats the line of a frame.
    mutating func line(of frame: Frame, from side: Side, _ role: Role, _ dialect: Dialect?) {
        let ranges = frame.argumentRanges
        let forms = Self.fitting(frame, side, role, dialect)
        let hasLength = frame.payloadStart < frame.bytes.count
        for (index, range) in ranges.enumerated() where !range.isEmpty {
            // The length holds the stream together.
            if hasLength, index == ranges.count - 1 { continue }
            // Where several forms fit equally well, one that sees something in an argument is believed.
            var chosen: Treatment?
            var isKeyed = forms.isEmpty
            for fields in forms where chosen == nil && fields.indices.contains(index) {
                chosen = treatment(of: range, fields[index].parameter)
                isKeyed = fields[index].parameter.contains("=")
            }
            if forms.isEmpty { chosen = guess(range, index, frame, side, dialect) }
            guard let chosen else { continue }
            argument(range, chosen, isKeyed: isKeyed)
        }
    }

    /// What each argument is in each of the forms that fit best; nothing where none fits.
    private static func fitting(
        _ frame: Frame, _ side: Side, _ role: Role, _ dialect: Dialect?
    ) -> [[ArgumentField]] {
        CommandReading.all(frame, from: side, role: role, dialect: dialect).compactMap { reading in
            let fields = reading.arguments(of: frame).map { ArgumentField.all[$0.field] }
            return fields.first?.parameter == "argument" ? nil : fields
        }
    }

    private func treatment(of range: Range<Int>, _ name: String) -> Treatment? {
        let value = bytes[range]
        // Words that the table gives as they are: `Hotmail`, `messenger.msn.com`.
        if value.elementsEqual(name.utf8) { return nil }
        switch name {
        // Yes, no, and counters; all else that a property may be tells of somebody.
        case "value" where value.count == 1: return nil
        case "msnobj" where value.elementsEqual("0".utf8), "host:port" where value.elementsEqual("0".utf8): return nil
        case "hex-digest|password" where value.count != 32 || !value.allSatisfy(\.isHexDigit): return .text
        case "email" where value.elementsEqual("Hotmail".utf8), "friendly" where value.elementsEqual("Hotmail".utf8):
            return nil
        case "data|null" where value.elementsEqual("null".utf8): return nil
        // Group 0 and its like are no more than places in a list.
        case _ where name.hasPrefix("group-") && value.count <= 3 && value.allSatisfy(\.isDigit): return nil
        case "email|contact-guid" where !value.contains(0x40), "N=email|C=guid" where !value.contains(0x40):
            return .hex(.identifier)
        default: break
        }
        if let harmless = ArgumentRules.harmless(name), ArgumentRules.isHarmless(value, harmless, name) { return nil }
        return ArgumentRules.treatment(of: name) ?? .token(.text)
    }

    /// An argument of a line in no known form.
    private func guess(_ range: Range<Int>, _ index: Int, _ frame: Frame, _ side: Side, _ dialect: Dialect?)
        -> Treatment?
    {
        let value = bytes[range]
        if index == 0, frame.transaction(from: side, in: dialect) != nil || frame.verb.isError && value.count <= 10 {
            if value.allSatisfy(\.isDigit) { return nil }
        }
        if value.contains(0x40) { return .account }
        if Dialect(token: value) != nil { return nil }
        // Words such as `NLN`, `SB`, `CKI`.
        if value.count <= 3, value.allSatisfy({ $0 &- 0x41 < 26 }) || value.count == 1 && value.allSatisfy(\.isDigit) {
            return nil
        }
        return value.allSatisfy { $0.isDigit || $0 == 0x2E || $0 == 0x3A } ? .address : .text
    }

    private mutating func argument(_ range: Range<Int>, _ treatment: Treatment, isKeyed: Bool) {
        var range = range
        // `N=`, `F=`, `C=` and the directory's `city=` say what follows.
        if isKeyed, let equals = bytes[range].firstIndex(of: 0x3D), equals + 1 < range.upperBound,
            Self.keys.contains(lowered(range.lowerBound..<equals))
        {
            range = equals + 1..<range.upperBound
        }
        treatEncoded(range, treatment)
    }

    private static let keys: Set<String> = ["n", "f", "c", "fname", "lname", "city", "state", "country"]
}
