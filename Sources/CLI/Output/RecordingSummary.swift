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
        let option = archive.archive.map { " --archive \($0)" } ?? ""
        let command = ProgramInfo.command
        let shown = totals.signIns.last ?? recording
        lines.append("See it with: \(command) show \(shown)\(option), \(command) transcript \(shown)\(option)")
        return lines
    }
}
