// Urgent data (`MSG_OOB`): its byte is a byte of the stream, and goes on in its place.

import Glibc
import MSNP
import TestSupport
import Testing

@testable import Relay

/// A socket that can send urgent bytes. Its calls wait for 20 seconds at most.
private final class PlainSocket {
    private let descriptor: Int32

    private init(_ descriptor: Int32) throws {
        self.descriptor = descriptor
        try #require(descriptor >= 0)
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &timeout, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    deinit { close(descriptor) }

    static func connect(to address: HostPort) throws -> PlainSocket {
        try PlainSocket(Loopback.connect(to: address.port))
    }

    static func listen() throws -> (PlainSocket, HostPort) {
        let (descriptor, port) = try Loopback.listen()
        return (try PlainSocket(descriptor), HostPort("127.0.0.1", port))
    }

    func accept() throws -> PlainSocket { try PlainSocket(Glibc.accept(descriptor, nil, nil)) }

    func send(_ text: String, urgent: Bool = false) throws {
        let bytes = Array(text.utf8)
        let flags = Int32(MSG_NOSIGNAL) | (urgent ? Int32(MSG_OOB) : 0)
        #expect(Glibc.send(descriptor, bytes, bytes.count, flags) == bytes.count)
    }

    /// Says a line whose byte in the middle is urgent, twice, and no more: the far side does not wait for what got lost.
    func sendLines() throws {
        for _ in 0..<2 {
            try send("VER 1 MS")
            try send("N", urgent: true)
            try send("P12 CVR0\r\n")
        }
        try #require(shutdown(descriptor, Int32(SHUT_WR)) == 0)
    }
}

@Suite(.timeLimit(.minutes(1))) struct UrgentDataTests {
    private let lines = "VER 1 MSNP12 CVR0\r\nVER 1 MSNP12 CVR0\r\n"

    @Test func ofTheClientReachesTheServer() async throws {
        let server = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let client = try PlainSocket.connect(to: harness.door)
        try client.sendLines()
        let peer = try await server.accept()
        try await peer.expect(lines)
        try await peer.expectEnd()
        await harness.relay.stop()
        await server.stop()
    }

    @Test func ofTheServerReachesTheClient() async throws {
        let (server, address) = try PlainSocket.listen()
        let harness = try await RelayHarness.start(to: address)
        let client = try await TestPeer.connect(to: harness.door)
        try await client.send("VER 1 MSNP12 CVR0\r\n")
        let peer = try server.accept()
        try peer.sendLines()
        try await client.expect(lines)
        try await client.expectEnd()
        await harness.relay.stop()
    }
}
