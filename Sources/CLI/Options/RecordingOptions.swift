// Options of the commands that record: `relay` and `demo`.

import Archive
import ArgumentParser

/// The archive to record into, and whether to record at all.
struct RecordingOptions: ParsableArguments {
    @OptionGroup var archive: ArchiveOptions

    @Flag(help: "Do not record. The log is then the only record, and connections wait until it is read.")
    var noArchive = false

    /// Opens the archive for recording; nil with `--no-archive`.
    func start(_ report: @escaping @Sendable (String) -> Void) throws -> Recorder? {
        guard !noArchive else { return nil }
        return try archive.convertingErrors {
            do {
                let recorder = try Recorder(path: archive.path, toolVersion: ProgramInfo.version, report: report)
                archive.warnIfReadableByOthers()
                return recorder
            } catch let error as ArchiveError {
                throw CommandError.failed(
                    "\(error)", ["Use --archive FILE for another place, or --no-archive not to record."])
            }
        }
    }

    /// The line on recording in the startup message.
    var startupMessage: String {
        noArchive
            ? "Nothing is recorded."
            : "Recording to \(archive.path). See it with: \(ProgramInfo.command) sessions\(archive.argument)"
    }
}
