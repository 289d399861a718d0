// Makes the rows of transferred files and pictures, by reading the connections that carried them once more.

internal import Analysis
internal import Crypto
internal import Events
internal import GRDB
internal import MSNP
internal import Payloads

/// Derives `media` and `picture`. Only connections with transfers are read. `connection.has_media` is 0 for those that
/// wait for it, so that whoever writes into the archive next can go on.
enum MediaDerivation {
    /// The longest file whose digest is computed, and the longest picture that is kept.
    static let longest = 4 << 20
    static let longestPicture = 2 << 20
    /// The largest number of transfers under way: the data of incomplete ones is in memory.
    private static let mostOpen = 32
    /// The largest number of connections that are read for one that has ended.
    private static let mostTogether = 8

    private static let late = "('\(Role.fileTransfer.rawValue)', '\(Role.peerToPeer.rawValue)')"
    private static let hasTransfers =
        "(role IN \(late) OR EXISTS (SELECT 1 FROM transfer WHERE transfer.connection = connection.id))"

    /// The statement that puts connections on the list of those that wait.
    static func waiting(_ condition: String) -> String {
        "UPDATE connection SET has_media = 0 WHERE \(condition) AND \(hasTransfers)"
    }

    /// Puts a connection that has ended on the list, if it has transfers.
    static func queue(_ connection: Int64, _ db: Database) throws {
        let update = try PreparedStatement(waiting("id = ?"), in: db)
        update.bind(1, connection)
        try update.run()
    }

    /// Puts connections without an end on the list, if their recording has ended.
    static func queueCutOff(_ db: Database) throws {
        let rows = try numbers(
            """
            SELECT connection.id FROM recording JOIN connection ON connection.recording = recording.id
            WHERE kind = 'relay' AND closed_ns IS NULL AND has_media IS NULL AND \(hasTransfers)
            """, nil, db)
        var running: [Int64: Bool] = [:]
        let recording = try PreparedStatement("SELECT recording FROM connection WHERE id = ?", in: db)
        for row in rows {
            recording.bind(1, row)
            defer { recording.reset() }
            guard try recording.step() else { continue }
            let number = recording.integer(0)
            let isRunning = try running[number] ?? Recordings.isRunning(number, db)
            running[number] = isRunning
            if !isRunning { try within(db) { try queue(row, db) } }
        }
    }

    /// Removes the bytes of pictures that no row refers to.
    static func dropUnusedPictures(_ db: Database) throws {
        try PreparedStatement(
            "DELETE FROM picture WHERE sha256 NOT IN (SELECT sha256 FROM media WHERE sha256 IS NOT NULL)", in: db,
            isShared: false, free: StatementBudget.freeWithList
        ).run()
    }

    /// Derives the media of all recordings, in the current transaction.
    static func deriveAll(_ db: Database) throws {
        for recording in try numbers("SELECT id FROM recording WHERE is_complete", nil, db) {
            try derive(recording: recording, db)
        }
    }

    /// Derives the media of recordings with connections that wait. Not those of running relays, which do it themselves.
    static func deriveWaiting(_ db: Database) throws {
        let recordings = try numbers(
            "SELECT DISTINCT recording FROM connection WHERE has_media = 0 AND recording IN "
                + "(SELECT id FROM recording WHERE is_complete)", nil, db)
        for recording in recordings where try !Recordings.isRunning(recording, db) {
            try derive(recording: recording, db)
        }
    }

    /// Derives the media of a recording anew.
    static func derive(recording: Int64, _ db: Database) throws {
        let connections = try numbers(
            "SELECT id FROM connection WHERE recording = ? AND \(hasTransfers) ORDER BY role IN \(late), opened_ns, id",
            recording, db)
        try within(db) {
            let delete = try PreparedStatement(
                "DELETE FROM media WHERE connection IN (SELECT id FROM connection WHERE recording = ?)", in: db)
            delete.bind(1, recording)
            try delete.run()
        }
        var reading = MediaReading(connections)
        while try reading.read(db, until: .max) { try within(db) { try reading.writeRows(db) } }
        try within(db) {
            try reading.writeRows(db)
            let update = try PreparedStatement(
                "UPDATE connection SET has_media = 1 WHERE recording = ? AND has_media = 0", in: db)
            update.bind(1, recording)
            try update.run()
        }
    }

