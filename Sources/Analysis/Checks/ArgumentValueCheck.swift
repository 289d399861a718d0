// Whether arguments are values that some source knows: states, lists, numbers, lengths.

internal import Events
internal import MSNP

/// Looks at the values of a line whose form is right.
enum ArgumentValueCheck {
    /// What is wrong with the first value that cannot be; nil where there is none.
    static func judge(_ frame: Frame, _ side: Side, _ reading: CommandReading) -> Finding? {
        guard isLookedAt(frame) else { return nil }
        for argument in reading.arguments(of: frame) {
            guard let fault = ArgumentFit.fault(of: argument, in: frame) else { continue }
            let name = ArgumentField.all[argument.field].name
            return Finding(.argumentForm, text(name, frame, argument.range, fault), side: side)
        }
        return nil
    }

    /// What is wrong with a value, for people.
    static func text(_ name: String, _ frame: Frame, _ range: Range<Int>, _ fault: ArgumentFit.Fault) -> String {
        guard !range.isEmpty else { return "The \(name) of \(frame.verb) is empty." }
        let value = String(decoding: frame.bytes[range].prefix(40), as: UTF8.self)
        let why =
            switch fault {
            case .unknown: "which no source has"
            case .noNumber: "which is no number"
            case .noLength: "which is no length"
            }
        return "The \(name) of \(frame.verb) is \(value), \(why)."
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
}
