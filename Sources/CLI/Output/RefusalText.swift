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
        lines.append("export sign-ins or connections without this data: \(ProgramInfo.command) sessions lists them")
        return .failed(
            "nothing was exported: some data cannot be parsed, so private values in it cannot be replaced", lines)
    }
}

extension RedactionReport.Reason {
    /// A short description of the content.
    fileprivate var text: String {
        switch self {
        case .unknownCommand(let verb): "the unknown command \(verb)"
        case .alteredStructure: "a command that would not keep its structure"
        case .noise(let bytes, let reason): "\(bytes) bytes that are not MSNP (\(reason.rawValue))"
        case .linkPacket: "a packet of a direct link that cannot be parsed"
        case .peerPacket: "a damaged peer-to-peer packet"
        case .missingContentType: "a message without a Content-Type"
        case .unknownContentType(let type): "a message of the unknown type \(type)"
        }
    }
}
