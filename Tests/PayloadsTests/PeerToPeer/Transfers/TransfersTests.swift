// Things sent over switchboards, put together from chunks in any order (p2p.md sections 2 to 4).

import MSNP
import TestSupport
import Testing

@testable import Payloads

@Suite struct TransfersTests {
    private static let picture: Bytes = {
        var dice = SeededGenerator(seed: 7)
        return dice.bytes(5_000)
    }()

    /// A session in which Bob asks Ann for her picture, or sends her a file; the data in chunks.
    struct Session {
        var isFile = false
        var version = PeerPacket.Version.one
        var id: UInt32 = 4_711
        var chunk = 1_202
        var data = TransfersTests.picture

        var opening: [Frame] {
            let context =
                isFile
                ? Made.offer("photo.jpg", size: UInt64(data.count))
                : Bytes((Made.object(3, size: data.count) + "\0").utf8)
            let invite = Made.invite(
                from: "bob@example.com", to: "ann@example.com", session: id,
                guid: isFile ? Made.fileGUID : Made.objectGUID, app: isFile ? 2 : 1, context: context)
            let answer = Made.answer(from: "ann@example.com", to: "bob@example.com", session: id)
            return texts(invite, message: 10, fromBob: true) + texts(answer, message: 20, fromBob: false)
        }

        private func texts(_ text: Bytes, message: UInt32, fromBob: Bool) -> [Frame] {
            let (from, to) = fromBob ? ("bob@example.com", "ann@example.com") : ("ann@example.com", "bob@example.com")
            return pieces(text).map { offset, piece in
                frame(offset, piece, text.count, session: 0, message: message, type: 0, flags: 0, from, to)
            }
        }

        var chunks: [Frame] {
            let (from, to) = isFile ? ("bob@example.com", "ann@example.com") : ("ann@example.com", "bob@example.com")
            return pieces(data).map { offset, piece in
                frame(
                    offset, piece, data.count, session: id, message: 21, type: isFile ? 6 : 4,
                    flags: isFile ? 0x1000030 : 0x20, from, to)
            }
        }

        private func frame(
            _ offset: Int, _ piece: ArraySlice<UInt8>, _ size: Int, session: UInt32, message: UInt32, type: UInt8,
            flags: UInt32, _ from: String, _ to: String
        ) -> Frame {
            let body: Bytes
            switch version {
            case .one:
                body = Made.packet1(
                    session: session, message: message, offset: UInt64(offset), size: UInt64(size), Array(piece),
                    flags: flags, footer: session == 0 ? 0 : 1)
            case .two:
                body = Made.packet2(
                    session: session, package: UInt16(message), type: type | (offset == 0 ? 1 : 0),
                    remaining: UInt64(size - offset - piece.count), Array(piece))
            }
            return Made.frame(body, from: from, to: to, isVersion2: version == .two)
        }

        private func pieces(_ bytes: Bytes) -> [(Int, ArraySlice<UInt8>)] {
            stride(from: 0, to: bytes.count, by: chunk).map { ($0, bytes[$0..<min(bytes.count, $0 + chunk)]) }
        }
    }

    static let sessions: [(isFile: Bool, version: PeerPacket.Version)] = [
        (false, .one), (true, .one), (false, .two), (true, .two),
    ]

    @Test(arguments: sessions)
    func inOrder(_ isFile: Bool, _ version: PeerPacket.Version) throws {
        let session = Session(isFile: isFile, version: version)
        var reading = Reading()
        for frame in session.opening + session.chunks { reading.receive(frame) }
        #expect(reading.findings == [])
        try #require(reading.ended.count == 1)
        let transfer = reading.ended[0]
        #expect(transfer.data == Self.picture && transfer.isComplete)
        #expect(transfer.kind == (isFile ? "file" : "picture"))
        #expect(transfer.sender == (isFile ? "bob@example.com" : "ann@example.com"))
        #expect(transfer.recipient == (isFile ? "ann@example.com" : "bob@example.com"))
        #expect(transfer.name == (isFile ? "photo.jpg" : nil))
        #expect(transfer.declaredSize == 5_000)
        reading.finish()
        #expect(reading.ended.count == 1)
    }

