// Options of the commands that record: `relay` and `demo`.

import Archive
import ArgumentParser

/// The archive to record into, and whether to record at all.
struct RecordingOptions: ParsableArguments {
    @OptionGroup var archive: ArchiveOptions

    @Flag(help: "Do not record: the log is the only record, and chats wait for whoever reads it.")
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
                throw CommandError.failed("\(error)", ["--archive names another file, --no-archive records nothing"])
            }
        }
    }

    /// The line on recording in the startup message.
    var startupMessage: String {
        noArchive
            ? "Nothing is recorded."
            : "Recording to \(archive.path). See it with: butterflynet sessions, show, search, transcript"
    }
}
