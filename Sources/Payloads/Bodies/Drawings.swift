// Extracts drawings and handwriting, whose data is in the message body itself (p2p.md section 1).

internal import MSNP

/// Turns messages that contain a drawing into transfers.
enum Drawings {
    /// Whether this content type is that of a drawing.
    static func isType(_ type: ByteSlice) -> Bool {
        let name = type.prefix { $0 != 0x3B && $0 != 0x20 }
        return Headers.equal(name, "image/gif") || Headers.equal(name, "application/x-ms-ink")
    }

    /// Delivers the drawing of a complete message, or reports that its data is invalid.
    static func deliver(
        _ frame: Frame, _ kind: Headers.Kind, from sender: String, to recipients: [String], at place: Place,
        _ table: inout TransferTable
    ) {
        let body = frame.bytes[kind.body...]
        let prefix = Array("base64:".utf8)
        let data = body.starts(with: prefix) ? Base64.decode(body.dropFirst(prefix.count)) : Array(body)
        let transfer = transfer(from: sender, to: recipients, at: place)
        if let data, !data.isEmpty {
            table.deliver(transfer, data)
        } else {
            table.giveUp(transfer, because: "its data is not base64")
        }
    }

    /// Reports a drawing of which parts are missing. Incomplete messages of other content types are ignored.
    static func giveUp(
        _ fragment: MessageParts.Fragment, _ table: inout TransferTable
    ) {
        guard let first = fragment.first, let count = fragment.count,
            let type = Headers.kind(of: first.payload).type, isType(first.bytes[type])
        else { return }
        let reason = "only \(fragment.bodies.count) of its \(count) parts were seen"
        let transfer = transfer(from: fragment.sender, to: fragment.recipients, at: fragment.place)
        table.giveUp(transfer, because: reason)
    }

    private static func transfer(from sender: String, to recipients: [String], at place: Place) -> Transfer {
        Transfer(
            number: 0, method: .message, kind: "ink", sender: sender, recipient: recipients.joined(separator: ", "),
            places: [place], lastTime: place.time)
    }
}