    @Test(arguments: sessions, [1, 7, 100, 4_999, 5_000])
    func cutAnywhere(_ what: (isFile: Bool, version: PeerPacket.Version), _ chunk: Int) {
        let session = Session(isFile: what.isFile, version: what.version, chunk: chunk)
        var reading = Reading()
        for frame in session.opening + session.chunks { reading.receive(frame) }
        #expect(reading.ended.map(\.data) == [Self.picture])
        #expect(reading.findings == [])
    }

    /// Whatever is shuffled, repeated or left out: the right bytes, or a transfer that is marked as incomplete.
    @Test(arguments: sessions)
    func sameBytesOrDeclaredIncomplete(_ isFile: Bool, _ version: PeerPacket.Version) {
        for seed in 1...60 as ClosedRange<UInt64> {
            var dice = SeededGenerator(seed: seed)
            let session = Session(isFile: isFile, version: version, chunk: Int.random(in: 50...2_000, using: &dice))
            var chunks = session.chunks
            let dropped = seed % 3 == 0 ? Int.random(in: 1...2, using: &dice) : 0
            for _ in 0..<min(dropped, chunks.count) {
                chunks.remove(at: Int.random(in: 0..<chunks.count, using: &dice))
            }
            for _ in 0..<Int(seed % 5) {
                if let again = chunks.randomElement(using: &dice) {
                    chunks.insert(again, at: Int.random(in: 0...chunks.count, using: &dice))
                }
            }
            if seed % 2 == 0 { chunks.shuffle(using: &dice) }
            var reading = Reading()
            for frame in session.opening + chunks { reading.receive(frame) }
            reading.finish()
            #expect(reading.ended.count == 1, "seed \(seed)")
            for transfer in reading.ended {
                #expect(transfer.isComplete == (dropped == 0), "seed \(seed)")
                #expect(transfer.data == (transfer.isComplete ? Self.picture : nil), "seed \(seed)")
                #expect(transfer.isComplete == transfer.missing.isEmpty, "seed \(seed)")
            }
            #expect(!reading.findings.contains("p2p_overlap_differs"), "seed \(seed)")
        }
    }

    @Test func overlapsThatDisagree() {
        let session = Session()
        var reading = Reading()
        for frame in session.opening + session.chunks.dropLast() { reading.receive(frame) }
        let wrong = Bytes(repeating: 0xAA, count: 900)
        reading.receive(
            Made.frame(
                Made.packet1(session: 4_711, message: 21, offset: 1_000, size: 5_000, wrong, flags: 0x20),
                from: "ann@example.com", to: "bob@example.com"))
        #expect(reading.findings == ["p2p_overlap_differs"])
        reading.receive(session.chunks[session.chunks.count - 1])
        #expect(reading.ended.map(\.data) == [Self.picture])
        #expect(reading.ended.map(\.findings) == [[.p2pOverlapDiffers]])
    }

    @Test func aGapIsTold() {
        let session = Session()
        var reading = Reading()
        var chunks = session.chunks
        chunks.remove(at: 1)
        for frame in session.opening + chunks { reading.receive(frame) }
        #expect(reading.ended.isEmpty && reading.findings == ["p2p_offset_gap"])
        reading.finish()
        #expect(reading.ended.map(\.missing) == [[1_202..<2_404]])
        #expect(reading.ended.map(\.isComplete) == [false])
    }

    /// A missing invitation is no finding where it may have come before the capture or in a gap.
    @Test(arguments: ["heard", "hole", "middle"]) func dataWithoutInvitation(_ what: String) {
        var reading = Reading()
        if what != "middle" { reading.receive(Made.line("USR 1 bob@example.com 1.2"), side: .client) }
        if what == "hole" { reading.miss(10, on: 1, role: .switchboard) }
        for frame in Session().chunks { reading.receive(frame) }
        #expect(reading.findings == (what == "heard" ? ["p2p_session_unknown"] : []))
        #expect(reading.ended.map(\.data) == [Self.picture])
        #expect(reading.ended.map(\.kind) == ["unknown"] && reading.ended.map(\.sender) == ["ann@example.com"])
    }

