// Transfers that are agreed on over one server and carried by another, both over the relay.

import Events
import MSNP
import NIOCore
import Testing

@testable import Relay

@Suite(.timeLimit(.minutes(1))) struct CrossConnectionTransfersTests {
    private static let (ann, bob) = ("ann@x.example", "bob@x.example")

    /// A packet of version 2 with three bytes of an object (p2p.md section 3). No byte of it is above 127.
    private static func data(session: UInt8) -> String {
        let packet: [UInt8] = [8, 0, 0, 11, 0, 0, 0, 7, 8, 5, 0, 1, 0, 0, 0, session, 1, 2, 3, 0, 0, 0, 0]
        let payload =
            "Content-Type: application/x-msnmsgrp2p\r\nP2P-Dest: \(ann);{1}\r\nP2P-Src: \(bob);{2}\r\n\r\n"
            + String(decoding: packet, as: UTF8.self)
        return "MSG \(bob) Bob \(payload.utf8.count)\r\n\(payload)"
    }

    @Test func anInvitationOverAnotherServer() async throws {
        let server = try await TestServer.start()
        let board = try await TestServer.start()
        let harness = try await RelayHarness.start(to: server.address)
        let (client, peer) = try await harness.meet(server, "VER 1 MSNP18\r\n")
        try await client.send("USR 2 SSO I \(Self.ann)\r\n")
        try await peer.expect("USR 2 SSO I \(Self.ann)\r\n")
        let body = "EUF-GUID: {A4268EEC-FEC5-49E5-95C3-F126696BDBF6}\r\nSessionID: 77\r\nAppID: 1\r\n\r\n"
        let invite =
            "INVITE MSNMSGR:\(Self.ann) MSNSLP/1.0\r\nTo: <msnmsgr:\(Self.ann)>\r\nFrom: <msnmsgr:\(Self.bob)>\r\n"
            + "Call-ID: {1}\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let line = "UBN \(Self.bob) 3 \(invite.utf8.count)\r\n\(invite)"
        try await peer.send(line)
        try await client.expect(line)
        try await peer.send("XFR 15 SB \(board.address) CKI 1.1\r\n")
        try await client.expect("XFR 15 SB \(harness.door) CKI 1.1\r\n")
        let (second, talk) = try await harness.meet(board, "USR 1 \(Self.ann) 1.1\r\n")
        for session in [77, 78, 78] as [UInt8] {
            try await talk.send(Self.data(session: session))
            try await second.expect(Self.data(session: session))
        }
        await second.close()
        await talk.close()
        try await harness.recorder.closed()
        // The one that was agreed on gives no finding.
        let found = harness.recorder.events.compactMap { event -> String? in
            guard case .finding(let finding) = event.kind, finding.name.text.hasPrefix("p2p_") else { return nil }
            return finding.text
        }
        #expect(found == ["Data of session 78 arrived, but its invitation was not seen."])
        await harness.relay.stop()
        await server.stop()
        await board.stop()
    }
}
