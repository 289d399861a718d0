// Command lines: each argument by the rule for its place. Where a line fits no form, places are not certain.

internal import MSNP

extension RedactionBuffer {
    /// Treats the line of a frame.
    mutating func line(of frame: Frame, from side: Side, _ role: Role, _ dialect: Dialect?) {
        let ranges = frame.argumentRanges
        let forms = Self.fitting(frame, side, role, dialect)
        let certain = forms.isEmpty ? Self.certain(frame, side, role, dialect) : []
        let hasTransaction = frame.transaction(from: side, in: dialect) != nil
        let hasLength = frame.payloadStart < frame.bytes.count
        for (index, range) in ranges.enumerated() where !range.isEmpty {
            // The length holds the stream together.
            if hasLength, index == ranges.count - 1 { continue }
            if index == 0, hasTransaction || frame.verb.isError || Self.isTransaction(forms) {
                transaction(range)
                continue
            }
            // Where several forms fit equally well, one that sees something in an argument is believed.
            let names =
                forms.isEmpty ? certain.dropFirst(index).prefix(1) : forms.compactMap { $0.dropFirst(index).first }[...]
            guard !names.isEmpty else {
                treatEncoded(range, doubtful(range))
                continue
            }
            for name in names {
                let treatment = treatment(of: range, name)
                guard treatment != .keep else { continue }
                argument(range, treatment, isKeyed: name.contains("="))
                break
            }
        }
    }

    /// The name of each argument in each of the forms that fit best; nothing where none fits, or where the table does not
    /// know the arguments.
    private static func fitting(_ frame: Frame, _ side: Side, _ role: Role, _ dialect: Dialect?) -> [[String]] {
        CommandReading.all(frame, from: side, role: role, dialect: dialect).compactMap { reading in
            let names = reading.names(of: frame)
            return names.contains("argument") || names.contains("argument...") ? nil : names
        }
    }

    /// The names of a line's first arguments where it has too many or too few: those in front of the first name or account,
    /// for blanks in names are what makes too many.
    private static func certain(_ frame: Frame, _ side: Side, _ role: Role, _ dialect: Dialect?) -> [String] {
        let names = CommandReading(guessing: frame, from: side, role: role, dialect: dialect)?.names(of: frame) ?? []
        return Array(
            names.prefix {
                !$0.contains("friendly") && !$0.contains("argument") && !$0.contains("email") && $0 != "value"
            })
    }

    private static func isTransaction(_ forms: [[String]]) -> Bool {
        !forms.isEmpty && forms.allSatisfy { $0.first?.hasPrefix("TrID") == true }
    }

    private mutating func transaction(_ range: Range<Int>) {
        if HarmlessValues.number(99_999).holds(bytes[range]) { return }
        put(placeholders.transaction(value(range)), at: range, .identifier)
    }

    private func treatment(of range: Range<Int>, _ name: String) -> Replacement {
        let value = bytes[range]
        switch name {
        case "size" where isLength(value): return .keep
        // Notices of mail are from nobody.
        case "email" where value.elementsEqual("Hotmail".utf8), "friendly" where value.elementsEqual("Hotmail".utf8):
            return .keep
        case "hex-digest|password" where value.count != 32 || !value.allSatisfy(\.isHexDigit): return .text
        case "email|contact-guid" where !value.contains(0x40), "N=email|C=guid" where !value.contains(0x40):
            return .hex(.identifier)
        default: return ArgumentRules.rule(of: name).treatment(of: value)
        }
    }

    /// Whether a number is the length of something that is in the recording.
    func isLength(_ value: ArraySlice<UInt8>) -> Bool {
        HarmlessValues.decimal(value).map { placeholders.learned.lengths.contains($0) } ?? false
    }

    /// What is done with an argument of which nobody knows what it is.
    private func doubtful(_ range: Range<Int>) -> Replacement {
        let value = bytes[range]
        if value.contains(0x40) { return .account }
        return value.allSatisfy { $0.isDigit || $0 == 0x2E || $0 == 0x3A } ? .token(.text) : .text
    }

    private mutating func argument(_ range: Range<Int>, _ treatment: Replacement, isKeyed: Bool) {
        var range = range
        // `N=`, `F=`, `C=` and the directory's `city=` say what follows.
        if isKeyed, let equals = bytes[range].firstIndex(of: 0x3D), equals + 1 < range.upperBound,
            Self.argumentKeys.contains(lowered(range.lowerBound..<equals))
        {
            range = equals + 1..<range.upperBound
        }
        treatEncoded(range, treatment)
    }

    private static let argumentKeys: Set<String> = ["n", "f", "c", "fname", "lname", "city", "state", "country"]
}
