// Transfers that are agreed on in one connection and carried by another.

import Events
import Foundation
import MSNP
import TestSupport
import Testing

@testable import Captures
@testable import Packets

@Suite struct CrossConnectionTransfersTests {
    private static let (ann, bob) = ("ann@example.com", "bob@example.com")
    private static let nonce = [UInt8](repeating: 0x21, count: 16)
    private static let data = (0..<3_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    private static func said(_ body: [UInt8], type: String, from: String?) -> [UInt8] {
        let payload = Array("MIME-Version: 1.0\r\nContent-Type: \(type)\r\nP2P-Dest: \(ann)\r\n\r\n".utf8) + body
        let head = from.map { "MSG \($0) X \(payload.count)\r\n" } ?? "MSG 5 N \(payload.count)\r\n"
        return Array(head.utf8) + payload
    }

    private static func slp(_ start: String, _ type: String, _ body: String) -> [UInt8] {
        slpMessage(start, from: bob, to: ann, type: type, body: body + "\r\n\0")
    }

    /// The digest is that of other bytes: 20 zeros.
    private static func conversation(_ playback: inout Playback) -> Playback.Line {
        var line = playback.open(host: 1, port: 1_863)
        playback.send(.a, "USR 1 \(ann) 1.2\r\n", on: &line)
        let object =
            "<msnobj Creator=\"\(bob)\" Size=\"3000\" Type=\"3\" Location=\"0\" SHA1D=\"AAAAAAAAAAAAAAAAAAAAAAAAAAA=\"/>"
        let invite = slp(
            "INVITE MSNMSGR:\(bob) MSNSLP/1.0", "sessionreqbody",
            "EUF-GUID: {A4268EEC-FEC5-49E5-95C3-F126696BDBF6}\r\nSessionID: 77\r\nAppID: 1\r\nContext: "
                + Data(object.utf8).base64EncodedString() + "\r\n")
        let guid = "{21212121-2121-2121-2121-212121212121}"
        let way = slp("MSNSLP/1.0 200 OK", "transrespbody", "Bridge: TCPv1\r\nListening: true\r\nNonce: \(guid)\r\n")
        for (index, text) in [invite, way].enumerated() {
            let packet = peerPacket(message: index + 1, text) + [0, 0, 0, 0]
            let bytes = said(packet, type: "application/x-msnmsgrp2p", from: index == 0 ? nil : bob)
            playback.send(index == 0 ? .a : .b, bytes, on: &line)
        }
        return line
    }

    private static func findings(_ playback: Playback) -> [String] {
        playback.events.compactMap { event in
            guard case .finding(let finding) = event.kind else { return nil }
            return "\(event.role.rawValue)#\(event.connection) \(finding.name.text)"
        }
    }

    private enum Fault: CaseIterable { case none, overlap, length, end, start }

    @Test(arguments: [1, 700, 100_000]) func aDirectLink(_ step: Int) {
        for fault in Fault.allCases {
            var playback = Playback()
            let board = Self.conversation(&playback)
            var link = playback.open(host: 2, port: 6_891)
            var bytes = linkPacket(Array("foo\0".utf8))
            bytes += linkPacket(peerPacket(message: 1, [], flags: 0x100, tail: Self.nonce))
            for start in [0, 1_000, 2_000] {
                let part = Array(Self.data[start..<start + 1_000])
                if fault == .end && start == 2_000 || fault == .start && start == 0 { continue }
                bytes += linkPacket(
                    peerPacket(session: 77, message: 9, offset: start, total: 3_000, part, flags: 0x20))
                guard start == 1_000 else { continue }
                if fault == .overlap {
                    let other = part.map { $0 ^ 1 }
                    bytes += linkPacket(
                        peerPacket(session: 77, message: 9, offset: start, total: 3_000, other, flags: 0x20))
                } else if fault == .length {
                    bytes += [0, 0, 0, 0x40] + [UInt8](repeating: 0x55, count: 50)
                }
            }
            for start in stride(from: 0, to: bytes.count, by: step) {
                playback.send(.a, Array(bytes[start..<min(bytes.count, start + step)]), on: &link)
            }
            playback.close(link)
            playback.close(board)
            let found = Self.findings(playback).filter { $0.hasPrefix("P2P#2") }.map { String($0.dropFirst(6)) }
            switch fault {
            case .none: #expect(found == ["digest_differs"])
            case .overlap: #expect(found == ["p2p_overlap_differs", "digest_differs"])
            case .length: #expect(found.first == "p2p_link_broken")
            case .end: #expect(found == ["transfer_incomplete"])
            // It may have come through a server.
            case .start: #expect(found == [])
            }
        }
    }

    /// An invitation over the notification server, the data over a switchboard; or no invitation, in captures that would
    /// show it and in others.
    @Test(arguments: ["invited", "uninvited", "hole", "middle", "unsigned"])
    func aSessionAgreedOnElsewhere(_ what: String) {
        var playback = Playback()
        if what != "unsigned" {
            var server = playback.open(host: 1, port: 1_863, evidence: what == "middle" ? .guessed : .syn)
            playback.send(.a, "VER 1 MSNP18\r\n", on: &server)
            playback.send(.b, "VER 1 MSNP18\r\n", on: &server)
            playback.send(.a, "USR 2 SSO I \(Self.ann)\r\n", on: &server)
            if what == "hole" {
                playback.send(.b, "USR 2 SSO S x\r\n", on: &server)
                playback.miss(.b, 30, on: &server)
            }
            let invite = Self.slp(
                "INVITE MSNMSGR:\(Self.ann) MSNSLP/1.0", "sessionreqbody",
                "EUF-GUID: {A4268EEC-FEC5-49E5-95C3-F126696BDBF6}\r\nSessionID: 77\r\nAppID: 1\r\n")
            if what == "invited" {
                playback.send(.b, Array("UBN \(Self.bob) 3 \(invite.count)\r\n".utf8) + invite, on: &server)
            }
        }
        var board = playback.open(host: 1, port: 1_863)
        playback.send(.a, "USR 1 \(Self.ann) 1.2\r\n", on: &board)
        let packet: [UInt8] = [8, 0, 0, 11, 0, 0, 0, 7, 8, 5, 0, 1, 0, 0, 0, 77, 1, 2, 3, 0, 0, 0, 0]
        for _ in 0..<2 {
            let type = "application/x-msnmsgrp2p\r\nP2P-Src: \(Self.bob);{0}"
            playback.send(.b, Self.said(packet, type: type, from: Self.bob), on: &board)
        }
        let found = Self.findings(playback).filter { $0.contains("p2p_") }.map { String($0.suffix(19)) }
        #expect(found == (what == "uninvited" ? ["p2p_session_unknown"] : []))
    }

    /// MSNFTP: who serves the file, who sends first, and the findings.
    @Test(arguments: [false, true], [2_050, 2_049]) func aFilesOwnConnection(_ senderConnects: Bool, _ size: Int) {
        let file: [UInt8] = [0, 0xFD, 7] + [UInt8](repeating: 0x41, count: 2_045) + [0, 5, 0] + Array("\r\nBYE".utf8)
        var playback = Playback()
        var board = playback.open(host: 1, port: 1_863)
        playback.send(.a, "USR 1 \(Self.bob) 1.2\r\n", on: &board)
        func invitation(_ text: String) -> [UInt8] {
            Array((text + "\r\nInvitation-Cookie: 33\r\n\r\n").utf8)
        }
        let type = "text/x-msmsgsinvite; charset=UTF-8"
        let offer =
            "Invitation-Command: INVITE\r\nApplication-File: a.txt\r\nApplication-FileSize: \(size)"
            + (senderConnects ? "\r\nSender-Connect: TRUE" : "")
        playback.send(.b, Self.said(invitation(offer), type: type, from: Self.ann), on: &board)
        let accept = "Invitation-Command: ACCEPT\r\nIP-Address: 10.0.0.1\r\nPort: 6891\r\nAuthCookie: 93301"
        playback.send(
            senderConnects ? .a : .b,
            Self.said(invitation(accept), type: type, from: senderConnects ? nil : Self.ann), on: &board)
        var line = playback.open(host: 2, port: 6_891)
        let (receiver, sender) = senderConnects ? (StreamSide.b, StreamSide.a) : (.a, .b)
        playback.send(receiver, "VER MSNFTP\r\n", on: &line)
        playback.send(sender, "VER MSNFTP\r\n", on: &line)
        playback.send(receiver, "USR \(Self.bob) 93301\r\n", on: &line)
        playback.send(sender, "FIL 2050\r\n", on: &line)
        playback.send(receiver, "TFR\r\n", on: &line)
        for byte in file { playback.send(sender, [byte], on: &line) }
        playback.send(receiver, "BYE 16777989\r\n", on: &line)
        playback.close(line)
        playback.close(board)
        #expect(Self.findings(playback) == (size == 2_050 ? [] : ["FTP#2 ftp_size_differs"]))
        let (r, s) = senderConnects ? ("S", "C") : ("C", "S")
        let expected = [
            "\(r): VER MSNFTP", "\(s): VER MSNFTP", "\(r): USR \(Self.bob) 93301", "\(s): FIL 2050", "\(r): TFR",
        ]
        let lines = playback.lines[2] ?? []
        #expect(lines.filter { !$0.contains("noise") } == expected + ["\(r): BYE 16777989"])
        #expect(lines.filter { $0.contains("noise") }.allSatisfy { $0 == "\(s): noise file_data" })
        #expect(playback.events.filter { $0.connection == 2 }.dropFirst().allSatisfy { $0.role == .fileTransfer })
        // The cookie is hidden, whoever sends it.
        for case .frame(let frame, let side) in playback.events.map(\.kind) where frame.verb == "USR" {
            #expect(!Secrets.ranges(in: frame, from: side).isEmpty)
        }
    }
}
