// Whether arguments are values that some source knows: states, lists, numbers, lengths.

internal import MSNP

/// Looks at the values of a line whose form is right.
enum Values {
    /// What is wrong with the first value that cannot be; nil where there is none.
    static func judge(_ frame: Frame, _ side: Side, _ reading: CommandReading) -> Finding? {
        guard isLookedAt(frame) else { return nil }
        for argument in reading.arguments(of: frame) where !isPossible(argument, frame) {
            let value = String(decoding: frame.bytes[argument.range].prefix(40), as: UTF8.self)
            let name = ArgumentField.all[argument.field].name
            let text = "The \(name) of \(frame.verb) is \(value.isEmpty ? "empty" : value), which no source has."
            return Finding(.argumentForm, text, side: side)
        }
        return nil
    }

    /// The commands that have such values, and those with a payload where none followed: most lines are neither, and cost
    /// nothing.
    private static func isLookedAt(_ frame: Frame) -> Bool {
        switch frame.verb {
        case "CHG", "NLN", "ILN", "ADD", "ADC", "REM", "LST", "SYN", "OUT", "QNG", "FLN", "FIL": true
        case "MSG", "SDC", "PAG", "PGD", "UUX", "ADL", "RML", "FQY", "UUN", "UUM", "VAS", "PUT", "DEL", "SDG", "NOT",
            "IPG", "GCF", "UBX", "UBN", "UBM", "NFY", "QRY":
            frame.payload.isEmpty
        default: false
        }
    }

    /// What may stand in each field, by the field's place.
    private static let checks: [Check] = ArgumentField.all.map { field in
        switch field.meaning {
        case .state: .state
        case .list: .list
        case .lists: .lists
        case .reason: .reason
        case .capabilities: .capabilities
        case .network, .networks: .number
        case .number: field.name == "length" ? .length : field.name == "trid" ? .anything : .number
        default: .anything
        }
    }

    private enum Check: UInt8 { case anything, state, list, lists, reason, capabilities, number, length }

    private static func isPossible(_ argument: CommandReading.Argument, _ frame: Frame) -> Bool {
        let check = checks[argument.field]
        if check == .anything { return true }
        let token = frame.bytes.span.extracting(argument.range)
        switch check {
        case .anything: return true
        case .state: return isState(token)
        case .list: return ValueName.ofList(frame.bytes[argument.range]) != nil
        case .lists: return Decimal.value(of: frame.bytes[argument.range]).map { $0 < 32 } ?? false
        case .reason: return ValueName.ofReason(frame.bytes[argument.range]) != nil
        case .capabilities: return isCapabilities(token)
        case .number: return isNumber(token)
        // A line whose length is one has its payload behind it, unless that is empty.
        case .length: return !frame.payload.isEmpty || Decimal.value(of: frame.bytes[argument.range]) == 0
        }
    }

    private static func isNumber(_ token: Span<UInt8>) -> Bool {
        guard !token.isEmpty, token.count <= 10 else { return false }
        for index in 0..<token.count where token[index] &- 0x30 > 9 { return false }
        return true
    }

    /// A number, or two with a colon between.
    private static func isCapabilities(_ token: Span<UInt8>) -> Bool {
        for index in 0..<token.count where token[index] == 0x3A {
            return isNumber(token.extracting(..<index)) && isNumber(token.extracting((index + 1)...))
        }
        return isNumber(token)
    }

    private static func isState(_ token: Span<UInt8>) -> Bool {
        guard token.count == 3 else { return false }
        let packed = UInt32(token[0]) &<< 16 | UInt32(token[1]) &<< 8 | UInt32(token[2])
        for state in states where state.packed == packed { return true }
        return false
    }

    private static let states: [Verb] = ["NLN", "FLN", "HDN", "BSY", "IDL", "BRB", "AWY", "PHN", "LUN"]
}
