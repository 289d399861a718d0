// The last message of commands that record: what was recorded, and how to look at it.

internal import Analysis
import Archive

enum RecordingSummary {
    /// The lines of the message.
    ///
    /// - Parameters:
    ///   - totals: what was recorded.
    ///   - archive: the option that named the archive.
    static func lines(_ totals: RecordingTotals, _ archive: ArchiveOptions) -> [String] {
        guard let recording = totals.recording, totals.connections > 0 else {
            return ["No client connected; nothing was recorded."]
        }
        var lines = [
            "Recorded as \(recording) in \(archive.path): \(totals.connections.counting("connection")), "
                + "\(totals.commands.counting("command")), \(totals.messages.counting("message"))."
        ]
        let command = ProgramInfo.command
        let shown = totals.signIns.count == 1 ? totals.signIns[0] : recording
        var hints = ["show"]
        if totals.messages > 0 { hints.append("transcript") }
        let hint = hints.map { "\(command) \($0) \(shown)\(archive.argument)" }.joined(separator: ", ")
        lines.append("See it with: \(hint)")
        return lines
    }
}
