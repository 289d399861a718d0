// Lets a scripted client come through a door: for each connection a listener whose other side speaks SOCKS or HTTP.

import Foundation
import Glibc
import MSNP
import TestSupport

/// The client's half of a proxy handshake, with blocking sockets.
enum ClientHandshake: String, Sendable, CaseIterable {
    case socks4, socks4a, socks5, connect

    func perform(on socket: Int32, for target: HostPort) throws {
        let port = [UInt8(target.port >> 8), UInt8(target.port & 0xFF)]
        let name = Array(target.host.utf8)
        switch self {
        case .socks4:
            // A SOCKS4 client resolves names itself.
            try BlockingSocket.send([4, 1] + port + (target.ipv4 ?? [192, 0, 2, 1]) + [0], to: socket)
            try expect([0, 0x5A], in: try BlockingSocket.receive(8, from: socket))
        case .socks4a:
            try BlockingSocket.send([4, 1] + port + [0, 0, 0, 1, 0] + name + [0], to: socket)
            try expect([0, 0x5A], in: try BlockingSocket.receive(8, from: socket))
        case .socks5:
            try BlockingSocket.send([5, 2, 0, 1], to: socket)
            try expect([5, 0], in: try BlockingSocket.receive(2, from: socket))
            try BlockingSocket.send([5, 1, 0, 3, UInt8(name.count)] + name + port, to: socket)
            try expect([5, 0], in: try BlockingSocket.receive(10, from: socket))
        case .connect:
            try BlockingSocket.send(Array("CONNECT \(target) HTTP/1.0\r\n\r\n".utf8), to: socket)
            let head = try BlockingSocket.receiveHead(from: socket)
            try expect(Array("HTTP/1.0 200 ".utf8), in: head)
        }
    }

    private func expect(_ wanted: [UInt8], in answer: [UInt8]) throws {
        guard answer.starts(with: wanted) else { throw BlockingSocket.Failure.refused(answer) }
    }
}

/// Reads and writes on blocking sockets.
enum BlockingSocket {
    enum Failure: Error {
        case ended
        case refused([UInt8])
    }

    static func send(_ bytes: [UInt8], to socket: Int32) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failure.ended }
            rest = rest.dropFirst(count)
        }
    }

    /// Some bytes, at least one.
    static func receive(upTo most: Int, from socket: Int32) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: most)
        let count = recv(socket, &buffer, most, 0)
        guard count > 0 else { throw Failure.ended }
        return Array(buffer.prefix(count))
    }

    static func receive(_ count: Int, from socket: Int32) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count { bytes += try receive(upTo: count - bytes.count, from: socket) }
        return bytes
    }

    /// An HTTP head with the empty line behind it.
    static func receiveHead(from socket: Int32) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) { bytes += try receive(1, from: socket) }
        return bytes
    }

    /// Copies until the end of one side, and passes that on.
    static func copy(from source: Int32, to target: Int32) {
        while let bytes = try? receive(upTo: 65_536, from: source) {
            guard (try? send(bytes, to: target)) != nil else { break }
        }
        shutdown(target, Int32(SHUT_WR))
    }
}

/// A listener for one connection of a client, whose bytes go to the relay in another form.
enum DoorAdapter {
    typealias Carry = @Sendable (_ client: Int32, _ relay: Int32) throws -> Void

    /// Opens a listener; what connects to it is carried to the relay.
    static func open(to relay: UInt16, _ carry: @escaping Carry) throws -> HostPort {
        let (listener, port) = try Loopback.listen()
        Thread.detachNewThread {
            let client = accept(listener, nil, nil)
            close(listener)
            defer { close(client) }
            guard let socket = try? Loopback.connect(to: relay) else { return }
            defer { close(socket) }
            try? carry(client, socket)
        }
        return HostPort("127.0.0.1", port)
    }

    /// Carries the bytes unchanged after a handshake.
    static func proxied(_ handshake: ClientHandshake, to target: HostPort) -> Carry {
        { client, relay in
            try handshake.perform(on: relay, for: target)
            let isDone = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                BlockingSocket.copy(from: relay, to: client)
                isDone.signal()
            }
            BlockingSocket.copy(from: client, to: relay)
            isDone.wait()
        }
    }

    /// Carries the bytes in HTTP requests, one after the other on one connection.
    static func gateway(to target: HostPort) -> Carry {
        { client, relay in
            func request(_ query: String, _ body: [UInt8] = []) throws -> (head: String, body: [UInt8]) {
                let head =
                    "POST http://gateway.example.com/gateway/gateway.dll?\(query) HTTP/1.1\r\n"
                    + "Proxy-Connection: Keep-Alive\r\nContent-Length: \(body.count)\r\n\r\n"
                try BlockingSocket.send(Array(head.utf8) + body, to: relay)
                let answer = String(decoding: try BlockingSocket.receiveHead(from: relay), as: UTF8.self)
                let length = answer.firstMatch(of: /Content-Length: ([0-9]+)/).flatMap { Int($0.output.1) } ?? 0
                return (answer, try BlockingSocket.receive(length, from: relay))
            }
            var answer = try request("Action=open&Server=NS&IP=\(target.host)")
            while let session = answer.head.firstMatch(of: /SessionID=([0-9.]+)/)?.output.1 {
                if !answer.body.isEmpty { try BlockingSocket.send(answer.body, to: client) }
                if answer.head.contains("Session=close") { return }
                var state = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
                if poll(&state, 1, 5) > 0 {
                    let bytes = try BlockingSocket.receive(upTo: 4_096, from: client)
                    answer = try request("SessionID=\(session)", bytes)
                } else {
                    answer = try request("Action=poll&SessionID=\(session)")
                }
            }
        }
    }
}
