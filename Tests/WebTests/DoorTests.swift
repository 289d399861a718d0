// Who is let in, over real connections: links, sessions, other pages, other ports, guesses.

import Archive
import Foundation
import MSNP
import NIOCore
import TestSupport
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(2))) struct DoorTests {
    /// The link is good as long as the program runs, for any number of sessions.
    @Test func aLinkOpensSessions() async throws {
        try await TestPage.run { page, _ in
            #expect(page.server.link == "http://\(page.server.address)/#token=\(page.token)")
            for _ in 0..<3 {
                let reader = try await page.signedIn()
                #expect(try await reader.get("/api/v1/").status == 200)
            }
        }
    }

    /// Attack row 4.
    @Test func oneHalfOpensNothing() async throws {
        try await TestPage.run { page, _ in
            let reader = try await page.signedIn()
            let other = try await page.signedIn()
            #expect(try await reader.with(["X-Butterflynet-Key": nil]).get("/api/v1/").status == 401)
            #expect(try await reader.with(["Cookie": nil]).get("/api/v1/").status == 401)
            #expect(try await reader.with(["Cookie": other.fields["Cookie"]]).get("/api/v1/").status == 401)
            #expect(try await reader.get("/api/v1/").status == 200)
        }
    }

    /// Cookies go to every port of a host: what a server on another port caught opens nothing here.
    /// Attack row 3.
    @Test func aCookieThatAnotherPortCaughtIsWorthless() async throws {
        try await TestPage.run { page, _ in
            let reader = try await page.signedIn()
            let caught = try #require(reader.fields["Cookie"])
            let thief = PageClient(page).with(["Authorization": nil, "Cookie": caught])
            for path in ["/api/v1/", "/api/v1/events", "/api/v1/state", "/download/x"] {
                let status = try await thief.get(path).status
                #expect(status == 401 || status == 410, "\(path)")
            }
        }
    }

    /// Attack row 7.
    @Test func aCookieSetBeforehandIsReplaced() async throws {
        try await TestPage.run { page, client in
            let name = "butterflynet-\(page.server.address.port)"
            let before = client.with([
                "Authorization": nil, "Origin": "http://\(page.server.address)", "Content-Type": "application/json",
                "Cookie": "\(name)=chosen-by-somebody-else",
            ])
            let reply = try await before.send("POST", "/api/v1/session", body: "{\"token\":\"\(page.token)\"}")
            let cookie = try #require(reply.value("Set-Cookie"))
            #expect(!cookie.contains("chosen") && cookie.hasPrefix("\(name)="))
            #expect(cookie.hasSuffix("; HttpOnly; SameSite=Strict; Path=/"))
            let key = try #require(try json(reply.body)["key"] as? String)
            #expect(try await before.with(["X-Butterflynet-Key": key]).get("/api/v1/").status == 401)
        }
    }

    @Test func signingOutEndsTheSession() async throws {
        try await TestPage.run { page, _ in
            let reader = try await page.signedIn()
            let reply = try await reader.send("DELETE", "/api/v1/session")
            #expect(reply.status == 204 && reply.value("Clear-Site-Data") == "\"storage\"")
            #expect(try await reader.get("/api/v1/").status == 401)
        }
    }

    /// Attack row 1.
    @Test(arguments: [
        "Host: evil.test:PORT\r\n", "", "Host: 127.0.0.1:PORT\r\nHost: 127.0.0.1:PORT\r\n",
        "Host: 127.0.0.1.evil.test:PORT\r\n", "Host: localhost.:PORT\r\n", "Host: 127.0.0.1:1\r\n",
        "Host: 127.0.0.1\r\n",
    ])
    func requestsToOtherNamesAreRefused(_ fields: String) async throws {
        try await TestPage.run { page, client in
            let port = Int(page.server.address.port)
            for path in ["/", "/health", "/api/v1/", "/assets/x", "/nothing"] {
                let connection = try await RawConnection(port: port)
                let fields = fields.replacingOccurrences(of: "PORT", with: "\(port)")
                try await connection.send("GET \(path) HTTP/1.1\r\n\(fields)Connection: close\r\n\r\n")
                let reply = try #require(await connection.reply())
                #expect(reply.status == 421 && reply.text.contains("wrong_host"), "\(path) \(fields)")
            }
            #expect(try await client.with(["Host": "LocalHost:\(port)"]).get("/health").status == 200)
        }
    }

    /// Attack rows 2 and 31.
    @Test func otherPagesAreRefused() async throws {
        try await TestPage.run { page, _ in
            let reader = try await page.signedIn()
            let ways: [[String: String?]] = [
                ["Origin": "http://127.0.0.1:1"], ["Sec-Fetch-Site": "same-site"], ["Sec-Fetch-Site": "cross-site"],
                ["Origin": "null"],
            ]
            for way in ways {
                #expect(try await reader.with(way).get("/api/v1/").status == 403)
                #expect(try await reader.with(way).send("POST", "/api/v1/downloads", body: "{}").status == 403)
            }
            let preflight = try await reader.send("OPTIONS", "/api/v1/")
            #expect(preflight.status == 403)
            #expect(preflight.fields.allSatisfy { !$0.name.lowercased().hasPrefix("access-control") })
            #expect(try await reader.with(["Service-Worker": "script"]).get("/").status == 404)
        }
    }

    /// A thousand guesses of a token that people chose.
    /// Attack row 6.
    @Test func guessingIsSlow() async throws {
        let fixed = "correct-horse-battery-staple-and-more"
        try await TestPage.run([], options: { $0.token = .fixed(fixed) }) { _, client in
            var answered = 0
            for index in 0..<1_000 {
                let status = try await client.with(["Authorization": "Bearer guess\(index)"]).get("/api/v1/").status
                if status == 401 { answered += 1 } else { #expect(status == 429) }
            }
            #expect((5...8).contains(answered))
        }
    }

    /// A token of 256 random bits cannot be guessed, so nobody can lock its reader out.
    /// Attack row 6.
    @Test func guessesDoNotLockTheReaderOut() async throws {
        try await TestPage.run { _, client in
            for index in 0..<20 {
                let guess = client.with(["Authorization": "Bearer guess\(index)"])
                let status = try await guess.get("/api/v1/").status
                #expect(status == 401)
            }
            #expect(try await client.get("/api/v1/").status == 200)
        }
    }

    @Test func aPasswordIsNotInTheLink() async throws {
        try await TestPage.run([], options: { $0.token = .password("a long password") }) { page, _ in
            #expect(page.server.link == "http://\(page.server.address)/")
            _ = try await page.signedIn()
        }
    }

    /// Listening at all addresses, the page is reached by each address of this machine, and by no other name.
    @Test func otherMachinesUseTheAddressesOfThisOne() async throws {
        let change: (inout WebOptions) -> Void = {
            $0.listen = HostPort("0.0.0.0", 0)
            $0.token = .password("a long password")
        }
        try await TestPage.run([], options: change) { page, client in
            let port = page.server.address.port
            #expect(page.server.link == "http://127.0.0.1:\(port)/")
            let own = try System.enumerateDevices().compactMap { $0.address?.ipAddress }.filter { !$0.contains(":") }
            for address in own {
                let status = try await client.with(["Host": "\(address):\(port)"]).get("/health").status
                #expect(status == 200, "\(address)")
            }
            let other = try await client.with(["Host": "evil.test:\(port)"]).get("/health").status
            #expect(other == 421)
        }
    }

    @Test func aProxyInFront() async throws {
        try await TestPage.run([], options: { $0.origins = ["https://msn.example.org"] }) { page, client in
            #expect(page.server.link.hasPrefix("https://msn.example.org/#token="))
            let proxied = client.with([
                "Host": "msn.example.org", "Origin": "https://msn.example.org", "Content-Type": "application/json",
                "Authorization": nil,
            ])
            let reply = try await proxied.send("POST", "/api/v1/session", body: "{\"token\":\"\(page.token)\"}")
            #expect(reply.status == 200 && reply.value("Set-Cookie")?.hasSuffix("; Secure") == true)
        }
    }

    @Test func theNextPortIsTakenOnlyIfThatIsWanted() async throws {
        let (descriptor, port) = try Loopback.listen()
        defer { close(descriptor) }
        let archive = try TestArchive([])
        var options = WebOptions(
            try ArchiveReader(archive.path), mode: .archive, listen: HostPort("127.0.0.1", port), version: "0")
        do {
            _ = try await WebServer.start(options)
            Issue.record("the port is taken")
        } catch is WebError {}
        options.mayTakeNextPort = true
        if port < .max {
            let server = try await WebServer.start(options)
            #expect(server.address.port > port)
            await server.stop()
        }
    }
}
