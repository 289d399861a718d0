// Whether arguments are values that some source knows, and how well a line fits a form of its command.

/// Looks at the values of a line, by what its form says that they mean.
package enum ArgumentFit {
    /// What is wrong with a value.
    package enum Fault: UInt8 {
        /// A word or number that no source knows.
        case unknown
        /// It should be a number.
        case noNumber
        /// It should be the length of a payload, and is no number that can be one.
        case noLength
    }

    /// What is wrong with the value of an argument; nil where it may be.
    package static func fault(of argument: CommandReading.Argument, in frame: Frame) -> Fault? {
        let check = checks[argument.field]
        if check == .anything { return nil }
        let token = frame.bytes.span.extracting(argument.range)
        switch check {
        case .anything: return nil
        case .state: return isState(token) ? nil : .unknown
        case .list: return ValueName.ofList(frame.bytes[argument.range]) != nil ? nil : .unknown
        case .lists: return Decimal.value(of: frame.bytes[argument.range]).map { $0 < 32 } ?? false ? nil : .unknown
        case .reason: return ValueName.ofReason(frame.bytes[argument.range]) != nil ? nil : .unknown
        case .capabilities: return isCapabilities(token) ? nil : .noNumber
        case .network: return isNumber(token) ? (isNetwork(token) ? nil : .unknown) : .noNumber
        case .number: return isNumber(token) ? nil : .noNumber
        // What has one and no payload is out of a log that leaves payloads out.
        case .length: return Decimal.value(of: frame.bytes[argument.range]) == nil ? .noLength : nil
        }
    }

    /// How badly a line fits a form, while nobody knows the dialect: a value that cannot be weighs more than any number of
    /// those that are only unlikely.
    static func misfit(_ reading: CommandReading, _ frame: Frame) -> Int {
        reading.arguments(of: frame).reduce(0) { sum, argument in
            if fault(of: argument, in: frame) != nil { return sum + 100 }
            return sum + (isUnlikely(argument, in: frame) ? 1 : 0)
        }
    }

    /// Whether a value would rather stand in another field.
    private static func isUnlikely(_ argument: CommandReading.Argument, in frame: Frame) -> Bool {
        let token = frame.bytes[argument.range]
        let field = CommandTable.shared.fields[argument.field]
        switch field.meaning {
        case .name: return !token.isEmpty && token.allSatisfy { $0 &- 0x30 <= 10 }
        case .account: return field.parameter.hasPrefix("network:") != hasNetwork(token)
        case .capabilities: return field.parameter.contains(":") != token.contains(0x3A)
        case .object: return token.first != 0x25 && token.first != 0x3C && !token.elementsEqual([0x30])
        case .restriction: return !isFlag(token)
        default: return field.name == "verified" && !isFlag(token)
        }
    }

    private static func isFlag(_ token: ArraySlice<UInt8>) -> Bool {
        token.count == 1 && token.first.map { $0 &- 0x30 < 2 } ?? false
    }

    /// `1:alice@example.com`.
    private static func hasNetwork(_ token: ArraySlice<UInt8>) -> Bool {
        let digits = token.prefix { $0 &- 0x30 < 10 }
        return !digits.isEmpty && token.dropFirst(digits.count).first == 0x3A
    }

    private enum Check: UInt8 { case anything, state, list, lists, reason, capabilities, network, number, length }

    /// What may stand in each field, by the field's place.
    private static let checks: [Check] = CommandTable.shared.fields.map { field in
        switch field.meaning {
        case .state: .state
        case .list: .list
        case .lists: .lists
        case .reason: .reason
        case .capabilities: .capabilities
        case .network: .network
        case .networks: .number
        case .number: field.name == "length" ? .length : field.name == "trid" ? .anything : .number
        default: .anything
        }
    }

    private static func isNumber(_ token: Span<UInt8>) -> Bool {
        guard !token.isEmpty, token.count <= 10 else { return false }
        for index in 0..<token.count where token[index] &- 0x30 > 9 { return false }
        return true
    }

    /// A network that some source knows; servers also say 0.
    private static func isNetwork(_ token: Span<UInt8>) -> Bool {
        if token.count == 1, token[0] &- 0x30 < 2 { return true }
        var number: UInt64 = 0
        for index in 0..<token.count { number = number &* 10 &+ UInt64(token[index] &- 0x30) }
        return number == 0 || ValueName.ofNetwork(number) != nil
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