    /// The next connection of a recording that waits, with the connections to read for it; nil if none does.
    static func next(of recording: Int64, _ db: Database) throws -> (connection: Int64, reading: MediaReading)? {
        let select = try PreparedStatement(
            """
            SELECT id, role IN \(late), opened_ns, last_ns FROM connection WHERE recording = ? AND has_media = 0 LIMIT 1
            """, in: db)
        defer { select.reset() }
        select.bind(1, recording)
        guard try select.step() else { return nil }
        let connection = select.integer(0)
        // A transfer is agreed on over one connection and may go over another.
        let others = try PreparedStatement(
            """
            SELECT id FROM connection WHERE recording = ? AND (role IN \(late)) <> ? AND closed_ns IS NOT NULL
            AND opened_ns <= ? AND last_ns >= ? AND \(hasTransfers) ORDER BY opened_ns DESC LIMIT \(mostTogether)
            """, in: db)
        defer { others.reset() }
        others.bind(1, recording)
        others.bind(2, select.integer(1))
        others.bind(3, select.integer(3))
        others.bind(4, select.integer(2))
        var found: [Int64] = []
        while try others.step() { found.append(others.integer(0)) }
        found.reverse()
        // The other connections have transfers of their own, which are not of this one.
        return (
            connection,
            select.integer(1) != 0
                ? MediaReading(found + [connection], only: connection) : MediaReading([connection] + found)
        )
    }

    /// Notes that a connection is done.
    static func finish(_ connection: Int64, _ db: Database) throws {
        let update = try PreparedStatement("UPDATE connection SET has_media = 1 WHERE id = ?", in: db)
        update.bind(1, connection)
        try update.run()
    }

    /// Runs statements in the transaction that is open, or in one of their own.
    static func within(_ db: Database, _ body: () throws -> Void) throws {
        guard !db.isInsideTransaction else { return try body() }
        try db.inTransaction(.immediate) {
            try body()
            return .commit
        }
    }

    private static func numbers(_ sql: String, _ value: Int64?, _ db: Database) throws -> [Int64] {
        let select = try PreparedStatement(sql, in: db, isShared: false)
        defer { select.reset() }
        if let value { select.bind(1, value) }
        var result: [Int64] = []
        while try select.step() { result.append(select.integer(0)) }
        return result
    }

    static func transfers() -> Transfers {
        var limits = TransferLimits()
        limits.open = mostOpen
        return Transfers(.data(most: longest), limits: limits) { Array(Insecure.SHA1.hash(data: $0)) }
    }
}

/// Reads the transfers of some connections, in parts.
struct MediaReading {
    private var waiting: [Int64]
    private var replay: ConnectionReplay?
    private var transfers = MediaDerivation.transfers()
    private var rows: [Transfer] = []
    private var bytes = 0
    private var isFinished = false

    /// The bytes of data that are held before they are written.
    private static let mostBytes = 8 << 20

    private let only: Int64?

    /// - Parameters:
    ///   - connections: in the order in which they are read: direct links and file transfers last.
    ///   - only: write transfers over this connection only.
    init(_ connections: [Int64], only: Int64? = nil) {
        waiting = connections.reversed()
        self.only = only
    }

    /// Reads on.
    ///
    /// - Parameter end: when to stop, by the monotonic clock.
    /// - Returns: whether there is more to read.
    mutating func read(_ db: Database, until end: Int64) throws -> Bool {
        var count = 0
        while bytes < Self.mostBytes {
            if replay == nil {
                guard let next = waiting.popLast() else {
                    if !isFinished { note(transfers.finish()) }
                    isFinished = true
                    return false
                }
                replay = try ConnectionReplay(connection: next, db, .none)
            }
            if let event = try replay?.next() {
                take(event)
            } else {
                if let row = replay?.row { note(transfers.close(Int(row), mayGoOn: true)) }
                replay = nil
            }
            count += 1
            if count & 0x3F == 0, Clock.ticks() >= end { return true }
        }
        return true
    }

    private mutating func take(_ event: Event) {
        // The number of the event takes the place of the offset.
        func place(_ side: Side) -> Place {
            Place(
                connection: event.connection, role: event.role, side: side, time: event.time.nanoseconds,
                offset: UInt64(clamping: replay?.number ?? 0))
        }
        switch event.kind {
        case .frame(let frame, let side): note(transfers.take(frame, at: place(side)))
        case .noise(let noise, let side): note(transfers.take(noise, at: place(side)))
        case .gap(let count, _, let side): transfers.lose(count, at: place(side))
        case .opened(let ends): transfers.open(event.connection, to: HostPort(ends.server), isFromStart: false)
        default: break
        }
    }

