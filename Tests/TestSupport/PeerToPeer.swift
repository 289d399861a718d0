// What clients send each other: packets and MSNSLP messages.

/// A packet of the peer-to-peer layer, version 1, without its footer.
///
/// - Parameters:
///   - total: the size of the whole message; that of this data where none is given.
///   - length: the length field; that of this data where none is given.
///   - tail: the last 16 bytes of the header.
package func peerPacket(
    session: Int = 0, message: Int, offset: Int = 0, total: Int? = nil, _ data: some Collection<UInt8>,
    length: Int? = nil, flags: Int = 0, tail: [UInt8]? = nil
) -> [UInt8] {
    little(session, 4) + little(message, 4) + little(offset, 8) + little(total ?? data.count, 8)
        + little(length ?? data.count, 4) + little(flags, 4) + (tail ?? little(0, 16)) + data
}

/// A packet on a direct link, behind its length.
package func linkPacket(_ packet: [UInt8]) -> [UInt8] { little(packet.count, 4) + packet }

/// An MSNSLP message.
///
/// - Parameters:
///   - start: the first line.
///   - body: the body with its end.
///   - length: the value of the length header; the length of the body by default.
package func slpMessage(
    _ start: String, from: String, to: String, call: String = "{CA11}", branch: String = "{0}",
    type: String = "sessionreqbody", body: String, length: Int? = nil
) -> [UInt8] {
    let head = [
        start, "To: <msnmsgr:\(to)>", "From: <msnmsgr:\(from)>", "Via: MSNSLP/1.0/TLP ;branch=\(branch)", "CSeq: 0 ",
        "Call-ID: \(call)", "Max-Forwards: 0", "Content-Type: application/x-msnmsgr-\(type)",
        "Content-Length: \(length ?? body.utf8.count)", "", "",
    ]
    return Array((head.joined(separator: "\r\n") + body).utf8)
}