    @Test func acceptedAndNeverSeen() {
        var reading = Reading()
        for frame in Session(isFile: true).opening { reading.receive(frame) }
        // The other client's connection in the same capture has the same.
        for frame in Session(isFile: true).opening { reading.receive(frame, on: 2) }
        reading.finish()
        #expect(reading.ended.map(\.isComplete) == [false])
        #expect(reading.ended.map(\.name) == ["photo.jpg"])
        #expect(reading.ended.allSatisfy { $0.reason != nil })
    }

    @Test func bothEndsOfOneTransfer() {
        var reading = Reading()
        let session = Session()
        for frame in session.opening + session.chunks {
            reading.receive(frame, on: 1)
            reading.receive(frame, on: 2)
        }
        #expect(reading.ended.map(\.data) == [Self.picture, Self.picture])
        #expect(reading.ended.map { $0.places[0].connection } == [1, 2])
    }

    @Test func theInvitationMayTravelOverTheNotificationServer() throws {
        let session = Session(isFile: true, version: .two)
        let text = Made.invite(
            from: "bob@example.com", to: "ann@example.com", session: session.id, guid: Made.fileGUID, app: 2,
            context: Made.offer("a.txt", size: 5_000))
        let head = Bytes("UBN bob@example.com 3 \(text.count)\r\n".utf8)
        var reading = Reading()
        reading.receive(try #require(Frame(head + text)), on: 9, role: .notification)
        for frame in session.chunks { reading.receive(frame, on: 1) }
        #expect(reading.ended.map(\.name) == ["a.txt"] && reading.findings == [])
    }

    @Test func packetsGluedTogetherInADatagram() throws {
        let session = Session(version: .two, chunk: 500)
        func datagram(_ packets: [Bytes], offsets stated: String? = nil) throws -> Frame {
            var offsets: [Int] = []
            var body: Bytes = []
            for packet in packets {
                offsets.append(body.count)
                body += packet
            }
            let list = stated ?? offsets.map(String.init).joined(separator: ",")
            let lines = [
                "Routing: 1.0", "To: 1:bob@example.com;epid={1}", "From: 1:ann@example.com;epid={2}", "",
                "Reliability: 1.0", "", "Messaging: 2.0", "Message-Type: Data", "Pipe: 1",
                "Bridging-Offsets: \(list)", "Content-Length: \(body.count)", "", "",
            ]
            let payload = Bytes(lines.joined(separator: "\r\n").utf8) + body
            return try #require(Frame(Bytes("SDG 0 \(payload.count)\r\n".utf8) + payload))
        }
        var reading = Reading()
        for frame in session.opening { reading.receive(frame, on: 1) }
        var packets: [Bytes] = []
        for start in stride(from: 0, to: 5_000, by: 500) {
            let part = Array(Self.picture[start..<start + 500])
            packets.append(
                Made.packet2(
                    session: 4_711, package: 21, type: start == 0 ? 5 : 4, remaining: UInt64(4_500 - start), part,
                    hasFooter: false))
        }
        reading.receive(try datagram(Array(packets[..<7])), on: 5, role: .notification)
        reading.receive(try datagram(Array(packets[7...])), on: 5, role: .notification)
        #expect(reading.ended.map(\.data) == [Self.picture] && reading.findings == [])
        // Invalid offsets lead to malformed packets, and to nothing else.
        for list in ["", "9,999", "0,0,0", "0,-4", "0,99999999999999999999", "5,4"] {
            reading.receive(try datagram(packets, offsets: list), on: 5, role: .notification)
        }
        #expect(reading.ended.count == 1)
    }
}
