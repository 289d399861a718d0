// Agreements on direct links: their addresses, the same length without them, and with one of the relay's.

import MSNP
import TestSupport
import Testing

@testable import Payloads

@Suite struct DirectLinkTests {
    private static let relay = "192.168.1.20"

    /// A MSG of a server or a client.
    private static func message(_ type: String, _ content: [UInt8], from side: Side = .server) throws -> Frame {
        let payload = Array("MIME-Version: 1.0\r\nContent-Type: \(type)\r\n\r\n".utf8) + content
        let start = side == .server ? "MSG bob@x.example Bob" : "MSG 7 D"
        return try #require(Frame(Array("\(start) \(payload.count)\r\n".utf8) + payload))
    }

    /// An MSNFTP ACCEPT.
    private static func accept(_ lines: String...) throws -> Frame {
        let content = (["Invitation-Command: ACCEPT", "Invitation-Cookie: 33267"] + lines + ["", ""])
        return try message("text/x-msmsgsinvite; charset=UTF-8", Array(content.joined(separator: "\r\n").utf8))
    }

    /// An MSNSLP response with lines about addresses, in one packet.
    private static func response(_ lines: [String], version: PeerVersion = .one) throws -> Frame {
        let body = (["Bridge: TCPv1", "Listening: true"] + lines + ["", "\0"]).joined(separator: "\r\n")
        let slp = slpMessage(
            "MSNSLP/1.0 200 OK", from: "bob@x.example", to: "ann@x.example", type: "transrespbody", body: body)
        guard version == .two else {
            let packet = peerPacket(message: 0x1234, slp, tail: little(9, 4) + little(0, 12)) + big(0, 4)
            return try message("application/x-msnmsgrp2p", packet)
        }
        // Transport header, data header, data, footer (p2p.md section 3).
        let packet =
            [8, 0] + big(slp.count + 8, 2) + big(77, 4) + [8, 1] + big(1, 2) + big(0, 4) + slp + big(0, 4)
        let payload =
            Array(
                "MIME-Version: 1.0\r\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Dest: ann@x.example;{1}\r\nP2P-Src: bob@x.example;{2}\r\n\r\n"
                    .utf8) + packet
        return try #require(Frame(Array("MSG bob@x.example Bob \(payload.count)\r\n".utf8) + payload))
    }

    private static func agreement(_ frame: Frame) throws -> DirectLinkAgreement {
        try #require(DirectLinkAgreement(frame, from: .server))
    }

    /// Everything around the text says the length that the text has.
    private static func check(_ bytes: [UInt8]) throws -> SLPMessage {
        let frame = try #require(Frame(bytes))
        let length = try #require(frame.argumentRanges.last.flatMap { Decimal.value(of: frame.bytes[$0]) })
        #expect(length == UInt64(frame.payload.count))
        let envelope = try #require(PeerEnvelope(frame, from: .server))
        let packet = try PeerPacket(try #require(envelope.packets.first), version: envelope.version)
        #expect(packet.wrongLength == nil)
        if case .one(let header) = packet.header { #expect(header.totalSize == UInt64(packet.data.count)) }
        let message = try #require(SLPMessage(packet.data))
        #expect(message.wrongLength == nil)
        return message
    }

    // MARK: - Lists

    @Test(arguments: 7...60) func aListOfEachLength(_ length: Int) {
        for host in ["10.0.0.1", Self.relay, "192.168.100.200"] {
            let rest = length - host.utf8.count
            let list = AddressList.filled(host, to: length)
            #expect((list != nil) == (rest == 0 || (10...15).contains(rest) || rest >= 20), "\(host) \(length)")
            guard let list else { continue }
            #expect(list.utf8.count == length)
            let addresses = list.split(separator: " ", omittingEmptySubsequences: false)
            #expect(addresses.first.map(String.init) == host)
            #expect(addresses.allSatisfy { HostPort(String($0), 1).ipv4 != nil })
        }
        let loopback = AddressList.loopback(ofLength: length)
        #expect(loopback.map(\.utf8.count) == ((9...15).contains(length) ? length : nil))
        #expect(loopback.map { HostPort($0, 1).ipv4?.first == 127 } != false)
    }

    // MARK: - MSNFTP

    @Test func anInvitation() throws {
        let frame = try Self.accept(
            "IP-Address: 80.1.2.3", "IP-Address-Internal: 10.1.1.4", "Port: 6891", "PortX: 11178", "AuthCookie: 93301")
        let agreement = try Self.agreement(frame)
        #expect(agreement.addresses == [HostPort("10.1.1.4", 6891), HostPort("80.1.2.3", 6891)])
        let plan = try #require(DirectLinkPlan(agreement, host: Self.relay, isLocal: false))
        let edit = try #require(plan.edit(port: 40_000))
        #expect(plan.host == Self.relay && edit.acknowledgement == nil)
        let sent = try #require(Frame(edit.bytes))
        #expect(sent.argumentRanges.last.flatMap { Decimal.value(of: sent.bytes[$0]) } == UInt64(sent.payload.count))
        let text = String(decoding: sent.payload, as: UTF8.self)
        #expect(
            text.hasSuffix(
                "\r\nIP-Address: 192.168.1.20\r\nIP-Address-Internal: 192.168.1.20\r\nPort: 40000\r\nPortX: \(40_000 ^ 0x3141)\r\nAuthCookie: 93301\r\n\r\n"
            ))
    }

    @Test func invitationsWithoutAnAddress() throws {
        #expect(DirectLinkAgreement(try Self.accept("Launch-Application: FALSE"), from: .server) == nil)
        #expect(DirectLinkAgreement(try Self.accept("Port: 6891"), from: .server) == nil)
        #expect(
            DirectLinkAgreement(try Self.message("text/plain", Array("IP-Address: 10.0.0.1".utf8)), from: .server)
                == nil)
        // A call: the port is in the address. It can be refused, but not kept.
        let call = try Self.agreement(try Self.accept("IP-Address: 10.1.1.4:5004"))
        #expect(DirectLinkPlan(call, host: Self.relay, isLocal: false) == nil)
        #expect(String(decoding: call.refused(), as: UTF8.self).contains("\r\nXP-Address: 10.1.1.4:5004\r\n"))
    }

