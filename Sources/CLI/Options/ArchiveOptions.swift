// The option that names the archive, for every command that reads or writes one.

import Archive
import ArgumentParser
import Glibc

struct ArchiveOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Archive file (default: $BUTTERFLYNET_ARCHIVE, else ./butterflynet.sqlite).", valueName: "file"),
        completion: .file())
    var archive: String?

    /// The path: the option, else the environment variable, else the default.
    var path: String {
        if let archive { return archive }
        if let named = getenv("BUTTERFLYNET_ARCHIVE"), named[0] != 0 { return String(cString: named) }
        return "butterflynet.sqlite"
    }

    /// The option to repeat in a hint; empty if other commands use this archive without it.
    var argument: String { archive.map { " --archive \($0)" } ?? "" }

    /// Whether the command line names the archive.
    var isNamed: Bool { archive != nil }

    /// Opens the existing archive.
    func open() throws -> Archive {
        try convertingErrors { try Archive.open(path) { Terminal.printMessage($0) } }
    }

    /// Opens the existing archive for many requests that only read. Opening it once as other commands do brings it up to
    /// date.
    func reader() throws -> ArchiveReader {
        _ = try open()
        return try convertingErrors { try ArchiveReader(path) }
    }

    /// Opens the archive for writing, or creates it.
    func openOrCreate() throws -> Archive {
        try convertingErrors { try Archive.openOrCreate(path) { Terminal.printMessage($0) } }
    }

    /// Reports an archive that other users can read.
    func warnIfReadableByOthers(_ report: (String) -> Void = { Terminal.printMessage($0) }) {
        if let line = ArchiveFile.exposure(of: path) { report(line) }
    }

    /// Runs an archive operation, and converts its `ArchiveError` to a `CommandError` with exit code 1.
    func convertingErrors<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as ArchiveError {
            throw CommandError.failed(error.description)
        }
    }
}
