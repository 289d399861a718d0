// The most frequent messages are converted to JSON without their fields; against the same with fields.

import MSNP
import TestSupport
import Testing

@testable import Output
@testable import Payloads

@Suite struct MessageJSONTests {
    private static let lines = [
        "MIME-Version: 1.0", "Content-Type: text/plain; charset=UTF-8", "content-type:text/plain; charset=utf-8",
        "Content-Type: text/plain", "Content-Type: text/plain; charset=iso-8859-1",
        "X-MMS-IM-Format: FN=MS%20Sans%20Serif; EF=BI; CO=ff00; CS=0; PF=22", "X-MMS-IM-Format: FN=Arial; EF=; CO=0",
        "X-MMS-IM-Format: FN=%e5%ae%8b%22; EF=xSUib; CO=1234567; CS=86; PF=f2; RL=1", "X-MMS-IM-Format:",
        "X-MMS-IM-Format: fn = Arial ;;ef=b ;CO=-1;CS=;PF=1;RL=0;FN", "P4-Context: bob", "Message-ID: {1}", "Chunks: 2",
        "Content-Type: text/x-msmsgscontrol", "Content-Type: text/x-msmsgscontrol; charset=UTF-8",
        "TypingUser: alice@example.com", "typinguser: \u{1}\u{202E}", "RecordingUser: alice@example.com",
        "Content-Type: application/x-msnmsgrp2p", "P2P-Dest: bob@example.com", "P2P-Dest: %3Cmsnobj",
        "P2P-Src: alice@example.com;{4d2d1d8c-4e6d-4b7b-8c64-1f7a1f5a0f3a}", "P2P-DeSt: bob@example.com",
        "P2P-Dest: =?utf-8?B?Qm9i?=", "no header", "Other: value",
    ]

    private static func fields(_ message: [UInt8]) -> [UInt8] {
        let fields = MessagePayload(ByteSlice(message)).fields.filter { $0.name != "text" }
        var json: [UInt8] = []
        json.write { PayloadFields.append(json: .fields(fields), to: &$0) }
        return json
    }

    /// What the fast path writes; nil if it does not support the message.
    private static func fast(_ message: [UInt8]) -> [UInt8]? {
        let slice = ByteSlice(message)
        let type: ByteSlice = Headers.kind(of: slice).type.map { slice[$0].prefix { $0 != 0x3B && $0 != 0x20 } } ?? []
        var json: [UInt8] = []
        var isDone = false
        json.write { bytes in
            if Headers.equal(type, "text/plain") {
                isDone = MessageJSON.append(textHeaders: message.span, to: &bytes)
            } else if Headers.equal(type, "text/x-msmsgscontrol") {
                isDone = MessageJSON.append(typing: message.span, to: &bytes)
            } else if Headers.equal(type, "application/x-msnmsgrp2p") {
                let envelope = PeerEnvelope(message: MIMEMessage(slice))
                isDone = MessageJSON.append(peer: slice, envelope, to: &bytes)
            }
        }
        if !isDone { #expect(json.isEmpty) }
        return isDone ? json : nil
    }

    @Test("Any headers give the same fields", arguments: 0..<3_000 as Range<UInt64>)
    func anyHeaders(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let lines = (0..<Int.random(in: 1..<6, using: &random)).compactMap { _ in
            Self.lines.randomElement(using: &random)
        }
        var message = Array(lines.joined(separator: "\r\n").utf8)
        if Int.random(in: 0..<8, using: &random) > 0 { message += "\r\n\r\n".utf8 }
        if lines.contains("Content-Type: application/x-msnmsgrp2p") { message += random.bytes(60) }
        guard let json = Self.fast(message) else { return }
        #expect(String(decoding: json, as: UTF8.self) == String(decoding: Self.fields(message), as: UTF8.self))
    }

    @Test(
        "Messages in the usual form need no fields",
        arguments: [
            "Content-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=Arial; EF=B; CO=ff; CS=0; PF=22",
            "Content-Type: text/x-msmsgscontrol\r\nTypingUser: alice@example.com",
            "Content-Type: application/x-msnmsgrp2p\r\nP2P-Dest: bob@example.com",
        ])
    func usualForm(headers: String) {
        let message = Array("MIME-Version: 1.0\r\n\(headers)\r\n\r\n".utf8)
        #expect(Self.fast(message) == Self.fields(message))
    }

    @Test("A packet is in the fields, with the MSNSLP message in it")
    func packet() throws {
        let slp = Array("BYE MSNMSGR:bob@example.com MSNSLP/1.0\r\nTo: <msnmsgr:bob@example.com>\r\n\r\n\0".utf8)
        var header = [UInt8](repeating: 0, count: 48)
        header[16] = UInt8(slp.count)
        header[24] = UInt8(slp.count)
        let headers = "Content-Type: application/x-msnmsgrp2p\r\nP2P-Dest: bob@example.com\r\n\r\n"
        let message = Array(headers.utf8) + header + slp + [0, 0, 0, 1]
        let json = try #require(Self.fast(message))
        #expect(json == Self.fields(message))
        #expect(String(decoding: json, as: UTF8.self).contains(#""slp":{"method":"BYE""#))
    }
}
