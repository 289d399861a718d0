// Transferred files and pictures as rows.

package import Events
internal import GRDB

/// One file or object that was transferred.
package struct MediaRow: Sendable {
    /// Its row.
    package internal(set) var id: Int64
    /// The event that it came with: of a transfer in several packets, the last one that this program needed.
    package internal(set) var address: EventAddress?
    /// The row of the connection that carried it.
    package internal(set) var connection: Int64
    /// When it was offered, or its first bytes were sent.
    package internal(set) var time: Timestamp
    /// `file`, `picture`, `emoticon` and so on.
    package internal(set) var kind: String
    /// The name that the sender gave it.
    package internal(set) var name: String?
    /// The accounts; empty if unknown.
    package internal(set) var sender: String
    package internal(set) var recipient: String
    /// The size in bytes, if known.
    package internal(set) var size: Int64?
    /// The size that was offered.
    package internal(set) var declaredSize: Int64?
    /// How many bytes were recorded.
    package internal(set) var received: Int64
    /// Whether all bytes were recorded.
    package internal(set) var isComplete: Bool
    /// `p2p`, `p2p_direct`, `msnftp`, `message`.
    package internal(set) var method: String
    /// Why it is incomplete, if known.
    package internal(set) var reason: String?
    /// What became of an offer that was not accepted: `declined`, `withdrawn`, `unanswered`.
    package internal(set) var refusal: String?
    /// The media type by the first bytes; nil if nothing was recorded.
    package internal(set) var type: String?
    /// The digests; nil if it is not complete. `sha1d` is the digest that its description tells, in base64.
    package internal(set) var sha256: [UInt8]?
    package internal(set) var sha1d: String?
    /// Whether the archive has its bytes as a picture that can be shown.
    package internal(set) var isPicture: Bool
}

/// How much of a transfer was recorded.
package struct TransferOutcome: Sendable, Hashable {
    package var isComplete: Bool
    /// How many bytes were recorded.
    package var received: Int64
    /// Why it is incomplete, if known.
    package var reason: String?
}

extension ArchiveReader {
    /// Reads files and objects, in the order in which their rows were made.
    ///
    /// - Parameters:
    ///   - scope: whose.
    ///   - kind: only those of this kind.
    ///   - row: those behind this row.
    /// - Returns: at most `limit` of them; none in read-only archives before schema 5.
    package func media(
        _ scope: EventScope, kind: String? = nil, after row: Int64 = 0, limit: Int,
        _ control: ReadControl = ReadControl()
    ) throws -> [MediaRow] {
        try reading(control) { session in
            guard session.hasEventNumbers else { return [] }
            let limit = min(max(limit, 1), Self.mostItems)
            // Of a few connections the index finds the rows; else all are gone through in their order.
            let wanted = try session.connections(of: scope)
            let areFew = wanted.map { $0.count <= Self.fewConnectionsWithMedia } ?? false
            let all = wanted.map(Set.init)
            let select = try PreparedStatement(
                """
                SELECT id, connection, event, time_ns, kind, name, sender, recipient, size, is_complete, type, sha256,
                sha1d, sha256 IN (SELECT sha256 FROM picture), declared_size, received_bytes, method, reason, refusal
                FROM media WHERE id > ?1 AND (?2 IS NULL OR kind = ?2) \(areFew ? "AND connection = ?3" : "")
                AND connection IN (SELECT id FROM connection WHERE recording IN
                    (SELECT id FROM recording WHERE is_complete))
                ORDER BY id LIMIT ?4
                """, in: session.db)
            select.longestText = ArchiveLimits.longestLabel
            defer { select.reset() }
            select.bind(1, row)
            select.bind(2, kind)
            select.bind(4, areFew ? limit : Int.max)
            func read(_ rows: inout [MediaRow]) throws {
                while rows.count < limit || areFew, try select.step() {
                    try control.check()
                    let connection = select.integer(1)
                    guard all?.contains(connection) ?? true else { continue }
                    rows.append(Self.row(select, connection))
                }
            }
            var rows: [MediaRow] = []
            guard areFew else {
                try read(&rows)
                return rows
            }
            for connection in wanted ?? [] {
                select.reset()
                select.bind(3, connection)
                try read(&rows)
            }
            return Array(rows.sorted { $0.id < $1.id }.prefix(limit))
        }
    }

    private static let fewConnectionsWithMedia = 500

    private static func row(_ select: PreparedStatement, _ connection: Int64) -> MediaRow {
        MediaRow(
            id: select.integer(0),
            address: select.optionalInteger(2).map { EventAddress(connection: connection, number: $0) },
            connection: connection, time: Timestamp(nanoseconds: select.integer(3)), kind: select.text(4),
            name: select.optionalText(5), sender: select.text(6), recipient: select.text(7),
            size: select.optionalInteger(8), declaredSize: select.optionalInteger(14),
            received: select.integer(15), isComplete: select.integer(9) != 0, method: select.text(16),
            reason: select.optionalText(17), refusal: select.optionalText(18),
            type: select.optionalText(10), sha256: select.isNull(11) ? nil : select.blob(11),
            sha1d: select.optionalText(12), isPicture: select.integer(13) != 0)
    }

    /// How much was recorded of the transfers that began with some events, whatever the rest of the talk shows.
    package func outcomes(
        at addresses: [EventAddress], _ control: ReadControl = ReadControl()
    ) throws -> [EventAddress: TransferOutcome] {
        try reading(control) { session in
            guard session.hasEventNumbers else { return [:] }
            let select = try PreparedStatement(
                "SELECT is_complete, received_bytes, reason FROM media WHERE connection = ? AND event = ? LIMIT 1",
                in: session.db)
            select.longestText = ArchiveLimits.longestLabel
            var found: [EventAddress: TransferOutcome] = [:]
            for address in addresses {
                select.bind(1, address.connection)
                select.bind(2, address.number)
                defer { select.reset() }
                guard try select.step() else { continue }
                found[address] = TransferOutcome(
                    isComplete: select.integer(0) != 0, received: select.integer(1), reason: select.optionalText(2))
            }
            return found
        }
    }

    /// The bytes of a picture, and its media type; nil if the archive does not have it.
    package func picture(
        sha256: [UInt8], _ control: ReadControl = ReadControl()
    ) throws -> (type: String, bytes: [UInt8])? {
        try reading(control) { session in
            guard session.hasEventNumbers else { return nil }
            let select = try PreparedStatement("SELECT type, bytes FROM picture WHERE sha256 = ?", in: session.db)
            defer { select.reset() }
            select.bind(1, blob: sha256)
            return try select.step() ? (select.text(0), select.blob(1)) : nil
        }
    }

    /// The digests of the pictures that the archive has, by the digest that their descriptions tell (`SHA1D`), so that
    /// emoticons can be shown.
    package func pictures(
        sha1d: [String], _ control: ReadControl = ReadControl()
    ) throws -> [String: [UInt8]] {
        try reading(control) { session in
            guard session.hasEventNumbers else { return [:] }
            let select = try PreparedStatement(
                "SELECT sha256 FROM media WHERE sha1d = ? AND sha256 IN (SELECT sha256 FROM picture) LIMIT 1",
                in: session.db)
            defer { select.reset() }
            var found: [String: [UInt8]] = [:]
            for digest in sha1d where found[digest] == nil {
                select.bind(1, digest)
                if try select.step() { found[digest] = select.blob(0) }
                select.reset()
            }
            return found
        }
    }
}
