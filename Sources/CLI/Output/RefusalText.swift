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
