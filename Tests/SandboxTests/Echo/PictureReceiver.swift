// Requests a picture as clients do, and follows the transfer.

import MSNP
import Payloads
import Testing

@testable import Sandbox

/// The receiver's side of a transfer of version 1 of the peer-to-peer layer.
struct PictureReceiver {
    let account: String
    let session: UInt32 = 1_234_567
    let call = "{9D79AE57-1BD5-444B-B14E-3FC9BB2B5D58}"
    private var lastIdentifier: UInt32 = 700

    init(account: String) { self.account = account }

    /// The payloads of an invitation, in chunks of the given size.
    mutating func invitation(
        to object: String, application: String = "{A4268EEC-FEC5-49E5-95C3-F126696BDBF6}", appID: Int = 1,
        chunk: Int = 1_202, for recipient: String = EchoContact.account
    ) -> [[UInt8]] {
        let context = String(decoding: Base64.encode(Array(object.utf8) + [0]), as: UTF8.self)
        return request(
            "INVITE", "application/x-msnmsgr-sessionreqbody",
            "EUF-GUID: \(application)\r\nSessionID: \(session)\r\nAppID: \(appID)\r\nContext: \(context)\r\n",
            chunk: chunk, to: recipient)
    }

    /// The payloads of an MSNSLP request.
    mutating func request(
        _ method: String, _ type: String, _ lines: String, chunk: Int = 1_202, to recipient: String
    ) -> [[UInt8]] {
        let body = lines + "\r\n\0"
        let text = """
            \(method) MSNMSGR:\(recipient) MSNSLP/1.0\r
            To: <msnmsgr:\(recipient)>\r
            From: <msnmsgr:\(account)>\r
            Via: MSNSLP/1.0/TLP ;branch={33517CE4-02FC-4428-B6F4-39927229B722}\r
            CSeq: 0 \r
            Call-ID: \(call)\r
            Max-Forwards: 0\r
            Content-Type: \(type)\r
            Content-Length: \(body.utf8.count)\r
            \r

            """
        return message(Array((text + body).utf8), chunk: chunk, to: recipient)
    }

    /// The payload that acknowledges a packet.
    mutating func acknowledgement(of header: PeerHeader) -> [UInt8] {
        lastIdentifier += 1
        var bytes = little(header.sessionID) + little(lastIdentifier) + little(UInt64(0)) + little(header.totalSize)
        bytes += little(UInt32(0)) + little(UInt32(2)) + little(header.identifier) + little(header.ackIdentifier)
        bytes += little(header.totalSize)
        return payload(bytes, [], EchoContact.account)
    }

    /// A packet without data, such as an error.
    mutating func control(flags: UInt32) -> [UInt8] {
        lastIdentifier += 1
        var bytes = little(session) + little(lastIdentifier) + little(UInt64(0)) + little(UInt64(0))
        bytes += little(UInt32(0)) + little(flags) + little(UInt32(5)) + little(UInt32(0)) + little(UInt64(0))
        return payload(bytes, [], EchoContact.account)
    }

    private mutating func message(_ data: [UInt8], chunk: Int, to recipient: String) -> [[UInt8]] {
        lastIdentifier += 1
        let identifier = lastIdentifier
        return stride(from: 0, to: data.count, by: chunk).map { offset in
            let part = ByteSlice(data)[offset...].prefix(chunk)
            var bytes = little(UInt32(0)) + little(identifier) + little(UInt64(offset)) + little(UInt64(data.count))
            bytes += little(UInt32(part.count)) + little(UInt32(0)) + little(UInt32(99)) + little(UInt32(0))
            bytes += little(UInt64(0))
            return payload(bytes, part, recipient)
        }
    }

    private func payload(_ header: [UInt8], _ data: ByteSlice, _ recipient: String) -> [UInt8] {
        let lines = ["MIME-Version: 1.0", "Content-Type: application/x-msnmsgrp2p", "P2P-Dest: \(recipient)", "", ""]
        return Array(lines.joined(separator: "\r\n").utf8) + header + data + [0, 0, 0, 0]
    }

    private func little(_ number: some FixedWidthInteger) -> [UInt8] {
        (0..<number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
}

/// A packet of the echo contact.
struct ReceivedPacket {
    let kind: String
    let header: PeerHeader
    let data: ByteSlice
    let footer: UInt32?
    let slp: SLPMessage?

    /// The packets in these commands, which must be addressed to the account.
    static func all(in frames: [Frame], to account: String) throws -> [ReceivedPacket] {
        try frames.filter { $0.verb == "MSG" }.map { frame in
            #expect(frame.payload.count <= MessengerService.messageLimit)
            let envelope = try #require(PeerEnvelope(frame, from: .server))
            #expect(envelope.to == account && envelope.from == EchoContact.account)
            let packet = try PeerPacket(try #require(envelope.packets.first), version: .one)
            guard case .one(let header) = packet.header else { throw ScriptError.notReady("version 2") }
            #expect(packet.wrongLength == nil && header.chunkLength <= 1_202)
            return ReceivedPacket(
                kind: packet.kind, header: header, data: packet.data, footer: packet.footer,
                slp: packet.kind == "slp" ? SLPMessage(packet.data) : nil)
        }
    }
}

extension OfferedPicture: CustomTestStringConvertible {
    /// Instead of all bytes.
    var testDescription: String { element }
}
