// Inserts and completes the rows of the table `recording`.

internal import Events
internal import GRDB

enum Recordings {
    /// Whether another program records into the archive now. False if there is no table of recordings yet.
    static func isAnyRunning(_ db: Database) throws -> Bool {
        guard try db.tableExists("recording") else { return false }
        let select = try PreparedStatement("SELECT process FROM recording WHERE ended_ns IS NULL", in: db)
        defer { select.reset() }
        while try select.step() {
            let process = select.text(0)
            if process != ProcessMark.own, ProcessMark.isAlive(process) { return true }
        }
        return false
    }

    /// Whether a program records into a recording now.
    static func isRunning(_ recording: Int64, _ db: Database) throws -> Bool {
        let select = try PreparedStatement("SELECT process, ended_ns IS NULL, kind FROM recording WHERE id = ?", in: db)
        defer { select.reset() }
        select.bind(1, recording)
        guard try select.step(), select.integer(1) != 0, select.text(2) == "relay" else { return false }
        return ProcessMark.isAlive(select.text(0))
    }

    static func begin(_ kind: String, _ toolVersion: String, _ now: Timestamp, isComplete: Bool, _ db: Database) throws
        -> Int64
    {
        let insert = try PreparedStatement(
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
        let update = try PreparedStatement(
            "UPDATE recording SET is_complete = 1, ended_ns = ?, troubles = ? WHERE id = ?", in: db)
        update.bind(1, Clock.now().nanoseconds)
        update.bind(2, troubles.joined(separator: "\n"))
        update.bind(3, recording)
        try update.run()
        if update.changes == 0 { throw ArchiveError("the import was removed by another program while it ran") }
    }
}
