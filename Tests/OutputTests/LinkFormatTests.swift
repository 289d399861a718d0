// Packets of direct links are shown as what they are, without their nonces.

import Analysis
import EventSamples
import Events
import Foundation
import MSNP
import TestSupport
import Testing

@testable import Output

@Suite struct LinkFormatTests {
    private static let nonce = (0..<16).map { UInt8(0xA0 + $0) }

    private static func packet(
        session: Int, offset: Int = 0, total: Int, _ data: [UInt8], flags: Int = 0, tail: [UInt8]? = nil
    ) -> [UInt8] {
        linkPacket(
            peerPacket(session: session, message: 9, offset: offset, total: total, data, flags: flags, tail: tail))
    }

    private static let bye = Array("BYE MSNMSGR:a@b MSNSLP/1.0\r\nTo: <msnmsgr:a@b>\r\nNonce: {SECRET}\r\n\r\n\0".utf8)
    private static let second = linkPacket(nonce)
    private static let handshake = packet(session: 0, total: 0, [], flags: 0x100, tail: nonce)

    /// The packets of a link; two of them hold one message.
    private static func events() -> [Event] {
        let half = bye.count / 2
        let packets = [
            [4, 0, 0, 0] + Array("foo\0".utf8), handshake, packet(session: 77, total: 4, [0, 0, 0, 0]),
            packet(session: 77, offset: 20, total: 60, [UInt8](repeating: 7, count: 20), flags: 0x20),
            packet(session: 0, total: bye.count, bye), packet(session: 0, total: bye.count, Array(bye[..<half])),
            packet(session: 0, offset: half, total: bye.count, Array(bye[half...])), second,
        ]
        var analyzer = FrameAnalyzer(connection: 1)
        return packets.map { bytes in
            var event = Sample.event(
                .noise(Noise(bytes: bytes, reason: .peerData, offset: 0), from: .client), role: .peerToPeer)
            #expect(analyzer.take(&event).isEmpty)
            return event
        }
    }

    @Test func asJSON() throws {
        var lines: [[String: Any]] = []
        for event in Self.events() {
            var presentation = Presentation()
            presentation.includesBytes = true
            var format = JSONFormat(presentation)
            var bytes: [UInt8] = []
            format.append(event, to: &bytes)
            let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
            #expect(object["reason"] as? String == "peer_data")
            let raw = try #require((object["raw_base64"] as? String).flatMap { Data(base64Encoded: $0) })
            #expect(!raw.contains(0xA7))
            lines.append(try #require(object["fields"] as? [String: Any]))
        }
        let kinds = ["greeting", "handshake", "preparation", "object", "slp", "slp", "slp", "handshake"]
        #expect(lines.map { $0["kind"] as? String } == kinds)
        #expect(lines.map { $0["length"] as? Int }.prefix(5) == [4, 48, 52, 68, 48 + Self.bye.count])
        #expect((lines[1]["nonce"] as? String)?.hasPrefix("‹secret:") == true)
        #expect((lines[7]["nonce"] as? String)?.hasPrefix("‹secret:") == true)
        #expect(lines[3]["session_id"] as? Int == 77 && lines[3]["offset"] as? Int == 20)
        #expect(lines[3]["chunk_length"] as? Int == 20 && lines[3]["total_size"] as? Int == 60)
        let whole = try #require(lines[4]["slp"] as? [String: Any])
        #expect(whole["method"] as? String == "BYE" && (whole["nonce"] as? String)?.hasPrefix("‹secret:") == true)
        #expect(lines[5]["slp"] == nil)
        #expect((lines[6]["slp"] as? [String: Any])?["method"] as? String == "BYE")
    }

    @Test func asText() {
        var presentation = Presentation()
        presentation.detail = 2
        var format = TextFormat(presentation)
        let texts = Self.events().map { event in
            var bytes: [UInt8] = []
            format.append(event, to: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        }
        #expect(texts.allSatisfy { $0.contains("C: packet, ") && !$0.contains(" a7 ") && !$0.contains("A7") })
        #expect(texts[0].contains("= length=4, kind=greeting"))
        #expect(texts[3].contains("kind=object, session_id=77, identifier=9, offset=20"))
        #expect(texts[6].contains("in several packets: method=BYE"))
    }
}
