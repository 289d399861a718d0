// Requests of those who want to do harm: paths, sizes, bodies, slow clients, many streams, and the stop.

import Foundation
import MSNP
import NIOCore
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(2))) struct HostileRequestTests {
    /// Fields that are in every answer.
    private static let common = [
        "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
        "X-DNS-Prefetch-Control": "off",
    ]

    private func check(_ reply: Reply, _ what: String) {
        for (name, value) in Self.common { #expect(reply.value(name) == value, "\(what): \(name)") }
        let policy = reply.value("Content-Security-Policy") ?? ""
        #expect(policy.hasPrefix("default-src 'none'") && !policy.contains("unsafe"), "\(what)")
        #expect(reply.value("Permissions-Policy")?.contains("clipboard-read=()") == true, "\(what)")
        #expect(reply.value("Server") == nil && reply.value("Access-Control-Allow-Origin") == nil, "\(what)")
    }

    /// Attack rows 8, 12 and 29.
    @Test func everyAnswerHasTheFields() async throws {
        try await TestPage.run { page, client in
            let shell = try await client.get("/")
            #expect(shell.status == 200 && shell.value("Cache-Control") == "no-cache")
            #expect(shell.value("Content-Security-Policy")?.contains("require-trusted-types-for 'script'") == true)
            let scripts = shell.text.matches(of: /"(\/assets\/[^"]+)"/).map { String($0.output.1) }
            #expect(!scripts.isEmpty)
            let paths =
                scripts + [
                    "/", "/s1", "/health", "/nothing", "/api/v1/", "/api/v1/sign-ins", "/api/v1/sign-ins/s1",
                    "/api/v1/sign-ins/s99", "/api/v1/connections/c1", "/api/v1/events", "/api/v1/events/c1.1",
                    "/api/v1/events/c1.1/bytes", "/api/v1/events?limit=x", "/api/v1/messages?q=a", "/api/v1/text",
                    "/api/v1/filter?expr=a", "/api/v1/export/preview", "/api/v1/nothing", "/download/x",
                ]
            for path in paths {
                let reply = try await client.get(path)
                check(reply, path)
                let isPage = reply.value("Content-Type")?.hasPrefix("text/html") == true
                let policy = reply.value("Content-Security-Policy") ?? ""
                #expect(policy.contains("sandbox") != isPage, "\(path)")
                if path.hasPrefix("/api"), reply.status == 200 { #expect(reply.value("Cache-Control") == "no-store") }
                if path.hasPrefix("/assets") {
                    #expect(reply.value("Cache-Control") == "public, max-age=31536000, immutable")
                }
                if reply.status >= 400 { #expect(try json(reply.body)["error"] != nil, "\(path)") }
                let head = try await client.send("HEAD", path)
                check(head, "HEAD \(path)")
                #expect(head.body.isEmpty, "\(path)")
            }
            check(try await client.with(["Host": "evil.test"]).get("/"), "another host")
            check(try await client.with(["Authorization": nil]).get("/api/v1/"), "without a session")
            check(try await client.send("PUT", "/"), "PUT")
        }
    }

    @Test func anAnswerThatIsKnownIsNotSentAgain() async throws {
        try await TestPage.run { _, client in
            for path in ["/", "/api/v1/events", "/api/v1/sign-ins"] {
                let tag = try #require(try await client.get(path).value("ETag"))
                let again = try await client.with(["If-None-Match": tag]).get(path)
                #expect(again.status == 304 && again.body.isEmpty)
                #expect(try await client.with(["If-None-Match": "\"x\""]).get(path).status == 200)
            }
        }
    }

    /// Nothing that was sent comes back, and nothing is HTML.
    /// Attack rows 10 and 17.
    @Test func hostileAddresses() async throws {
        let payloads = [
            "<script>alert(1)</script>", "%3Cscript%3Ealert(1)%3C/script%3E", "\"><img/src=x/onerror=alert(1)>",
            "..%2f..",
            "../../../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "%00", "javascript:alert(1)", "\u{202E}abc", "'--",
            "1'%20OR%20'1'='1", "c1.1;DROP%20TABLE%20event", "s1%20UNION%20SELECT%201", "{{7*7}}",
            "%0d%0aSet-Cookie:a=b",
            String(repeating: "a", count: 7_000),
        ]
        try await TestPage.run { _, client in
            let places = [
                "/X", "/s1/X", "/assets/X", "/download/X", "/api/v1/X", "/api/v1/events/X", "/api/v1/sign-ins/X",
                "/api/v1/events?of=X", "/api/v1/events?at=X", "/api/v1/events?after=X", "/api/v1/events?where=X",
                "/api/v1/events?limit=X", "/api/v1/sign-ins?before=X", "/api/v1/messages?q=X",
                "/api/v1/messages?before=X",
                "/api/v1/events?X=1", "/api/v1/export/preview?of=X", "/api/v1/text?at=X", "/api/v1/state?watch=X",
            ]
            for payload in payloads {
                for place in places {
                    let path = place.replacingOccurrences(
                        of: "X", with: payload.replacingOccurrences(of: " ", with: "%20"))
                    let reply = try await client.get(path)
                    #expect(reply.status != 500 && reply.status > 0, "\(path)")
                    #expect(reply.value("Content-Type") != "text/html; charset=utf-8", "\(path)")
                    #expect(reply.value("Set-Cookie") == nil)
                    if reply.status >= 400 {
                        #expect(!reply.text.contains("alert(1)") && !reply.text.contains("passwd"), "\(path)")
                    }
                }
            }
        }
    }

    /// Attack row 18.
    @Test func aChangedCursorIsAnError() async throws {
        try await TestPage.run { _, client in
            let cursor = try #require(try await client.object("/api/v1/events?limit=3")["previous"] as? String)
            let bytes = try #require(Base64URL.bytes(cursor))
            #expect(try await client.get("/api/v1/events?before=\(cursor)").status == 200)
            for bit in stride(from: 0, to: 8 * bytes.count, by: 7) {
                var changed = bytes
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                let reply = try await client.get("/api/v1/events?before=\(Base64URL.text(changed))")
                #expect(reply.status == 400 && reply.text.contains("\"parameter\":\"before\""))
            }
            #expect(try await client.get("/api/v1/sign-ins?after=\(cursor)").status == 400)
        }
    }

    // MARK: Sizes and forms

    private func status(_ request: String, _ page: TestPage) async throws -> Int? {
        let connection = try await RawConnection(port: Int(page.server.address.port))
        // The server may close before all is sent.
        try? await connection.send(request.replacingOccurrences(of: "HOST", with: "\(page.server.address)"))
        return await connection.reply()?.status
    }

    /// Attack row 22.
    @Test func largeAndAmbiguousRequests() async throws {
        try await TestPage.run { page, client in
            let long = String(repeating: "a", count: 20_000)
            let many = (0..<200).map { "X-\($0): a\r\n" }.joined()
            let refused = [
                "GET / HTTP/1.1\r\nHost: HOST\r\nX: \(long)\r\n\r\n", "GET /\(long) HTTP/1.1\r\nHost: HOST\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: HOST\r\n\(many)\r\n",
                "GET / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\n\r\nhello",
                "GET / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                "POST /api/v1/session HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST /api/v1/session HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                "POST /api/v1/session HTTP/1.1\r\nHost: HOST\r\nContent-Length: -5\r\n\r\nhello",
                "nonsense\r\n\r\n", "GET / HTTP/9.9\r\nHost: HOST\r\n\r\n",
            ]
            for request in refused {
                let status = try await status(request, page)
                #expect(status.map { (400..<500).contains($0) } ?? true, "\(request.prefix(80)): \(status ?? 0)")
            }
            let sized = client.with(["Content-Type": "application/json"])
            #expect(try await sized.send("POST", "/api/v1/session", body: "{\"token\":\"\(long)\"}").status == 413)
            #expect(try await client.send("POST", "/api/v1/session", body: "token=x").status == 400)
            #expect(try await sized.send("POST", "/api/v1/downloads", body: "[1]").status == 400)
            #expect(try await client.get("/health").status == 200)
        }
    }

    /// A second request behind one whose body is refused is not answered.
    /// Attack row 22.
    @Test func aBodyIsNoRequest() async throws {
        try await TestPage.run { page, _ in
            let connection = try await RawConnection(port: Int(page.server.address.port))
            let inner = "GET /health HTTP/1.1\r\nHost: \(page.server.address)\r\n\r\n"
            try await connection.send(
                "GET / HTTP/1.1\r\nHost: \(page.server.address)\r\nContent-Length: \(inner.utf8.count)\r\n\r\n\(inner)")
            let reply = try #require(await connection.reply())
            #expect(reply.status == 400 && !reply.text.contains("ok"))
            await connection.waitForEnd()
        }
    }

    /// Attack row 22.
    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await TestPage.run { page, _ in
            let connection = try await RawConnection(port: Int(page.server.address.port))
            let host = "Host: \(page.server.address)\r\n"
            try await connection.send(
                "GET /health HTTP/1.1\r\n\(host)\r\nGET /nothing HTTP/1.1\r\n\(host)Connection: close\r\n\r\n")
            #expect(await connection.wait(for: "not_found"))
        }
    }

    // MARK: Slow clients, many clients

    /// Attack row 21.
    @Test func slowClientsAreClosed() async throws {
        var limits = ServerLimits()
        limits.idle = .milliseconds(300)
        limits.body = .milliseconds(300)
        try await TestPage.run(limits: limits) { page, client in
            let port = Int(page.server.address.port)
            let silent = try await RawConnection(port: port)
            await silent.waitForEnd()
            let dripping = try await RawConnection(port: port)
            // On a busy machine it may be closed before.
            try? await dripping.send("GET / HTTP/1.1\r\nHost: ")
            await dripping.waitForEnd()
            let halfBody = try await RawConnection(port: port)
            try? await halfBody.send(
                "POST /api/v1/session HTTP/1.1\r\nHost: \(page.server.address)\r\nSec-Fetch-Site: same-origin\r\n"
                    + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
            await halfBody.waitForEnd()
            #expect(try await client.get("/health").status == 200)
        }
    }

    /// More clients than there are places: all come in turn, because those that say nothing are closed.
    /// Attack row 21.
    @Test func manySilentClientsDoNotShutOthersOut() async throws {
        var limits = ServerLimits()
        limits.idle = .milliseconds(300)
        limits.connections = 8
        try await TestPage.run(limits: limits) { page, client in
            var silent: [RawConnection] = []
            for _ in 0..<40 { silent.append(try await RawConnection(port: Int(page.server.address.port))) }
            #expect(try await client.get("/health").status == 200)
            withExtendedLifetime(silent) {}
        }
    }

    /// A reader that takes nothing of a long answer.
    /// Attack row 21.
    @Test func aReaderThatTakesNothingIsClosed() async throws {
        var limits = ServerLimits()
        limits.write = .milliseconds(300)
        try await TestPage.run(limits: limits) { page, client in
            let connection = try await RawConnection(port: Int(page.server.address.port))
            try await connection.setReads(false)
            let request =
                "GET /api/v1/events?detail=full&limit=50 HTTP/1.1\r\nHost: \(page.server.address)\r\n"
                + "Authorization: Bearer \(page.token)\r\n\r\n"
            // The kernel's buffers take some megabytes before anything has to wait.
            try? await connection.send(String(repeating: request, count: 400))
            while try await client.get("/health").status != 200 {}
            try await connection.setReads(true)
            await connection.waitForEnd()
        }
    }

    /// Attack row 23.
    @Test func streamsAreBounded() async throws {
        try await TestPage.run { page, client in
            let reader = try await page.signedIn()
            let port = Int(page.server.address.port)
            let fields = reader.fields.map { "\($0.key): \($0.value)\r\n" }.joined()
            var streams: [RawConnection] = []
            for _ in 0..<Sessions.mostStreams {
                let stream = try await RawConnection(port: port)
                try await stream.send("GET /api/v1/state HTTP/1.1\r\n\(fields)\r\n")
                #expect(await stream.wait(for: "event: state"))
                streams.append(stream)
            }
            let further = try await reader.get("/api/v1/state")
            #expect(further.status == 429 && further.value("Retry-After") == "1")
            // Another session has streams of its own, and a closed stream makes room.
            let other = try await RawConnection(port: port)
            try await other.send(
                "GET /api/v1/state HTTP/1.1\r\nHost: \(page.server.address)\r\nAuthorization: Bearer \(page.token)\r\n\r\n"
            )
            #expect(await other.wait(for: "event: state"))
            await streams.removeLast().close()
            while true {
                let stream = try await RawConnection(port: port)
                // The refusal of this request ends the connection.
                try await stream.send("GET /api/v1/state HTTP/1.1\r\nConnection: close\r\n\(fields)\r\n")
                if await stream.wait(for: "event: state") { break }
            }
        }
    }

    /// Attack row 24.
    @Test func theStopEndsStreamsWithinASecond() async throws {
        let page = try await TestPage()
        let port = Int(page.server.address.port)
        var streams: [RawConnection] = []
        for number in 0..<10 {
            let reader = number < 4 ? PageClient(page) : try await page.signedIn()
            let stream = try await RawConnection(port: port)
            let fields = reader.fields.map { "\($0.key): \($0.value)\r\n" }.joined()
            try await stream.send("GET /api/v1/state HTTP/1.1\r\n\(fields)\r\n")
            #expect(await stream.wait(for: "event: state"))
            streams.append(stream)
        }
        let silent = try await RawConnection(port: port)
        let begin = ContinuousClock.now
        await page.server.stop()
        #expect(ContinuousClock.now - begin < .seconds(1))
        for stream in streams { await stream.waitForEnd() }
        await silent.waitForEnd()
    }
}
