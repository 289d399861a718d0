// Whether an archive can be used: its version, who records into it, and whether SQLite finds it sound. Only reads.

internal import GRDB
internal import Glibc

/// The condition of an archive.
package struct ArchiveHealth: Sendable, Hashable {
    /// The size of the file with its write-ahead log, in bytes.
    package var bytes: Int64 = 0
    /// The number of the last migration; 0 in an empty file.
    package var version = 0
    /// The processes that record into it now.
    package var recordedBy: [Int] = []
    /// The time from its first to its last event in seconds.
    package var seconds = 0.0
    /// What `PRAGMA quick_check` reports; empty if the archive is sound.
    package var faults: [String] = []

    /// The most faults that are reported.
    private static let mostFaults = 5

    /// Examines an archive without changing it.
    ///
    /// - Throws: `ArchiveError` if it cannot be read.
    package init(_ path: String) throws {
        let archive = try Archive(path, isReadOnly: true, waiting: Archive.patience)
        self = try archive.guarded { try archive.queue.writeWithoutTransaction { try ArchiveHealth($0) } }
        for file in [archive.file, archive.file + "-wal"] {
            var status = stat()
            if stat(file, &status) == 0 { bytes &+= Int64(status.st_size) }
        }
    }

    private init(_ db: Database) throws {
        version = try Schema.migrator.appliedMigrations(db).compactMap { Int($0) }.max() ?? 0
        let check = try PreparedStatement("PRAGMA quick_check(\(Self.mostFaults))", in: db)
        defer { check.reset() }
        while try check.step() {
            let line = check.text(0)
            if line != "ok" { faults.append(line) }
        }
        guard version > 0, faults.isEmpty else { return }
        let span = try PreparedStatement("SELECT min(opened_ns), max(last_ns) FROM connection", in: db)
        defer { span.reset() }
        if try span.step(), let first = span.optionalInteger(0), let last = span.optionalInteger(1), last > first {
            seconds = Double(last &- first) / 1e9
        }
        let running = try PreparedStatement("SELECT process FROM recording WHERE ended_ns IS NULL", in: db)
        defer { running.reset() }
        while try running.step() {
            let mark = running.text(0)
            guard ProcessMark.isAlive(mark), let process = mark.split(separator: " ").first.flatMap({ Int($0) }) else {
                continue
            }
            recordedBy.append(process)
        }
    }
}
