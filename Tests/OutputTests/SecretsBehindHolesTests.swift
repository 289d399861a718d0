// Both formats take their masks from what was seen of the whole connection, whichever events are shown.

import Analysis
import EventSamples
import Events
import Foundation
import MSNP
import Output
import Testing

@Suite struct SecretsBehindHolesTests {
    /// The output for one side, cut into segments of which one may be missing, without filtered events.
    private func shown(
        _ text: String, from side: Side, cutAt cuts: [Int], missing: Int? = nil,
        where isShown: (Event) -> Bool = { _ in true }
    ) -> String {
        let bytes = Array(text.utf8)
        var tap = Tap()
        var analyzer = FrameAnalyzer(connection: 1)
        var presentations: [Presentation] = [0, 1, 3].map {
            var presentation = Presentation()
            presentation.detail = $0
            return presentation
        }
        presentations[0].includesBytes = true
        var formats = presentations.map { TextFormat($0) as any EventFormat }
        formats.append(JSONFormat(presentations[0]))
        var output: [UInt8] = []
        func take(_ kind: Event.Kind) {
            var event = Event(time: Sample.time, connection: 1, role: tap.role, dialect: tap.dialect, kind: kind)
            let further = analyzer.take(&event)
            for kind in [event.kind] + further {
                event.kind = kind
                guard isShown(event) else { continue }
                for index in formats.indices { formats[index].append(event, to: &output) }
            }
        }
        let places = [0] + cuts + [bytes.count]
        for (index, range) in zip(places, places.dropFirst()).enumerated() {
            let part = Array(bytes[range.0..<range.1])
            if index == missing {
                for kind in tap.lose(UInt64(part.count), from: side) { take(kind) }
                continue
            }
            tap.count(part.span, from: side)
            var position = 0
            while let kind = tap.next(part.span, from: &position, side: side) { take(kind) }
            if tap.settle(side) {
                while let kind = tap.next(part.span, from: &position, side: side) { take(kind) }
            }
        }
        for kind in tap.finish(side) { take(kind) }
        return String(decoding: output, as: UTF8.self)
    }

    /// Lines with their hexadecimal digits and base64 as text too.
    private func unwrapped(_ text: String) -> String {
        var result = text
        for line in text.split(separator: "\n") {
            for match in line.matches(of: /_base64":"([^"]+)"/) {
                result += String(decoding: Data(base64Encoded: String(match.1)) ?? Data(), as: UTF8.self)
            }
        }
        let rows = text.matches(of: /\n {4}[0-9a-f]{4}((?: [0-9a-f]{2}){1,16})/)
        let bytes = rows.flatMap { $0.1.split(separator: " ").compactMap { UInt8($0, radix: 16) } }
        return result + String(decoding: bytes, as: UTF8.self)
    }

    private static let ticket = "t=53*1hAu8ADuD3TEwdXoOMi08sD!3rVvPTGLO&p=5hZ9dQk1*PxWt3mQn7ZrB2vKc"
    private static let mail = "5fHk2*SzWmDq8vR!nB4xL6tY0cJ7gP1aE3uI9oK"

    private static let cases: [(side: Side, text: String, secret: String)] = {
        let profile = "Content-Type: text/x-msmsgsprofile\r\nLoginTime: 105\r\nMSPAuth: \(mail)\r\nsid: 507\r\n\r\n"
        // A ticket in base64 on several lines, with the lengths of HTTP chunks between them.
        let rows = ["rV3x9Kq2ZsWm7TnB", "4pYdLc8HjE1uGaF6", "oQi0XvRk5SbNtM2w"]
        let soap = "POST /RST.srf HTTP/1.1\r\n\r\n<wsse:BinarySecurityToken>\(rows.joined(separator: "\r\n1f4\r\n"))"
        return [
            (.client, "\(soap)</wsse:BinarySecurityToken>\r\n", rows.joined()),
            (.client, "VER 1 MSNP8 CVR0\r\nUSR 4 TWN S \(ticket)\r\nSYN 5 0\r\nCHG 6 NLN 0\r\n", ticket),
            (
                .server, "VER 1 MSNP8\r\nMSG Hotmail Hotmail \(profile.utf8.count)\r\n\(profile)QNG 50\r\nQNG 50\r\n",
                mail
            ),
            (
                .server, "VER 1 MSNP8\r\nXFR 15 SB 203.0.113.20:1863 CKI 17262740.1050826919.32308\r\nQNG 50\r\n",
                "17262740.1050826919.32308"
            ),
            (
                .client, "VER 1 MSNP8 CVR0\r\nQRY 10 msmsgs@msnmsgr.com 32\r\n8ea161ab1346e670716081a975886046PNG\r\n",
                "8ea161ab1346e670716081a975886046"
            ),
            (
                .client,
                "POST /RST.srf HTTP/1.1\r\nCookie: a=\(mail)\r\n\r\n<a:TicketToken>\(mail)</a:TicketToken><Ticket passport=\"\(mail)\"/>\r\n",
                mail
            ),
        ]
    }()

    private func leaks(_ output: String, _ secret: String) -> Bool {
        let bytes = Array(secret.utf8)
        return bytes.indices.dropLast(7).contains {
            output.contains(String(decoding: bytes[$0..<$0 + 8], as: UTF8.self))
        }
    }

    @Test(arguments: cases.indices) func lostAndCutSegments(_ index: Int) {
        let (side, text, secret) = Self.cases[index]
        for start in stride(from: 0, to: text.utf8.count, by: 3) {
            for size in [5, 40] where start + size < text.utf8.count {
                let cuts = [start, start + size]
                for missing in [nil, 1] {
                    let output = unwrapped(shown(text, from: side, cutAt: cuts, missing: missing))
                    #expect(!leaks(output, secret), "\(cuts), \(missing == nil ? "cut" : "lost"): \(output)")
                }
            }
        }
    }

    /// A filter that leaves out what announces a secret does not show it.
    @Test func filtersLoseNoTrack() {
        let text = "??\r\nMSPAuth: \(Self.mail)\r\nhello\r\n"
        for place in 5..<text.utf8.count - 1 {
            let output = unwrapped(shown(text, from: .server, cutAt: [place]) { $0.isNoise })
            #expect(!leaks(output, Self.mail), "\(place)")
            #expect(output.contains("hello"))
        }
    }
}

extension Event {
    fileprivate var isNoise: Bool { if case .noise = kind { true } else { false } }
}
