// Drawings and handwriting, which lie in messages themselves, often in several parts (p2p.md section 1).

internal import MSNP

/// Puts drawings together.
struct Drawings: Sendable {
    private struct Key: Hashable, Sendable {
        var connection: Int
        var isFromClient: Bool
        var sender: String
        /// `Message-ID`.
        var id: [UInt8]
    }

    private struct Parts: Sendable {
        var bodies: [[UInt8]?]
        var bytes: Int
        var sender: String
        var recipient: String
        var place: Place
        var count: Int { bodies.count { $0 != nil } }
    }

    private var open = Recent<Key, Parts>(most: mostOpen)

    /// Drawings under way at once, the parts and the bytes of one: clients send some ten kilobytes.
    private static let mostOpen = 32
    private static let mostParts = 1_000
    private static let mostBytes = 256 << 10
    private static let longestID = 128

    /// Whether later parts of messages, which name no content type, may be part of a drawing.
    var isWaiting: Bool { !open.isEmpty }

    /// Whether this content type is that of drawings.
    static func isType(_ type: ArraySlice<UInt8>) -> Bool {
        let name = type.prefix { $0 != 0x3B && $0 != 0x20 }
        return Headers.equal(name, "image/gif") || Headers.equal(name, "application/x-ms-ink")
    }

    /// Takes a message that is a drawing, or a later part of something.
    mutating func take(
        _ frame: Frame, from sender: String, to recipient: String, at place: Place, _ table: inout TransferTable,
        _ out: inout [TransferRemark]
    ) {
        let kind = Headers.kind(of: frame.payload)
        let body = Array(frame.bytes[kind.body...])
        func number(_ range: Range<Int>?) -> Int? {
            range.flatMap { Decimal.value(of: frame.bytes[$0]) }.map { Int(clamping: $0) }
        }
        guard let id = kind.messageID, id.count <= Self.longestID else {
            let parts = Parts(bodies: [body], bytes: body.count, sender: sender, recipient: recipient, place: place)
            if kind.type != nil { tell(parts, &table, &out) }
            return
        }
        let key = Key(
            connection: place.connection, isFromClient: place.side == .client, sender: sender,
            id: Array(frame.bytes[id]))
        if kind.type != nil {
            guard let count = number(kind.chunks), count > 0, count <= Self.mostParts else { return }
            var parts = Parts(
                bodies: Array(repeating: nil, count: count), bytes: body.count, sender: sender, recipient: recipient,
                place: place)
            parts.bodies[0] = body
            if let old = open.remove(key) { giveUp(old, &table, &out) }
            if let old = open.set(parts, for: key) { giveUp(old, &table, &out) }
        } else if let index = number(kind.chunk) {
            open.change(key) { parts in
                guard parts.bodies.indices.contains(index), parts.bodies[index] == nil,
                    parts.bytes + body.count <= Self.mostBytes
                else { return }
                parts.bodies[index] = body
                parts.bytes += body.count
            }
        }
        guard let parts = open[key], parts.count == parts.bodies.count else { return }
        open.remove(key)
        tell(parts, &table, &out)
    }

    /// Gives up those of a connection that has ended; of all where none is named.
    mutating func close(_ connection: Int?, _ table: inout TransferTable, _ out: inout [TransferRemark]) {
        guard let connection else {
            for parts in open.removeAll() { giveUp(parts, &table, &out) }
            return
        }
        for key in open.keys.filter({ $0.connection == connection }) {
            if let parts = open.remove(key) { giveUp(parts, &table, &out) }
        }
    }

    private func tell(_ parts: Parts, _ table: inout TransferTable, _ out: inout [TransferRemark]) {
        let whole = Array(parts.bodies.compactMap { $0 }.joined())
        let mark = Array("base64:".utf8)
        let data = whole.starts(with: mark) ? TransferEncoding.base64(whole.dropFirst(mark.count)) : whole
        let transfer = Self.transfer(parts)
        if let data, !data.isEmpty {
            table.deliver(transfer, data, &out)
        } else {
            table.giveUp(transfer, because: "its letters are no base64", &out)
        }
    }

    private func giveUp(_ parts: Parts, _ table: inout TransferTable, _ out: inout [TransferRemark]) {
        let reason = "only \(parts.count) of its \(parts.bodies.count) parts were seen"
        table.giveUp(Self.transfer(parts), because: reason, &out)
    }

    private static func transfer(_ parts: Parts) -> Transfer {
        Transfer(
            number: 0, method: .message, kind: "ink", sender: parts.sender, recipient: parts.recipient,
            places: [parts.place], lastTime: parts.place.time)
    }
}
