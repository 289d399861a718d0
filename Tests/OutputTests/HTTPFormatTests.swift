// HTTP messages as text and as JSON: readable, with their secrets masked.

import EventSamples
import Events
import Foundation
import MSNP
import TestSupport
import Testing

@testable import Output

@Suite struct HTTPFormatTests {
    private static func message(
        _ side: Side, _ head: String, _ body: String = "", bodyBytes: Int? = nil, isComplete: Bool = true,
        request: String? = nil, latency: Int64? = nil
    ) -> Event {
        Sample.event(
            .http(
                HTTPMessage(
                    side: side, bytes: ByteSlice((head + body).utf8), bodyStart: head.utf8.count,
                    bodyBytes: UInt64(bodyBytes ?? body.utf8.count), isComplete: isComplete, request: request,
                    latency: latency)),
            role: .http, dialect: nil)
    }

    private static let request = message(
        .client, "POST /RST.srf?t=5fHk2 HTTP/1.1\r\nX-Password: swordfish\r\nCookie: MSPAuth=5fHk2\r\n\r\n",
        "<wsse:Username>ann@x.example</wsse:Username><wsse:Password>swordfish</wsse:Password>")
    private static let answer = message(
        .server, "HTTP/1.1 200 OK\r\nAuthentication-Info: Passport1.4 from-PP='t=5fHk2'\r\nX-Token: 5fHk2\r\n\r\n",
        "<wsse:BinarySecurityToken Id=\"1\">t=5fHk2</wsse:BinarySecurityToken><wst:BinarySecret>5fHk2</wst:BinarySecret>"
            + "<TicketToken>5fHk2</TicketToken>", request: "POST /RST.srf", latency: 12_345_678)
    private static let cut = message(
        .server, "HTTP/1.1 503 \u{1B}[2JNo\r\nContent-Type: image/png\r\n\r\n", "\u{0}\u{1}\u{2}", bodyBytes: 90_000,
        isComplete: false)

    private static func json(_ event: Event, showsSecrets: Bool = false) throws -> [String: Any] {
        var presentation = Presentation()
        presentation.showsSecrets = showsSecrets
        var format = JSONFormat(presentation)
        var bytes: [UInt8] = []
        format.append(event, to: &bytes)
        return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    private static func text(_ event: Event, _ detail: Int = 1) -> String {
        var presentation = Presentation()
        presentation.detail = detail
        var format = TextFormat(presentation, showsDates: false)
        var bytes: [UInt8] = []
        format.append(event, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func asJSON() throws {
        let request = try Self.json(Self.request)
        #expect(request["event"] as? String == "http" && request["dir"] as? String == "c2s")
        #expect(request["method"] as? String == "POST" && request["body_bytes"] as? Int == 84)
        #expect((request["target"] as? String)?.hasPrefix("/RST.srf?t=") == true)
        #expect((request["body"] as? String)?.hasPrefix("<wsse:Username>ann@x.example</wsse:Username>") == true)
        let answer = try Self.json(Self.answer)
        #expect(answer["status"] as? Int == 200 && answer["request"] as? String == "POST /RST.srf")
        #expect(answer["latency_ns"] as? Int == 12_345_678 && (answer["headers"] as? [String])?.count == 2)
        let cut = try Self.json(Self.cut)
        #expect(cut["body_cut"] as? Bool == true && cut["complete"] as? Bool == false)
        for object in [request, answer, cut] {
            for key in object.keys { #expect(JSONKeys.ofEvents[key] != nil, "\(key)") }
        }
    }

    @Test func secretsAreMasked() throws {
        for event in [Self.request, Self.answer] {
            var shown = [Self.text(event, 0), Self.text(event), Self.text(event, 3)]
            shown.append("\(try Self.json(event))")
            var rows = RowFormat(Presentation())
            shown.append(String(decoding: rows.object(event, at: "c1.1").bytes, as: UTF8.self))
            for text in shown { #expect(!text.contains("5fHk2") && !text.contains("swordfish"), "\(text)") }
            let open = "\(try Self.json(event, showsSecrets: true))"
            #expect(open.contains("5fHk2"))
        }
    }

    @Test func asText() {
        let request = Self.text(Self.request).split(separator: "\n")
        #expect(request.first?.hasPrefix("15:28:18.123456 HTTP#3 C: POST /RST.srf?t=") == true)
        #expect(request.first?.hasSuffix(" HTTP/1.1, 84 bytes") == true && request.count == 4)
        let answer = Self.text(Self.answer, 0)
        #expect(
            answer == "15:28:18.123456 HTTP#3 S: HTTP/1.1 200 OK, answers POST /RST.srf after 12.345 ms, 141 bytes\n")
        let cut = Self.text(Self.cut)
        #expect(cut.contains(", 90000 bytes, incomplete\n") && cut.contains("… 89997 more bytes"))
        #expect(!cut.contains("\u{1B}"))
    }
}
