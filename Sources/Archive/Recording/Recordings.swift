// Who records, since when, and whether he still does.

internal import Events
internal import GRDB
internal import Glibc

/// The rows of `recording`.
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

/// The time of recordings.
enum Clock {
    /// Nanoseconds on a clock that nobody sets: to measure how long something took.
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

/// Which process makes a recording, so that one that was killed can be told from one that still runs.
enum ProcessMark {
    /// This process: its number and when it was started.
    static let own = mark(of: getpid()) ?? "\(getpid())"

    /// Whether the process of a mark still runs.
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
        // The name in parentheses may hold anything; the fields behind it do not.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19 else { return nil }
        return "\(process) \(fields[19])"
    }
}
