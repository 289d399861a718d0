// Requests of a client's sign-in over plain HTTP: passed on, recorded, led through the relay, and their secrets known.

import Events
import MSNP
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1))) struct SignInDoorTests {
    private static let request =
        "GET /rdr/pprdr.asp HTTP/1.1\r\nHost: nexus.example.net\r\n\r\n"
        + "GET /login2.srf HTTP/1.1\r\nAuthorization: Passport1.4 OrgVerb=GET,sign-in=ann%40x.example,pwd=swordfish\r\n\r\n"
    private static let answer =
        "HTTP/1.1 200 OK\r\nPassportURLs: DALogin=login.example.net/login2.srf\r\nContent-Length: 0\r\n\r\n"
        + "HTTP/1.1 200 OK\r\nAuthentication-Info: Passport1.4 da-status=success,from-PP='t=5fHk2SzWm&p='\r\n\r\n"

    @Test func aRequestIsPassedOn() async throws {
        let server = try await TestServer.start()
        let service = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) { $0.signIn = service.address }
        let client = try await TestPeer.connect(to: harness.door)
        // The first line decides, also in two parts.
        try await client.send(String(Self.request.prefix(12)))
        try await client.send(String(Self.request.dropFirst(12)))
        let peer = try await service.accept()
        try await peer.expect(Self.request)
        try await peer.send(Self.answer)
        // The client asks the relay for the login server, too.
        try await client.expect(Self.answer.replacing("DALogin=login.example.net", with: "DALogin=\(harness.door)"))
        await client.close()
        try await peer.expectEnd()
        await peer.close()
        try await harness.recorder.closed()
        await harness.settle()
        #expect(!server.hasClients && harness.recorder.findings.isEmpty)
        #expect(harness.recorder.events.last?.role == .http)
        let changes = harness.recorder.events.compactMap { event -> Rewriting? in
            if case .rewritten(let rewriting) = event.kind { rewriting } else { nil }
        }
        #expect(changes.map(\.from) == ["login.example.net"] && changes.map(\.to) == [harness.door.description])
        #expect(changes.map(\.name) == ["PassportURLs"])
        // What was received with the change is what was sent.
        let line = changes.first.map { String(decoding: $0.sent.line, as: UTF8.self) }
        #expect(line == "PassportURLs: DALogin=\(harness.door)/login2.srf")
        for (side, text, secret) in [(Side.client, Self.request, "swordfish"), (.server, Self.answer, "5fHk2SzWm")] {
            var tracker = SecretTracker(side: side)
            var recorded: [UInt8] = []
            var shown: [UInt8] = []
            for event in harness.recorder.events {
                guard case .noise(let noise, side) = event.kind else { continue }
                recorded += noise.bytes
                var bytes = Array(noise.bytes)
                for range in tracker.ranges(in: noise, role: .http) {
                    for index in range { bytes[index] = 0x2E }
                }
                shown += bytes
            }
            #expect(String(decoding: recorded, as: UTF8.self) == text)
            #expect(!String(decoding: shown, as: UTF8.self).contains(secret))
        }
        await harness.relay.stop()
        for server in [server, service] { await server.stop() }
    }

    /// Nothing is changed for a client that asks its proxy for everything, nor with `--no-rewrite`.
    @Test(arguments: [true, false]) func nothingIsChanged(_ isProxied: Bool) async throws {
        let server = try await TestServer.start()
        let service = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) {
            $0.signIn = service.address
            $0.rewritesRedirects = isProxied
        }
        let client = try await TestPeer.connect(to: harness.door)
        let request = "GET \(isProxied ? "http://nexus.example.net" : "")/rdr/pprdr.asp HTTP/1.1\r\n\r\n"
        try await client.send(request)
        let peer = try await service.accept()
        try await peer.expect(request)
        try await peer.send(Self.answer)
        try await client.expect(Self.answer)
        await peer.close()
        await harness.relay.stop()
        for server in [server, service] { await server.stop() }
    }

    @Test func othersAreRefused() async throws {
        let server = try await TestServer.start()
        let service = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address) { $0.signIn = service.address }
        let client = try await TestPeer.connect(to: harness.door)
        try await client.send("GET /admin HTTP/1.1\r\n\r\n")
        #expect(try await client.line() == "HTTP/1.1 404 Not Found\r\n")
        let without = try await RelayHarness.start(to: server.address)
        let second = try await TestPeer.connect(to: without.door)
        try await second.send(Self.request)
        #expect(try await second.line() == "HTTP/1.1 404 Not Found\r\n")
        #expect(!service.hasClients && !server.hasClients)
        for harness in [harness, without] { await harness.relay.stop() }
        for server in [server, service] { await server.stop() }
    }
}
