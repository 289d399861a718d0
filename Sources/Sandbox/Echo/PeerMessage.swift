// Writes messages of the peer-to-peer layer, version 1 (p2p.md section 2).

import Payloads

/// The flags of packets that the echo contact uses.
enum PeerFlag {
    static let acknowledgement: UInt32 = 0x02
    /// The data of an object.
    static let object: UInt32 = 0x20
    /// Not acknowledged, error, close and transport error: the other side has given up.
    static let failure: UInt32 = 0x01 | 0x08 | 0x40 | 0x80
}

/// A message, which is sent in chunks.
struct PeerMessage {
    /// 0 for MSNSLP.
    let session: UInt32
    let identifier: UInt32
    let flags: UInt32
    /// The number after the data.
    let application: UInt32
    let data: [UInt8]

    /// The largest chunk in bytes.
    static let mostChunk = 1_202

    /// The payloads of the `MSG` commands, one for each chunk.
    ///
    /// - Parameter account: the recipient.
    func payloads(to account: String) -> [[UInt8]] {
        stride(from: 0, to: data.count, by: Self.mostChunk).map { offset in
            let chunk = data[offset...].prefix(Self.mostChunk)
            // The acknowledgement's identifier is random in other programs; here it only differs between messages.
            var payload = Self.head(account) + Self.little(session) + Self.little(identifier)
            payload += Self.little(UInt64(offset)) + Self.little(UInt64(data.count))
            payload += Self.little(UInt32(chunk.count)) + Self.little(flags) + Self.little(~identifier)
            payload += Self.little(UInt32(0)) + Self.little(UInt64(0))
            return payload + chunk + Self.little(application).reversed()
        }
    }

    /// The payload that acknowledges a message.
    static func acknowledgement(of header: PeerHeader, identifier: UInt32, to account: String) -> [UInt8] {
        var payload = head(account) + little(header.sessionID) + little(identifier) + little(UInt64(0))
        payload += little(header.totalSize) + little(UInt32(0)) + little(PeerFlag.acknowledgement)
        payload += little(header.identifier) + little(header.ackIdentifier) + little(header.totalSize)
        return payload + [0, 0, 0, 0]
    }

    private static func head(_ account: String) -> [UInt8] {
        let lines = ["MIME-Version: 1.0", "Content-Type: application/x-msnmsgrp2p", "P2P-Dest: \(account)", "", ""]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    /// The bytes of a number, lowest first.
    private static func little(_ number: some FixedWidthInteger) -> [UInt8] {
        (0..<number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
}
