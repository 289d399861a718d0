// Urgent data (`MSG_OOB`): its byte is a byte of the stream, and goes on in its place.

import Glibc
import MSNP
import NIOCore
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
        let socket = try PlainSocket(Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        let target = try SocketAddress(ipAddress: address.host, port: Int(address.port))
        let code = target.withSockAddr { Glibc.connect(socket.descriptor, $0, socklen_t($1)) }
        try #require(code == 0)
        return socket
    }

    static func listen() throws -> (PlainSocket, HostPort) {
        let socket = try PlainSocket(Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        let any = try SocketAddress(ipAddress: "127.0.0.1", port: 0)
        try #require(any.withSockAddr { bind(socket.descriptor, $0, socklen_t($1)) } == 0)
        try #require(Glibc.listen(socket.descriptor, 8) == 0)
        // The family, then the port in network order.
        var name = [UInt8](repeating: 0, count: 16)
        var size = socklen_t(name.count)
        let code = name.withUnsafeMutableBytes {
            getsockname(socket.descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, &size)
        }
        try #require(code == 0)
        return (socket, HostPort("127.0.0.1", UInt16(name[2]) << 8 | UInt16(name[3])))
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
        let stage = try await Stage.start(to: server.address)
        let client = try PlainSocket.connect(to: stage.door)
        try client.sendLines()
        let peer = try await server.accept()
        try await peer.expect(lines)
        try await peer.expectEnd()
        await stage.relay.stop()
        await server.stop()
    }

    @Test func ofTheServerReachesTheClient() async throws {
        let (server, address) = try PlainSocket.listen()
        let stage = try await Stage.start(to: address)
        let client = try await TestPeer.connect(to: stage.door)
        try await client.send("VER 1 MSNP12 CVR0\r\n")
        let peer = try server.accept()
        try peer.sendLines()
        try await client.expect(lines)
        try await client.expectEnd()
        await stage.relay.stop()
    }
}
