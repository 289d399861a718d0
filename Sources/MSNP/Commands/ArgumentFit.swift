// Validates argument values, and scores how well a line matches a form of its command.

/// Checks the argument values of a command against the meanings that its form assigns to them.
package enum ArgumentFit {
    /// The fault of an argument value.
    package enum Fault: UInt8 {
        /// An undocumented word or number.
        case unknown
        /// The value of a numeric field is not a number.
        case noNumber
        /// The value of a payload length field is not a valid length.
        case noLength
    }

    /// The fault of an argument's value; nil if the value is valid.
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
        // A valid length without a payload is not a fault: some logs omit payloads.
        case .length: return Decimal.value(of: frame.bytes[argument.range]) == nil ? .noLength : nil
        }
    }

    /// A score that is higher the worse a line matches a form, used while the dialect is unknown. An invalid value adds
    /// 100, more than all unlikely values (1 each) together.
    static func mismatch(_ reading: CommandReading, _ frame: Frame) -> Int {
        reading.arguments(of: frame).reduce(0) { sum, argument in
            if fault(of: argument, in: frame) != nil { return sum + 100 }
            return sum + (isUnlikely(argument, in: frame) ? 1 : 0)
        }
    }

    /// Whether the value looks as if it belongs to another field.
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

    private static func isFlag(_ token: ByteSlice) -> Bool {
        token.count == 1 && token.first.map { $0 &- 0x30 < 2 } ?? false
    }

    /// Whether an address begins with a network number, as `1:alice@example.com` does.
    private static func hasNetwork(_ token: ByteSlice) -> Bool {
        let digits = token.prefix { $0 &- 0x30 < 10 }
        return !digits.isEmpty && token.dropFirst(digits.count).first == 0x3A
    }

    private enum Check: UInt8 { case anything, state, list, lists, reason, capabilities, network, number, length }

    /// The check for each field, indexed like `CommandTable.fields`.
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

    /// Whether a number is a documented network, or 0, which servers also send.
    private static func isNetwork(_ token: Span<UInt8>) -> Bool {
        if token.count == 1, token[0] &- 0x30 < 2 { return true }
        var number: UInt64 = 0
        for index in 0..<token.count { number = number &* 10 &+ UInt64(token[index] &- 0x30) }
        return number == 0 || ValueName.ofNetwork(number) != nil
    }

    /// Whether a token is one number, or two separated by a colon.
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
