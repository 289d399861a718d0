// Redacts command lines: each argument by the rule for its name in the commands table.

internal import MSNP

extension RedactionBuffer {
    /// Redacts the command line of a frame. If the line fits no form of its command, names are known only for its first
    /// arguments.
    mutating func line(of frame: Frame, from side: Side, _ role: Role, _ dialect: Dialect?) {
        let ranges = frame.argumentRanges
        let forms = Self.argumentNames(frame, side, role, dialect)
        let leadingNames = forms.isEmpty ? Self.leadingNames(frame, side, role, dialect) : []
        let hasTransaction = frame.transaction(from: side, in: dialect) != nil
        let hasLength = frame.payloadStart < frame.bytes.count
        for (index, range) in ranges.enumerated() where !range.isEmpty {
            // The payload length must stay: readers need it to find the next frame.
            if hasLength, index == ranges.count - 1 { continue }
            if index == 0, hasTransaction || frame.verb.isError || Self.isTransaction(forms) {
                transaction(range)
                continue
            }
            // If several forms fit equally well, the first one that requires a replacement decides.
            let names =
                forms.isEmpty
                ? leadingNames.dropFirst(index).prefix(1) : forms.compactMap { $0.dropFirst(index).first }[...]
            guard !names.isEmpty else {
                redactEncoded(range, defaultReplacement(range))
                continue
            }
            for name in names {
                let replacement = replacement(of: range, name)
                guard replacement != .keep else { continue }
                argument(range, replacement, isKeyed: name.contains("="))
                break
            }
        }
    }

    /// The argument names of each best-fitting form; empty if none fits or the table does not name the arguments.
    private static func argumentNames(_ frame: Frame, _ side: Side, _ role: Role, _ dialect: Dialect?) -> [[String]] {
        CommandReading.all(frame, from: side, role: role, dialect: dialect).compactMap { reading in
            let names = reading.names(of: frame)
            return names.contains("argument") || names.contains("argument...") ? nil : names
        }
    }

    /// The names of the first arguments if their number is wrong. The list ends before the first name or account,
    /// because blanks in names cause surplus arguments.
    private static func leadingNames(_ frame: Frame, _ side: Side, _ role: Role, _ dialect: Dialect?) -> [String] {
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
        if HarmlessValues.number(99_999).holds(slice(range)) { return }
        put(placeholders.transaction(value(range)), at: range, .identifier)
    }

    private func replacement(of range: Range<Int>, _ name: String) -> Replacement {
        let value = slice(range)
        switch name {
        case "size" where isLength(value): return .keep
        // Mail notices have this word instead of an account.
        case "email" where value.elementsEqual("Hotmail".utf8), "friendly" where value.elementsEqual("Hotmail".utf8):
            return .keep
        case "hex-digest|password" where value.count != 32 || !value.allSatisfy(\.isHexDigit): return .text
        case "email|contact-guid" where !value.contains(0x40), "N=email|C=guid" where !value.contains(0x40):
            return .hex(.identifier)
        default: return ArgumentRules.rule(of: name).replacement(of: value)
        }
    }

    /// Whether a number is the length of data in the recording.
    func isLength(_ value: ByteSlice) -> Bool {
        HarmlessValues.decimal(value).map { placeholders.learned.lengths.contains($0) } ?? false
    }

    /// The replacement for an argument without a known name.
    private func defaultReplacement(_ range: Range<Int>) -> Replacement {
        let value = bytes[range]
        if value.contains(0x40) { return .account }
        return value.allSatisfy { $0.isDigit || $0 == 0x2E || $0 == 0x3A } ? .token(.text) : .text
    }

    private mutating func argument(_ range: Range<Int>, _ replacement: Replacement, isKeyed: Bool) {
        var range = range
        // The keys `N=`, `F=`, `C=` and the directory's `city=` name the value behind them.
        if isKeyed, let equals = bytes[range].firstIndex(of: 0x3D), equals + 1 < range.upperBound,
            Self.argumentKeys.contains(lowered(range.lowerBound..<equals))
        {
            range = equals + 1..<range.upperBound
        }
        redactEncoded(range, replacement)
    }

    private static let argumentKeys: Set<String> = ["n", "f", "c", "fname", "lname", "city", "state", "country"]
}
