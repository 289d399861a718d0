// How far a line can be believed, for readers who find bytes and have to say what they are.

/// Judges single commands.
public enum CommandPlausibility {
    /// Whether bytes can be the start of a command line.
    public static func mayStart(_ bytes: [UInt8]) -> Bool { CommandHead.mayStartLine(bytes.span, at: 0) }

    /// Whether the arguments fit one of the forms of this command to the letter, fixed words and numbers included.
    public static func isWellFormed(_ frame: Frame, from side: Side) -> Bool {
        guard frame.verb != .empty, !frame.verb.isError || ErrorName.of(frame.verb) != nil else { return false }
        // Many protocols answer with three digits; MSNP's errors name the command that failed by its number.
        if frame.verb.isError, frame.arguments.first.flatMap({ Decimal.value(of: $0) }) == nil { return false }
        return CommandReading.isExact(frame, from: side)
    }

    /// Whether a single command looks like nothing else: an address and a state or a message's headers are in it.
    public static func isConvincing(_ frame: Frame, from side: Side) -> Bool {
        guard isWellFormed(frame, from: side) else { return false }
        let arguments = frame.arguments
        switch frame.verb {
        case "MSG":
            return Headers.value(of: "content-type", in: frame.payload) != nil
        case "NLN", "ILN", "JOI", "IRO", "ANS", "RNG", "UBX", "CAL", "USR", "BYE":
            return arguments.contains { $0.contains(0x40) }
        case "VER": return arguments.dropFirst().contains { Dialect(token: $0) != nil }
        case "XFR": return arguments.count > 2
        default: return false
        }
    }

    /// Whether these bytes, from the middle of a stream, begin with a whole command line that is well-formed.
    public static func begin(_ bytes: [UInt8], from side: Side) -> Bool {
        guard case .line(let head) = CommandHead.scan(bytes.span, from: 0, limit: DecoderLimits().line),
            let frame = Frame(Array(bytes.prefix(head.payloadStart)))
        else { return false }
        return isWellFormed(frame, from: side)
    }
}
