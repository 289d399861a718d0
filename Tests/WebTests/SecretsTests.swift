// No answer has a secret: all of them are asked for and searched, in every form that a secret could take.

import Analysis
import Captures
import Events
import Foundation
import MSNP
import TestSupport
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(5))) struct SecretsTests {
    /// The secrets in the frames of a capture, long enough not to occur by chance.
    private func secrets(_ capture: String) -> Set<[UInt8]> {
        var found: Set<[UInt8]> = []
        _ = Captures.decode([Repository.capture(capture)], detail: .all) { event in
            guard case .frame(let frame, let side) = event.kind else { return true }
            for range in Secrets.ranges(in: frame, from: side, headers: event.annotation?.headers)
            where range.count >= 6 { found.insert(Array(frame.bytes[range])) }
            return true
        }
        return found
    }

    /// Whatever is asked for, not a byte of the archive changes.
    @Test func nothingIsChanged() async throws {
        try await TestPage.run(["demo.pcap", "transfers.pcap"]) { page, client in
            let before = try Data(contentsOf: URL(filePath: page.path))
            for path in [
                "", "sign-ins", "sign-ins/s1", "events", "events?where=text+contains+a", "events/c1.1", "talks",
                "media",
                "messages?q=a*", "findings", "overview", "text", "contacts?at=2026-11-22&of=s1", "ladder?of=s1",
                "export/preview?redacted=1", "talks/v1/entries",
            ] {
                let status = try await client.get("/api/v1/\(path)").status
                #expect(status == 200 || path.hasPrefix("talks/v"), "\(path)")
            }
            for method in ["POST", "PUT", "DELETE", "PATCH"] {
                for path in ["/api/v1/sign-ins/s1", "/api/v1/events", "/api/v1/connections/c1", "/", "/api/v1/talks"] {
                    let status = try await client.send(method, path).status
                    #expect(status == 405, "\(method) \(path)")
                }
            }
            #expect(try Data(contentsOf: URL(filePath: page.path)) == before)
        }
    }

    /// Attack row 27.
    @Test(arguments: ["demo.pcap", "sign-in-msnp12.pcap", "sign-in-msnp7.pcap", "transfers.pcap"])
    func noAnswerHasASecret(_ capture: String) async throws {
        let secrets = secrets(capture)
        if capture == "demo.pcap" { #expect(!secrets.isEmpty) }
        var forms: [[UInt8]] = []
        for secret in secrets {
            let text = String(decoding: secret, as: UTF8.self)
            forms += [
                secret, Array(Hexadecimal.text(secret).utf8), Array(Hexadecimal.text(secret, isUpperCase: true).utf8),
                Array(PercentEncoding.decode(ByteSlice(secret))),
                Array((text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text).utf8),
            ]
            // In base64 the same bytes look different at each of three places.
            for shift in 0..<3 {
                let digits = Base64.encode([UInt8](repeating: 0, count: shift) + secret)
                forms.append(Array(digits.dropFirst(4).dropLast(4)))
            }
        }
        forms = forms.filter { $0.count >= 6 }
        try await TestPage.run([capture]) { _, client in
            var paths = [
                "", "sign-ins", "events?limit=500", "text", "export/preview?format=jsonl",
                "export/preview?format=pcapng",
                "messages?q=a*", "talks", "media", "findings", "ladder?of=r1&limit=500", "ladder/text?of=r1&format=svg",
                "ladder/text?of=r1&format=mermaid", "ladder/text?of=r1",
            ]
            let rows = try items(try await client.object("/api/v1/events?limit=500"))
            for address in Set(rows.compactMap { $0["at"] as? String }) {
                paths += ["events/\(address)", "events/\(address)/bytes"]
            }
            var page = try await client.object("/api/v1/events?detail=full&limit=50")
            while let previous = page["previous"] as? String {
                paths.append("events?detail=full&limit=50&before=\(previous)")
                page = try await client.object("/api/v1/events?detail=full&limit=50&before=\(previous)")
            }
            for path in paths {
                let reply = try await client.get("/api/v1/\(path)")
                #expect(reply.status == 200, "\(path)")
                for form in forms { #expect(reply.body.firstRange(of: form) == nil, "\(path)") }
            }
            for format in ["jsonl", "text"] {
                let posted = try await client.with(["Content-Type": "application/json"])
                    .send("POST", "/api/v1/downloads", body: "{\"format\":\"\(format)\"}")
                let address = try #require(try json(posted.body)["url"] as? String)
                let file = try await client.get(address)
                #expect(file.status == 200 && !file.body.isEmpty || format == "text")
                for form in forms { #expect(file.body.firstRange(of: form) == nil, "\(format)") }
            }
        }
    }
}
