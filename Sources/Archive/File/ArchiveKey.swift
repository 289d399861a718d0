// The key for masks of an archive's secrets: random, stored in the archive, which only its owner can read.

internal import Events
internal import GRDB

enum ArchiveKey {
    private static let name = "mask_key"
    /// How many bytes of recorded streams a key is derived from if none is stored.
    private static let mostContent = 1 << 20

    /// The stored key; nil if there is none.
    static func kept(_ db: Database) throws -> MaskKey? {
        guard try db.tableExists("metadata") else { return nil }
        let select = try PreparedStatement("SELECT value FROM metadata WHERE name = ?", in: db)
        defer { select.reset() }
        select.bind(1, name)
        guard try select.step() else { return nil }
        let bytes = select.blob(0)
        return bytes.count == MaskKey.length ? MaskKey(bytes) : nil
    }

    /// The stored key; stores the new one if there is none.
    static func keptOrNew(_ new: MaskKey, _ db: Database) throws -> MaskKey {
        if let key = try kept(db) { return key }
        var result = new
        try db.inTransaction(.immediate) {
            // Another program may have stored one meanwhile.
            if let key = try kept(db) {
                result = key
                return .commit
            }
            let insert = try PreparedStatement("INSERT OR REPLACE INTO metadata (name, value) VALUES (?, ?)", in: db)
            insert.bind(1, name)
            insert.bind(2, blob: new.bytes)
            try insert.run()
            return .commit
        }
        return result
    }

    /// A key for a read-only archive without one, derived from its first recorded data.
    static func derived(_ db: Database) throws -> MaskKey {
        var content: [UInt8] = []
        let recordings = try PreparedStatement("SELECT started_ns, process FROM recording ORDER BY id LIMIT 1", in: db)
        defer { recordings.reset() }
        if try recordings.step() { content += "\(recordings.integer(0)) \(recordings.text(1))".utf8 }
        let blocks = try PreparedStatement("SELECT client_bytes, server_bytes FROM block ORDER BY id LIMIT 64", in: db)
        defer { blocks.reset() }
        while content.count < mostContent, try blocks.step() {
            content += blocks.blob(0)
            content += blocks.blob(1)
        }
        return MaskKey(derivedFrom: content.prefix(mostContent))
    }
}