    // MARK: - MSNSLP

    @Test(arguments: [PeerVersion.one, .two], [false, true])
    func theSameLength(_ version: PeerVersion, _ isBackward: Bool) throws {
        let forward = [
            "IPv4Internal-Addrs: 192.168.0.10 10.1.1.44", "IPv4Internal-Port: 6891", "IPv4External-Addrs: 80.1.2.3",
            "IPv4External-Port: 6891", "IPv6-global: 2001:db8::7",
        ]
        func turned(_ text: some StringProtocol) -> String { String(text.reversed()) }
        let lines = forward.map { line -> String in
            let parts = line.split(separator: ":", maxSplits: 1)
            return isBackward && !line.hasPrefix("IPv6")
                ? "\(turned(parts[0])): \(turned(parts[1].dropFirst()))" : line
        }
        let frame = try Self.response(lines, version: version)
        let agreement = try Self.agreement(frame)
        #expect(
            agreement.addresses.map(\.description) == [
                "192.168.0.10:6891", "10.1.1.44:6891", "80.1.2.3:6891",
            ])
        let plan = try #require(DirectLinkPlan(agreement, host: Self.relay, isLocal: false))
        #expect(plan.ports == 1_024...9_999 && plan.edit(port: 40_000) == nil)
        let edit = try #require(plan.edit(port: 7_001))
        #expect(edit.acknowledgement == nil && edit.bytes.count == frame.bytes.count)
        let message = try Self.check(edit.bytes)
        #expect(message.value("IPv4Internal-Addrs") == "192.168.1.20 192.0.2.1")
        #expect(message.value("IPv4Internal-Port") == "7001" && message.value("XPv6-global") != nil)
        #expect(message.value("IPv4External-Addrs") == nil)
    }

    @Test(arguments: 7...60) func everyLengthInVersion1(_ length: Int) throws {
        // Any text of this length that begins with an address.
        let list = AddressList.filled("1.2.3.4", to: length) ?? "1.2.3.4" + String(repeating: " ", count: length - 7)
        let frame = try Self.response(["IPv4Internal-Addrs: \(list)", "IPv4Internal-Port: 16891"])
        let agreement = try Self.agreement(frame)
        let value = try #require(agreement.line(.internalList)?.value)
        let plan = try #require(DirectLinkPlan(agreement, host: Self.relay, isLocal: false))
        let edit = try #require(plan.edit(port: 40_000))
        let message = try Self.check(edit.bytes)
        #expect(message.value("IPv4Internal-Addrs")?.hasPrefix(Self.relay) == true)
        #expect(message.value("IPv4Internal-Port") == "40000")
        let fits = AddressList.filled(Self.relay, to: value.count) != nil
        #expect((edit.bytes.count == frame.bytes.count) == fits && (edit.acknowledgement == nil) == fits)
        // On one machine an address of up to 15 bytes always fits.
        let local = try #require(DirectLinkPlan(agreement, host: "127.0.0.1", isLocal: true))
        let near = try #require(local.edit(port: 40_000))
        if (9...15).contains(value.count) { #expect(near.bytes.count == frame.bytes.count) }
        _ = try Self.check(near.bytes)
        // In version 2 all numbers behind it would change: it is left alone.
        let second = try Self.agreement(
            Self.response(["IPv4Internal-Addrs: \(list)", "IPv4Internal-Port: 16891"], version: .two))
        #expect((DirectLinkPlan(second, host: Self.relay, isLocal: false) != nil) == fits)
    }

    @Test func theAcknowledgementOfAChangedSize() throws {
        let frame = try Self.response(["IPv4Internal-Addrs: 10.1.1.4", "IPv4Internal-Port: 6891"])
        let plan = try #require(DirectLinkPlan(try Self.agreement(frame), host: Self.relay, isLocal: false))
        let edit = try #require(plan.edit(port: 40_000))
        let acknowledgement = try #require(edit.acknowledgement)
        #expect(acknowledgement.identifier == 0x1234 && acknowledgement.changed == acknowledgement.original + 5)
        func answer(_ identifier: Int, _ size: UInt64) throws -> Frame {
            let tail = little(identifier, 4) + little(9, 4) + little(Int(size), 8)
            let packet = peerPacket(message: 5, total: 0, [], flags: 2, tail: tail) + big(0, 4)
            return try Self.message("application/x-msnmsgrp2p", packet, from: .client)
        }
        let right = try answer(0x1234, acknowledgement.changed)
        #expect(acknowledgement.translated(right) == Array(try answer(0x1234, acknowledgement.original).bytes))
        #expect(acknowledgement.translated(try answer(0x1235, acknowledgement.changed)) == nil)
        #expect(acknowledgement.translated(try answer(0x1234, acknowledgement.changed + 1)) == nil)
    }

    @Test func refusal() throws {
        let lines = [
            "IPv4Internal-Addrs: 10.1.1.4", "IPv4Internal-Port: 6891", "srddA-lanretxE4vPI: 3.2.1.08",
            "troP-lanretxE4vPI: 1986", "IPv6-Addrs: 2001:db8::7", "IPv4ExternalAddrsAndPorts: 80.1.2.3:6891",
        ]
        for version in [PeerVersion.one, .two] {
            let frame = try Self.response(lines, version: version)
            let sent = try Self.agreement(frame).refused()
            #expect(sent.count == frame.bytes.count)
            let message = try Self.check(sent)
            #expect(
                message.body.map(\.name).filter { $0.lowercased().contains("addrs") }.allSatisfy {
                    $0.hasPrefix("XPv") || $0.hasSuffix("4vPX")
                })
            #expect(zip(sent, frame.bytes).count { $0 != $1 } == 4)
            #expect(DirectLinkAgreement(try #require(Frame(sent)), from: .server) == nil)
        }
    }

    /// Numbers that no length can be: nothing traps, and nothing is changed into nonsense.
    @Test func hostileLengths() throws {
        let slp = slpMessage(
            "MSNSLP/1.0 200 OK", from: "b", to: "a", type: "transrespbody",
            body: "IPv4Internal-Addrs: 1.2.3.4\r\nIPv4Internal-Port: 99999\r\n\r\n", length: 9_999_999_999)
        let frame = try Self.message("application/x-msnmsgrp2p", peerPacket(message: 1, slp) + big(0, 4))
        let agreement = try Self.agreement(frame)
        #expect(agreement.addresses.isEmpty && DirectLinkPlan(agreement, host: Self.relay, isLocal: false) == nil)
        var seed = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            var bytes = Array(try Self.response(["IPv4Internal-Addrs: 10.1.1.4", "IPv4Internal-Port: 6891"]).bytes)
            for _ in 0..<Int.random(in: 1...8, using: &seed) {
                bytes[Int.random(in: 30..<bytes.count, using: &seed)] = UInt8.random(in: 0...255, using: &seed)
            }
            guard let frame = Frame(bytes), let agreement = DirectLinkAgreement(frame, from: .server) else { continue }
            #expect(agreement.refused().count == bytes.count)
            _ = DirectLinkPlan(agreement, host: Self.relay, isLocal: false)?.edit(port: 40_000)
        }
    }
}
