// Findings in peer-to-peer packets of one connection.

import Analysis
import EventSamples
import Events
import MSNP
import Payloads
import TestSupport
import Testing

@Suite struct PeerFindingsTests {
    /// A packet of version 1 in a message (p2p.md section 2).
    private static func packet(
        _ data: [UInt8], session: Int = 0, offset: Int = 0, total: Int? = nil, length: Int? = nil, flags: Int = 0,
        identifier: Int = 7
    ) -> [UInt8] {
        let packet = peerPacket(
            session: session, message: identifier, offset: offset, total: total, data, length: length, flags: flags,
            tail: little(9, 16))
        let headers = Array("Content-Type: application/x-msnmsgrp2p\r\nP2P-Dest: a@b\r\n\r\n".utf8)
        return headers + packet + [0, 0, 0, session == 0 ? 0 : 1]
    }

    private func findings(ofPackets payloads: [[UInt8]], behindGap: Bool = false) -> [String] {
        var analyzer = FrameAnalyzer(connection: 1)
        var found: [Event.Kind] = []
        if behindGap {
            var gap = Sample.event(
                .gap(bytes: 9, offset: 0, from: .server), conn: 1, role: .switchboard, dialect: Dialect(12))
            found += analyzer.take(&gap)
        }
        for (number, payload) in payloads.enumerated() {
            guard let frame = Frame(Array("MSG \(number) D \(payload.count)\r\n".utf8) + payload) else { continue }
            var event = Event(
                time: Timestamp(nanoseconds: 0), connection: 1, role: .switchboard, dialect: Dialect(12),
                kind: .frame(frame, from: .client))
            found += analyzer.take(&event)
        }
        found += analyzer.finish()
        return found.compactMap { if case .finding(let finding) = $0 { finding.name.text } else { nil } }
    }

    private static func invitation(length: Int? = nil) -> [UInt8] {
        let body =
            "EUF-GUID: {A4268EEC-FEC5-49E5-95C3-F126696BDBF6}\r\nSessionID: 5\r\nAppID: 1\r\nContext: PG1zbm9iaiBUeXBlPSIzIi8+\r\n\r\n\0"
        return Array(
            ("INVITE MSNMSGR:a@b MSNSLP/1.0\r\nTo: <msnmsgr:a@b>\r\nFrom: <msnmsgr:c@d>\r\n"
                + "Call-ID: {00000000-0000-4000-8000-000000000001}\r\n"
                + "Content-Type: application/x-msnmsgr-sessionreqbody\r\nContent-Length: \(length ?? body.utf8.count)\r\n\r\n"
                + body).utf8)
    }

    @Test("Annotations have the envelope of a frame, but not that of a part")
    func envelopes() throws {
        let whole = Self.packet(Self.invitation())
        let part = Array("Message-ID: {1}\r\nChunks: 2\r\n".utf8) + whole
        for (payload, hasEnvelope) in [(whole, true), (part, false), (Array("Content-Type: a/b\r\n\r\n".utf8), false)] {
            let frame = try #require(Frame(Array("MSG 1 D \(payload.count)\r\n".utf8) + payload))
            var event = Event(
                time: Timestamp(nanoseconds: 0), connection: 1, role: .switchboard, dialect: Dialect(12),
                kind: .frame(frame, from: .client))
            var analyzer = FrameAnalyzer(connection: 1)
            _ = analyzer.take(&event)
            let envelope = hasEnvelope ? PeerEnvelope(frame, from: .client) : nil
            #expect(event.annotation?.envelope == envelope && (envelope != nil) == hasEnvelope)
        }
    }

    @Test func thePeerToPeerLayer() {
        #expect(findings(ofPackets: [Self.packet(Self.invitation())]).isEmpty)
        #expect(findings(ofPackets: [Self.packet(Self.invitation(length: 3))]).contains("slp_length"))
        #expect(findings(ofPackets: [Self.packet(Array("HELLO\r\n\r\n".utf8))]) == ["slp_malformed"])
        #expect(
            findings(ofPackets: [Self.packet([1, 2, 3], length: 900)]) == ["p2p_chunk_length", "slp_malformed"])
        #expect(findings(ofPackets: [Self.packet([1, 2, 3], length: 90_000)]) == ["p2p_chunk_length"])
        #expect(findings(ofPackets: [Array(Self.packet([1]).prefix(80))]) == ["p2p_header"])
        let part = [UInt8](repeating: 1, count: 100)
        let data = Self.packet(part, session: 5, total: 300, flags: 0x20)
        let cut = [Self.packet(Self.invitation(), identifier: 6), data]
        // The rest may have come over another connection, unless it was lost on this one.
        #expect(findings(ofPackets: cut).isEmpty)
        #expect(findings(ofPackets: cut, behindGap: true) == ["transfer_incomplete"])
        let other = Self.packet(part, session: 5, offset: 100, total: 400, flags: 0x20)
        #expect(
            findings(ofPackets: [Self.packet(Self.invitation(), identifier: 6), data, other])
                .contains("p2p_size_differs"))
    }

    @Test func aMessageInSeveralPacketsIsReadWhereItIsWhole() throws {
        var analyzer = FrameAnalyzer(connection: 1)
        let whole = Self.invitation()
        var fields: [[String: Any]] = []
        for range in [0..<100, 100..<whole.count] {
            let payload = Self.packet(Array(whole[range]), offset: range.lowerBound, total: whole.count)
            let frame = try #require(Frame(Array("MSG 4 D \(payload.count)\r\n".utf8) + payload))
            var event = Sample.event(.frame(frame, from: .client), role: .switchboard, dialect: Dialect(12))
            _ = analyzer.take(&event)
            fields.append(try #require(try JSONLine(event)["fields"] as? [String: Any]))
        }
        #expect(fields.first?["slp"] == nil)
        let message = try #require(fields.last?["slp"] as? [String: Any])
        #expect(message["method"] as? String == "INVITE")
        #expect((message["body"] as? [String: Any])?["application"] as? String == "object")
    }
}
