// The error message of an export that cannot be redacted completely.

import MSNP
internal import Redaction

extension CommandError {
    /// The error of a copy that was refused, with a line for each reason.
    static func refused(_ report: RedactionReport) -> CommandError {
        var lines: [String] = []
        for refusal in report.refusals {
            let side = refusal.side == .client ? "the client's" : "the server's"
            lines.append("  c\(refusal.connection): \(refusal.reason.text), \(side) byte \(refusal.offset)")
        }
        let left = report.refusalCount - report.refusals.count
        if left > 0 { lines.append("  and \(left) more") }
        lines.append("export sign-ins or connections without these: butterflynet sessions lists them")
        return .failed("this cannot be shared: something in it could not be read, and might tell of somebody", lines)
    }
}

extension RedactionReport.Reason {
    /// A short description of the content.
    fileprivate var text: String {
        switch self {
        case .unknownCommand(let verb): "the command \(verb), which nobody knows"
        case .alteredStructure: "a command that came out otherwise"
        case .noise(let bytes, let reason): "\(bytes) bytes that are no commands (\(reason.rawValue))"
        case .linkPacket: "a packet of a direct link that cannot be read"
        case .peerPacket: "a peer-to-peer packet that is damaged"
        case .missingContentType: "a message that does not say what it is"
        case .unknownContentType(let type): "a message of the unknown type \(type)"
        }
    }
}
