// Which archive, for every command that writes or reads one.

import Archive
import ArgumentParser
internal import Events
import Glibc

struct ArchiveOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The archive; without it BUTTERFLYNET_ARCHIVE, else butterflynet.sqlite in the current folder.",
            valueName: "file"))
    var archive: String?

    /// The file that is meant.
    var path: String {
        if let archive { return archive }
        if let named = getenv("BUTTERFLYNET_ARCHIVE"), named[0] != 0 { return String(cString: named) }
        return "butterflynet.sqlite"
    }

    /// The archive, for a command that reads.
    func open() throws -> Archive { try said { try Archive.open(path) } }

    /// Says so where others can read an archive that is written to.
    func warnOfExposure(_ report: (String) -> Void = { Terminal.complain($0) }) {
        if let line = ArchiveFile.exposure(of: path) { report(line) }
    }

    /// Runs something with the archive; trouble with it is one line and exit code 1.
    func said<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as ArchiveError {
            throw CommandError.failed(error.description)
        }
    }
}

/// The flags of commands that record.
struct RecordingOptions: ParsableArguments {
    @OptionGroup var archive: ArchiveOptions

    @Flag(help: "Do not record: the log is the only record, and chats wait for whoever reads it.")
    var noArchive = false

    /// Starts to record, unless that is not wanted.
    func start(_ report: @escaping @Sendable (String) -> Void) throws -> Recorder? {
        guard !noArchive else { return nil }
        return try archive.said {
            do {
                let recorder = try Recorder(path: archive.path, toolVersion: Tool.version, report: report)
                archive.warnOfExposure()
                return recorder
            } catch let error as ArchiveError {
                throw CommandError.failed("\(error)", ["--archive names another file, --no-archive records nothing"])
            }
        }
    }

    /// What a relay says of it when it starts.
    var guide: String {
        noArchive
            ? "Nothing is recorded."
            : "Recording to \(archive.path): butterflynet sessions lists it, show and search look into it."
    }
}

enum Tool {
    /// What this program is called in recordings and in `--version`.
    static let version = "0.1.0"
}
