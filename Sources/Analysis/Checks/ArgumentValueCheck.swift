// Checks the values of arguments: states, lists, numbers, lengths.

internal import Events
internal import MSNP

/// Checks the argument values of a line that matches a command form.
enum ArgumentValueCheck {
    /// The finding on an argument; nil if its value is valid.
    static func finding(_ frame: Frame, _ side: Side, _ argument: CommandReading.Argument) -> Finding? {
        guard let fault = ArgumentFit.fault(of: argument, in: frame) else { return nil }
        let name = ArgumentField.all[argument.field].name
        return Finding(.argumentForm, text(name, frame, argument.range, fault), side: side)
    }

    /// The text of the finding on an invalid value.
    static func text(_ name: String, _ frame: Frame, _ range: Range<Int>, _ fault: ArgumentFit.Fault) -> String {
        guard !range.isEmpty else { return "\(frame.verb): \(name) is empty." }
        let value = String(decoding: frame.bytes[range].prefix(40), as: UTF8.self)
        return switch fault {
        case .unknown: "\(frame.verb): unknown \(name) \(value)."
        case .noNumber: "\(frame.verb): \(name) is not a number: \(value)."
        case .noLength: "\(frame.verb): \(name) is not a valid length: \(value)."
        }
    }

    /// Whether the command has such values, or announces a payload but has none. Other lines are skipped for speed.
    static func isNeeded(_ frame: Frame) -> Bool {
        switch frame.verb {
        case "CHG", "NLN", "ILN", "ADD", "ADC", "REM", "LST", "SYN", "OUT", "QNG", "FLN", "FIL": true
        case "MSG", "SDC", "PAG", "PGD", "UUX", "ADL", "RML", "FQY", "UUN", "UUM", "VAS", "PUT", "DEL", "SDG", "NOT",
            "IPG", "GCF", "UBX", "UBN", "UBM", "NFY", "QRY":
            frame.payloadStart == frame.bytes.count
        default: false
        }
    }
}
