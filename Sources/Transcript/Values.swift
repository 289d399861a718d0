// Whether arguments are values that some source knows: states, lists, numbers, lengths.

internal import MSNP

/// Looks at the values of a line whose form is right.
enum Values {
    /// What is wrong with the first value that cannot be; nil where there is none.
    static func judge(_ frame: Frame, _ side: Side, _ reading: CommandReading) -> Finding? {
        guard isLookedAt(frame) else { return nil }
        for argument in reading.arguments(of: frame) {
            let field = ArgumentField.all[argument.field]
            let token = frame.bytes[argument.range]
            guard !isPossible(token, field, frame) else { continue }
            let value = String(decoding: token.prefix(40), as: UTF8.self)
            let text = "The \(field.name) of \(frame.verb) is \(value.isEmpty ? "empty" : value), which no source has."
            return Finding(.argumentForm, text, side: side)
        }
        return nil
    }

    /// The commands that have such values, and those with a payload where none followed: most lines are neither, and cost
    /// nothing.
    private static func isLookedAt(_ frame: Frame) -> Bool {
        switch frame.verb {
        case "CHG", "NLN", "ILN", "ADD", "ADC", "REM", "LST", "SYN", "OUT", "QNG", "FLN", "IRO", "FIL": true
        case "MSG", "SDC", "PAG", "PGD", "UUX", "ADL", "RML", "FQY", "UUN", "UUM", "VAS", "PUT", "DEL", "SDG", "NOT",
            "IPG", "GCF", "UBX", "UBN", "UBM", "NFY", "QRY":
            frame.payload.isEmpty
        default: false
        }
    }

    private static func isPossible(_ token: ArraySlice<UInt8>, _ field: ArgumentField, _ frame: Frame) -> Bool {
        switch field.meaning {
        case .state: return isState(token)
        case .list: return ValueName.ofList(token) != nil
        case .lists: return Decimal.value(of: token).map { $0 < 32 } ?? false
        case .reason: return ValueName.ofReason(token) != nil
        case .capabilities:
            let parts = token.split(separator: 0x3A, maxSplits: 1, omittingEmptySubsequences: false)
            return parts.allSatisfy { Decimal.value(of: $0) != nil }
        case .network, .networks: return Decimal.value(of: token) != nil
        case .number where field.name == "length":
            // A line whose length is one has its payload behind it, unless that is empty.
            return !frame.payload.isEmpty || Decimal.value(of: token) == 0
        case .number where field.name != "trid": return Decimal.value(of: token) != nil
        default: return true
        }
    }

    private static let states: [Verb] = ["NLN", "FLN", "HDN", "BSY", "IDL", "BRB", "AWY", "PHN", "LUN"]

    private static func isState(_ token: ArraySlice<UInt8>) -> Bool {
        guard token.count == 3 else { return false }
        let packed = token.reduce(UInt32(0)) { $0 &<< 8 | UInt32($1) }
        return states.contains { $0.packed == packed }
    }
}