    private mutating func note(_ events: [TransferEvent]) {
        for case .ended(let transfer) in events where !transfer.places.isEmpty {
            if let only, !transfer.places.contains(where: { Int64($0.connection) == only }) { continue }
            bytes += transfer.data?.count ?? 0
            rows.append(transfer)
        }
    }

    /// Whether something was read that is to be written.
    var hasRows: Bool { !rows.isEmpty }

    /// Writes what was read, in the current transaction.
    mutating func writeRows(_ db: Database) throws {
        for row in rows { try Self.write(row, db) }
        rows = []
        bytes = 0
    }

    private static func write(_ transfer: Transfer, _ db: Database) throws {
        // What another connection showed of it in part.
        let delete = try PreparedStatement("DELETE FROM media WHERE connection = ? AND event = ?", in: db)
        for place in transfer.places {
            delete.bind(1, Int64(place.connection))
            delete.bind(2, Int64(clamping: place.offset))
            try delete.run()
        }
        guard let place = transfer.places.first else { return }
        let digest = transfer.isComplete ? transfer.data.map { Array(SHA256.hash(data: $0)) } : nil
        let type = transfer.data.map { FileType($0) }
        if let digest, try isKnown(transfer, digest, at: place.time, db) { return }
        let insert = try PreparedStatement(
            """
            INSERT INTO media (connection, event, time_ns, kind, name, sender, recipient, size, declared_size,
            received_bytes, is_complete, method, reason, refusal, type, sha256, sha1d)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, in: db)
        insert.bind(1, Int64(place.connection))
        insert.bind(2, Int64(clamping: place.offset))
        insert.bind(3, place.time)
        insert.bind(4, transfer.kind)
        insert.bind(5, transfer.name)
        insert.bind(6, transfer.sender)
        insert.bind(7, transfer.recipient)
        insert.bind(8, transfer.size.map { Int64(clamping: $0) })
        insert.bind(9, transfer.declaredSize.map { Int64(clamping: $0) })
        insert.bind(10, Int64(clamping: transfer.received.count))
        insert.bind(11, transfer.isComplete ? 1 : 0)
        insert.bind(12, transfer.method.rawValue)
        insert.bind(13, transfer.reason)
        insert.bind(14, transfer.refusal.map { "\($0)" })
        insert.bind(15, type.map(\.mediaType))
        if let digest { insert.bind(16, blob: digest) } else { insert.bind(16, Int64?.none) }
        insert.bind(17, transfer.object?["SHA1D"])
        try insert.run()
        guard let digest, let data = transfer.data, let type, type.isPicture,
            data.count <= MediaDerivation.longestPicture, PictureSize(Array(data), of: type)?.isShown == true
        else { return }
        let picture = try PreparedStatement(
            "INSERT OR IGNORE INTO picture (sha256, type, bytes) VALUES (?, ?, ?)", in: db)
        picture.bind(1, blob: digest)
        picture.bind(2, type.mediaType)
        try picture.run(with: 3, blob: data)
    }

    /// Whether another connection of the recording showed the same transfer: both clients receive it within seconds.
    private static func isKnown(_ transfer: Transfer, _ digest: [UInt8], at time: Int64, _ db: Database) throws -> Bool
    {
        let select = try PreparedStatement(
            """
            SELECT 1 FROM media JOIN connection ON connection.id = media.connection
            WHERE sha256 = ?1 AND kind = ?2 AND name IS ?3 AND sender = ?4 AND recipient = ?5
            AND time_ns > ?6 - 60000000000 AND time_ns < ?6 + 60000000000
            AND recording = (SELECT recording FROM connection WHERE id = ?7)
            """, in: db)
        defer { select.reset() }
        select.bind(1, blob: digest)
        select.bind(2, transfer.kind)
        select.bind(3, transfer.name)
        select.bind(4, transfer.sender)
        select.bind(5, transfer.recipient)
        select.bind(6, time)
        select.bind(7, Int64(transfer.places.first?.connection ?? 0))
        return try select.step()
    }
}

extension Archive {
    /// Makes the rows that nobody had time to make: those of killed relays, and of archives of older versions.
    func completeDerivation(_ db: Database, wasOlder: Bool) throws {
        do {
            if wasOlder { try MediaDerivation.within(db) { try EventNumbers.fill(db) } }
            try TalkDerivation.deriveCutOff(db)
            try MediaDerivation.queueCutOff(db)
            try MediaDerivation.deriveWaiting(db)
        } catch is DatabaseError {
            // The archive is damaged, or another program writes; whoever opens it the next time tries again.
        }
    }
}
