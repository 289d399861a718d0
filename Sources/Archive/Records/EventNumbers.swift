// Finds the events that messages and findings of older archives belong to.

internal import Events
internal import GRDB

enum EventNumbers {
    /// Fills in the numbers that are missing, from the indices of blocks alone. Where several events have the time of a
    /// finding, the last one is taken; `reindex` knows better.
    static func fill(_ db: Database) throws {
        let select = try PreparedStatement(
            """
            SELECT connection FROM message WHERE event IS NULL
            UNION SELECT connection FROM finding WHERE event IS NULL AND connection IS NOT NULL
            """, in: db, isShared: false, free: StatementBudget.freeWithList)
        var connections: [Int64] = []
        while try select.step() { connections.append(select.integer(0)) }
        for connection in connections { try fill(connection, db) }
    }

    private static func fill(_ connection: Int64, _ db: Database) throws {
        /// The messages by frame, recorded findings in order, and others by time.
        var messages: [Int64: [Int64]] = [:]
        var findings: [Int64: [Int64]] = [:]
        try rows("SELECT id, frame FROM message WHERE connection = ? AND event IS NULL", connection, db) {
            messages[$0.integer(1), default: []].append($0.integer(0))
        }
        try rows("SELECT id, time_ns FROM finding WHERE connection = ? AND event IS NULL", connection, db) {
            findings[$0.integer(1), default: []].append($0.integer(0))
        }
        let message = try PreparedStatement("UPDATE message SET event = ? WHERE id = ?", in: db)
        var numbers: [Int64: Int64] = [:]
        var counts = EventCounts()
        let blocks = try PreparedStatement(
            "SELECT number, events FROM block WHERE connection = ? AND number > ? ORDER BY number LIMIT 1", in: db)
        var last: Int64 = -1
        while true {
            blocks.bind(1, connection)
            blocks.bind(2, last)
            defer { blocks.reset() }
            guard try blocks.step(), blocks.integer(0) > last else { break }
            last = blocks.integer(0)
            let before = counts.events
            for (index, entry) in BlockEntry.decode(blocks.blob(1), &counts).enumerated() {
                let number = before + Int64(index) + 1
                if findings[entry.time] != nil { numbers[entry.time] = number }
                guard entry.kind == .frame, let rows = messages[entry.nth + 1] else { continue }
                for row in rows {
                    message.bind(1, number)
                    message.bind(2, row)
                    try message.run()
                }
            }
        }
        let finding = try PreparedStatement("UPDATE finding SET event = ? WHERE id = ?", in: db)
        for (time, rows) in findings {
            guard let number = numbers[time] else { continue }
            for row in rows {
                finding.bind(1, number)
                finding.bind(2, row)
                try finding.run()
            }
        }
    }

    private static func rows(
        _ sql: String, _ connection: Int64, _ db: Database, _ take: (PreparedStatement) -> Void
    ) throws {
        let select = try PreparedStatement(sql, in: db)
        defer { select.reset() }
        select.bind(1, connection)
        while try select.step() { take(select) }
    }
}
