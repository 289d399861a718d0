// // The rows of the table `recording`, the clocks, and the mark of the recording process.

internal import Events
internal import GRDB
internal import Glibc

/// Inserts and completes rows of `recording`.
enum Recordings {
    static func begin(_ kind: String, _ toolVersion: String, _ now: Timestamp, isComplete: Bool, _ db: Database) throws
        -> Int64
    {
        let insert = try Prepared(
            "INSERT INTO recording (kind, tool_version, started_ns, is_complete, process) VALUES (?, ?, ?, ?, ?)",
            in: db)
        insert.bind(1, kind)
        insert.bind(2, toolVersion)
        insert.bind(3, now.nanoseconds)
        insert.bind(4, isComplete ? 1 : 0)
        insert.bind(5, ProcessMark.own)
        try insert.run()
        return insert.lastRow
    }

    static func complete(_ recording: Int64, troubles: [String], _ db: Database) throws {
        let update = try Prepared(
            "UPDATE recording SET is_complete = 1, ended_ns = ?, troubles = ? WHERE id = ?", in: db)
        update.bind(1, Clock.now().nanoseconds)
        update.bind(2, troubles.joined(separator: "\n"))
        update.bind(3, recording)
        try update.run()
        if update.changes == 0 { throw ArchiveError("the import was removed by another program while it ran") }
    }
}

/// The clocks of recordings.
enum Clock {
    /// Nanoseconds on the monotonic clock, for measuring durations.
    static func ticks() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }
}

/// Identifies the process that makes a recording, so that a killed one can be distinguished from a running one.
enum ProcessMark {
    /// The mark of this process: its process identifier and start time.
    static let own = mark(of: getpid()) ?? "\(getpid())"

    /// Whether the process with this mark still runs.
    static func isAlive(_ mark: String) -> Bool {
        guard let number = mark.split(separator: " ").first.flatMap({ Int32($0) }), number > 0 else { return false }
        return Self.mark(of: number) == mark
    }

    private static func mark(of process: Int32) -> String? {
        guard let file = fopen("/proc/\(process)/stat", "r") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 1_024)
        let count = fread(&buffer, 1, buffer.count - 1, file)
        let text = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The name in parentheses may contain any characters; the fields after it do not.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19 else { return nil }
        return "\(process) \(fields[19])"
    }
}
