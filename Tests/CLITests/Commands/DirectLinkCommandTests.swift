// Files by direct links that the built program keeps in its path: the same bytes on both sides, and in the archive.

import Foundation
import Glibc
import MSNP
import TestSupport
import Testing

/// The other end sent nothing more, or nothing for half a minute.
private struct WireEnded: Error {}

/// One end of a connection, with blocking calls.
private final class Wire {
    private let descriptor: Int32

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    static func accept(_ listener: Int32) throws -> Wire {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { throw WireEnded() }
        return Wire(descriptor)
    }

    func send(_ bytes: [UInt8]) throws {
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw WireEnded()
        }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func read(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var part = [UInt8](repeating: 0, count: count - bytes.count)
            let got = recv(descriptor, &part, part.count, 0)
            guard got > 0 else { throw WireEnded() }
            bytes += part.prefix(got)
        }
        return bytes
    }

    func line() throws -> String {
        var bytes: [UInt8] = []
        while bytes.last != 0x0A { bytes += try read(1) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A `MSG`.
    func message() throws -> [UInt8] {
        let line = try line()
        let length = try #require(line.split(whereSeparator: \.isWhitespace).last.flatMap { Int($0) })
        return try read(length)
    }
}

@Suite(.timeLimit(.minutes(2)), .serialized) struct DirectLinkCommandTests {
    private static let (ann, bob) = ("ann@x.example", "bob@x.example")
    private static var file: [UInt8] {
        var numbers = SeededGenerator(seed: 11)
        return numbers.bytes(5_000)
    }

    /// A relay that keeps direct links, and both ends of a conversation through it.
    private struct Talk {
        let scratch: Scratch
        let relay: Program
        /// The connections to the notification server, which last as long as the conversation.
        let signIn: [Wire]
        let client: Wire
        let board: Wire
        /// Where Bob's client waits for the direct link.
        let waiting: (descriptor: Int32, port: UInt16)

        init() async throws {
            scratch = try Scratch()
            let upstream = try Loopback.listen()
            let boards = try Loopback.listen()
            waiting = try Loopback.listen()
            defer { for listener in [upstream, boards] { close(listener.descriptor) } }
            relay = try Program([
                "relay", "--upstream", "127.0.0.1:\(upstream.port)", "--listen", "0", "--direct-links", "keep",
                "--quiet", "--archive", scratch.path("a.sqlite"), "--ready-file", scratch.path("ready"),
            ])
            let (folder, program) = (scratch, relay)
            let port = try await program.wait(for: "the relay") { () -> UInt16? in
                let text = (try? folder.read("ready")).map { String(decoding: $0, as: UTF8.self) } ?? ""
                return text.firstMatch(of: /:([0-9]+)"/).flatMap { UInt16($0.output.1) }
            }
            let first = Wire(try Loopback.connect(to: port))
            try first.send("VER 1 MSNP8 CVR0\r\n")
            let server = try Wire.accept(upstream.descriptor)
            _ = try server.line()
            try server.send("VER 1 MSNP8\r\n")
            _ = try first.line()
            try first.send("USR 2 TWN I \(DirectLinkCommandTests.ann)\r\n")
            _ = try server.line()
            try server.send("XFR 3 SB 127.0.0.1:\(boards.port) CKI 1.2\r\n")
            #expect(try first.line() == "XFR 3 SB 127.0.0.1:\(port) CKI 1.2\r\n")
            signIn = [first, server]
            client = Wire(try Loopback.connect(to: port))
            try client.send("USR 1 \(DirectLinkCommandTests.ann) 1.2\r\n")
            board = try Wire.accept(boards.descriptor)
            _ = try board.line()
            try board.send("USR 1 OK \(DirectLinkCommandTests.ann) Ann\r\nJOI \(DirectLinkCommandTests.bob) Bob\r\n")
            for _ in 0..<2 { _ = try client.line() }
        }

        /// A `MSG` from Bob, as Ann's client gets it.
        func tell(_ type: String, _ content: [UInt8]) throws -> [UInt8] {
            let payload = Array("MIME-Version: 1.0\r\nContent-Type: \(type)\r\n\r\n".utf8) + content
            try board.send(Array("MSG \(DirectLinkCommandTests.bob) Bob \(payload.count)\r\n".utf8) + payload)
            return try client.message()
        }

        /// A `MSG` from Ann, as the switchboard gets it.
        func say(_ type: String, _ content: [UInt8]) throws -> [UInt8] {
            let payload = Array("MIME-Version: 1.0\r\nContent-Type: \(type)\r\n\r\n".utf8) + content
            try client.send(Array("MSG 9 D \(payload.count)\r\n".utf8) + payload)
            return try board.message()
        }

        /// What the archive has of the file, and the roles of the connections of its only sign-in.
        func archived() async throws -> (file: [UInt8]?, tree: String) {
            relay.terminate()
            _ = try await relay.outcome()
            let (archive, folder) = (scratch.path("a.sqlite"), scratch.path("files"))
            let extracted = try await Program.run("extract", "--archive", archive, "--into", folder)
            #expect(extracted.code == 0, "\(extracted.errors)")
            let name = try scratch.names(in: "files").first { $0.hasSuffix("a.bin") }
            let tree = try await Program.run("sessions", "--tree", "--archive", archive).output
            return (try name.map { try scratch.read("files/\($0)") }, tree)
        }
    }

    /// The value of a line.
    private static func value(_ name: String, in payload: [UInt8]) throws -> String {
        let text = String(decoding: payload, as: UTF8.self)
        let line = try #require(text.components(separatedBy: "\r\n").first { $0.hasPrefix("\(name): ") }, "\(text)")
        return String(line.dropFirst(name.count + 2))
    }

    @Test func aFileByMSNFTP() async throws {
        let talk = try await Talk()
        let type = "text/x-msmsgsinvite; charset=UTF-8"
        func invitation(_ command: String, _ lines: String...) -> [UInt8] {
            let all = ["Invitation-Command: \(command)", "Invitation-Cookie: 33267"] + lines + ["", ""]
            return Array(all.joined(separator: "\r\n").utf8)
        }
        let file = Self.file
        _ = try talk.tell(
            type,
            invitation(
                "INVITE", "Application-Name: File Transfer",
                "Application-GUID: {5D3E02AB-6190-11D3-BBBB-00C04F795683}", "Application-File: a.bin",
                "Application-FileSize: \(file.count)"))
        _ = try talk.say(type, invitation("ACCEPT", "Launch-Application: FALSE", "Request-Data: IP-Address:"))
        let told = try talk.tell(
            type,
            invitation(
                "ACCEPT", "IP-Address: 127.0.0.1", "Port: \(talk.waiting.port)", "AuthCookie: 93301",
                "Launch-Application: FALSE"))
        let port = try #require(UInt16(try Self.value("Port", in: told)))
        #expect(port != talk.waiting.port)
        let receiver = Wire(try Loopback.connect(to: port))
        try receiver.send("VER MSNFTP\r\n")
        let sender = try Wire.accept(talk.waiting.descriptor)
        #expect(try sender.line() == "VER MSNFTP\r\n")
        try sender.send("VER MSNFTP\r\n")
        _ = try receiver.line()
        try receiver.send("USR \(Self.ann) 93301\r\n")
        _ = try sender.line()
        try sender.send("FIL \(file.count)\r\n")
        _ = try receiver.line()
        try receiver.send("TFR\r\n")
        _ = try sender.line()
        var received: [UInt8] = []
        for start in stride(from: 0, to: file.count, by: 2_000) {
            let block = file[start..<min(start + 2_000, file.count)]
            try sender.send([0] + little(block.count, 2) + block)
            received += try receiver.read(block.count + 3).dropFirst(3)
        }
        try receiver.send("BYE 16777989\r\n")
        _ = try sender.line()
        #expect(received == file)
        let (kept, tree) = try await talk.archived()
        #expect(kept == file)
        #expect(tree.contains("FTP"), "\(tree)")
        close(talk.waiting.descriptor)
    }

    /// With a list that an address of the relay fits into, and with one whose size changes.
    @Test(arguments: ["127.0.0.1", "127.0.0.1 10.1.1.4"]) func aFileByMSNSLP(_ list: String) async throws {
        let talk = try await Talk()
        let type = "application/x-msnmsgrp2p"
        let file = Self.file
        func packet(_ message: Int, _ start: String, _ type: String, _ body: String, from: String, to: String)
            -> [UInt8]
        {
            peerPacket(
                message: message, slpMessage(start, from: from, to: to, type: type, body: body + "\r\n\0"),
                tail: little(message + 1, 4) + little(0, 12)) + big(0, 4)
        }
        let name = Array("a.bin".utf16).flatMap { little(Int($0), 2) }
        let offer =
            little(574, 4) + little(2, 4) + little(file.count, 8) + little(1, 4) + name
            + [UInt8](repeating: 0, count: 520 - name.count + 34)
        let body =
            "EUF-GUID: {5D3E02AB-6190-11D3-BBBB-00C04F795683}\r\nSessionID: 77\r\nAppID: 2\r\nContext: "
            + Data(offer).base64EncodedString() + "\r\n"
        let (toAnn, toBob) = ("INVITE MSNMSGR:\(Self.ann) MSNSLP/1.0", "INVITE MSNMSGR:\(Self.bob) MSNSLP/1.0")
        _ = try talk.tell(type, packet(100, toAnn, "sessionreqbody", body, from: Self.bob, to: Self.ann))
        let answer = "MSNSLP/1.0 200 OK"
        _ = try talk.say(type, packet(200, answer, "sessionreqbody", "SessionID: 77\r\n", from: Self.ann, to: Self.bob))
        let bridges = "Bridges: TCPv1\r\nNetID: 0\r\nConn-Type: Direct-Connect\r\n"
        _ = try talk.say(type, packet(201, toBob, "transreqbody", bridges, from: Self.ann, to: Self.bob))
        let nonce = "{01020304-0506-0708-090A-0B0C0D0E0F10}"
        let place =
            "Bridge: TCPv1\r\nListening: true\r\nNonce: \(nonce)\r\nIPv4Internal-Addrs: \(list)\r\n"
            + "IPv4Internal-Port: \(talk.waiting.port)\r\nSessionID: 77\r\n"
        let agreement = packet(101, answer, "transrespbody", place, from: Self.bob, to: Self.ann)
        let head = "MIME-Version: 1.0\r\nContent-Type: \(type)\r\n\r\n".utf8.count
        let told = try talk.tell(type, agreement)
        let port = try #require(UInt16(try Self.value("IPv4Internal-Port", in: told)))
        #expect(port != talk.waiting.port && (told.count == head + agreement.count) == (list == "127.0.0.1"))
        #expect(try Self.value("IPv4Internal-Addrs", in: told) == "127.0.0.1")
        // Bob's client must see the size that it sent, whatever Ann's client got.
        let sizes = [told.count - head - 52, agreement.count - 52].map { size in
            peerPacket(message: 202, total: 0, [], flags: 2, tail: little(101, 4) + little(102, 4) + little(size, 8))
                + big(0, 4)
        }
        let acknowledged = try talk.say(type, sizes[0])
        #expect(acknowledged.suffix(sizes[1].count).elementsEqual(sizes[1]))
        let receiver = Wire(try Loopback.connect(to: port))
        let guid: [UInt8] = [4, 3, 2, 1, 6, 5, 8, 7, 9, 10, 11, 12, 13, 14, 15, 16]
        let greeting = linkPacket(Array("foo\0".utf8))
        let handshake = linkPacket(peerPacket(message: 300, [], flags: 0x100, tail: guid))
        try receiver.send(greeting + handshake)
        let sender = try Wire.accept(talk.waiting.descriptor)
        #expect(try sender.read(greeting.count + handshake.count) == greeting + handshake)
        try sender.send(handshake)
        #expect(try receiver.read(handshake.count) == handshake)
        var received: [UInt8] = []
        for start in stride(from: 0, to: file.count, by: 1_300) {
            let part = file[start..<min(start + 1_300, file.count)]
            let packet = linkPacket(
                peerPacket(
                    session: 77, message: 400, offset: start, total: file.count, part, flags: 0x1_000_030,
                    tail: little(5, 4) + little(0, 12)))
            try sender.send(packet)
            received += try receiver.read(packet.count).dropFirst(52)
        }
        #expect(received == file)
        let (kept, tree) = try await talk.archived()
        #expect(kept == file)
        #expect(tree.contains("P2P"), "\(tree)")
        close(talk.waiting.descriptor)
    }

    @Test func wrongUsage() async throws {
        let outcome = try await Program.run("relay", "--upstream", "a", "--direct-links", "drop")
        #expect(outcome.code == 2 && outcome.errors.contains("the policies are pass, refuse, keep"))
    }
}
