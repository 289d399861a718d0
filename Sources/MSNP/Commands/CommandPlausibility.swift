// Estimates whether a single line is an MSNP command, to detect the protocol in captures and pasted logs.

/// Checks whether single lines are plausible MSNP commands.
public enum CommandPlausibility {
    /// Whether the bytes may be the start of a command line.
    public static func mayStart(_ bytes: [UInt8]) -> Bool { CommandHead.mayStartLine(bytes.span, at: 0) }

    /// Whether the arguments exactly match a form of the command, including fixed words and numbers.
    public static func isWellFormed(_ frame: Frame, from side: Side) -> Bool {
        guard frame.verb != .empty, !frame.verb.isError || ErrorName.of(frame.verb) != nil else { return false }
        // Many protocols send three-digit replies. In MSNP, an error repeats the transaction identifier of the request.
        if frame.verb.isError, frame.arguments.first.flatMap({ Decimal.value(of: $0) }) == nil { return false }
        return CommandReading.isExact(frame, from: side)
    }

    /// Whether a single command suffices to detect MSNP: for example, it contains an e-mail address or message headers.
    public static func isConvincing(_ frame: Frame, from side: Side) -> Bool {
        guard isWellFormed(frame, from: side) else { return false }
        switch frame.verb {
        case "MSG":
            return Headers.value(of: "content-type", in: frame.payload) != nil
        case "NLN", "ILN", "JOI", "IRO", "ANS", "RNG", "UBX", "CAL", "USR", "BYE":
            return frame.firstArgument { $0.contains(0x40) } != nil
        case "VER": return !Command.dialects(of: frame, from: side).isEmpty
        case "XFR": return frame.argumentCount > 2
        default: return false
        }
    }

    /// Whether the bytes, taken from the middle of a stream, begin with a complete and well-formed command line.
    public static func begin(_ bytes: [UInt8], from side: Side) -> Bool {
        guard case .line(let head) = CommandHead.scan(bytes.span, from: 0, limit: DecoderLimits().line),
            let frame = Frame(Array(bytes.prefix(head.payloadStart)))
        else { return false }
        return isWellFormed(frame, from: side)
    }
}
