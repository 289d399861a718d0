// Writes the bytes and events of connections as blocks of about 64 KiB.

internal import GRDB
internal import MSNP

/// Writes blocks. A connection that says little gets small ones. They are merged when there are many or enough for a full
/// block, and when the connection ends; until then they are not compressed.
final class BlockWriter {
    /// How many small blocks a connection may have.
    private static let mostSmall = 16

    private let insertion: PreparedStatement
    private let selection: PreparedStatement
    private let sizes: PreparedStatement
    private let deletion: PreparedStatement

    init(_ db: Database) throws {
        insertion = try PreparedStatement(
            """
            INSERT INTO block (connection, number, first_ns, last_ns, events, client_length, client_bytes,
            server_length, server_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, in: db)
        selection = try PreparedStatement(
            """
            SELECT first_ns, last_ns, events, client_bytes, client_length, server_bytes, server_length FROM block
            WHERE connection = ? AND number >= ? ORDER BY number
            """, in: db)
        sizes = try PreparedStatement(
            """
            SELECT number, length(events) + client_length + server_length FROM block WHERE connection = ?
            ORDER BY number DESC
            """, in: db)
        deletion = try PreparedStatement("DELETE FROM block WHERE connection = ? AND number >= ?", in: db)
    }

    /// Writes the next blocks of a connection.
    ///
    /// - Parameter bytes: what the parts are places in.
    func write(_ parts: [RowBatch.Block], of bytes: [UInt8], connection: Int64, isClosed: Bool) throws {
        let size = parts.reduce(0) { $0 + $1.size }
        let (end, first) = try lastBlocks(of: connection, before: size, isClosed: isClosed)
        var next = end
        var whole: EventBlock?
        if let first, let last = try merged(connection, from: first) {
            whole = last
            next = first
            deletion.bind(1, connection)
            deletion.bind(2, first)
            try deletion.run()
        }
        var start = parts.startIndex
        while start < parts.endIndex {
            var size = (whole?.size ?? 0) + parts[start].size
            var end = start + 1
            while end < parts.endIndex, size < RecordWriter.blockSize {
                size += parts[end].size
                end += 1
            }
            try insert(
                parts[start..<end], of: bytes, after: whole, number: next, connection,
                isFinal: isClosed || size >= RecordWriter.blockSize)
            whole = nil
            next += 1
            start = end
        }
    }

    /// The number of a connection's next block, and the first of its last blocks that are to be merged with new data.
    private func lastBlocks(of connection: Int64, before size: Int, isClosed: Bool) throws -> (
        next: Int64, first: Int64?
    ) {
        sizes.bind(1, connection)
        defer { sizes.reset() }
        var next: Int64 = 0
        var first: Int64?
        var (count, sum) = (1, Int64(size))
        while count < Self.mostSmall * 2, try sizes.step() {
            let (number, size) = (sizes.integer(0), sizes.integer(1))
            if first == nil { next = max(next, number &+ 1) }
            guard 0..<Int64(RecordWriter.blockSize) ~= size else { break }
            sum &+= size
            count += 1
            first = number
        }
        let isDue = isClosed || count > Self.mostSmall || sum >= RecordWriter.blockSize
        return (next, isDue ? first : nil)
    }

    /// The blocks of a connection from a number on, as one; nil if one of them cannot be read, and they stay.
    private func merged(_ connection: Int64, from first: Int64) throws -> EventBlock? {
        selection.bind(1, connection)
        selection.bind(2, first)
        defer { selection.reset() }
        var whole: EventBlock?
        while try selection.step() {
            guard let client = CompressedBytes(blob: selection.blob(3)[...], length: selection.integer(4)).bytes,
                let server = CompressedBytes(blob: selection.blob(5)[...], length: selection.integer(6)).bytes
            else { return nil }
            let part = EventBlock(
                firstTime: selection.integer(0), lastTime: selection.integer(1), events: selection.blob(2),
                bytes: PerSide(client: client, server: server))
            whole?.append(part)
            if whole == nil { whole = part }
        }
        return whole
    }

    /// Inserts one block of these parts, with another in front of them if there is one.
    private func insert(
        _ parts: ArraySlice<RowBatch.Block>, of bytes: [UInt8], after block: EventBlock?, number: Int64,
        _ connection: Int64, isFinal: Bool
    ) throws {
        guard let first = parts.first, let last = parts.last else { return }
        func packed(_ start: [UInt8]?, _ places: [Range<Int>]) -> CompressedBytes {
            let whole = Self.joined(start, places, of: bytes)
            return isFinal ? CompressedBytes(whole) : CompressedBytes(plain: whole)
        }
        insertion.bind(1, connection)
        insertion.bind(2, number)
        insertion.bind(3, block?.firstTime ?? first.first)
        insertion.bind(4, last.last)
        insertion.bind(5, blob: Self.joined(block?.events, parts.map(\.events), of: bytes))
        let client = packed(block?.bytes.client, parts.map(\.client))
        insertion.bind(6, client.length)
        insertion.bind(7, blob: client.blob)
        let server = packed(block?.bytes.server, parts.map(\.server))
        insertion.bind(8, server.length)
        insertion.bind(9, blob: server.blob)
        try insertion.run()
    }

    private static func joined(_ start: [UInt8]?, _ places: [Range<Int>], of bytes: [UInt8]) -> ArraySlice<UInt8> {
        if start == nil, places.count == 1, let place = places.first { return bytes[place] }
        var result = start ?? []
        for place in places { result += bytes[place] }
        return result[...]
    }
}
