// Direct links between two clients: greeting, nonce, packets with a length in front (p2p.md section 4).

import MSNP
import TestSupport
import Testing

@testable import Payloads

@Suite struct PeerLinkTests {
    private static let file: Bytes = {
        var dice = SeededGenerator(seed: 11)
        return dice.bytes(9_000)
    }()
    private static let nonce = GUID("{2B95F56D-9CA0-4A64-82CE-ADC1F3C55845}")

    /// What the connecting side sends: greeting, nonce, then the file.
    private static func stream(_ version: PeerPacket.Version, file: Bytes = file) -> Bytes {
        let nonce = Self.nonce?.little ?? []
        var bytes = linkPacket(Bytes("foo\0".utf8))
        switch version {
        case .one:
            bytes += linkPacket(
                Made.packet1(session: 0, message: 1, offset: 0, size: 0, [], flags: 0x100, footer: nil, tail: nonce))
        case .two: bytes += linkPacket(nonce)
        }
        var sequence: UInt32 = 7
        for start in stride(from: 0, to: file.count, by: 1_352) {
            let part = Bytes(file[start..<min(file.count, start + 1_352)])
            switch version {
            case .one:
                bytes += linkPacket(
                    Made.packet1(
                        session: 77, message: 9, offset: UInt64(start), size: UInt64(file.count), part, flags: 0x30,
                        footer: nil))
            case .two:
                bytes += linkPacket(
                    Made.packet2(
                        session: 77, package: 9, type: start == 0 ? 7 : 6,
                        remaining: UInt64(file.count - start - part.count), part, sequence: sequence,
                        hasFooter: false))
                // The header of the data has the remaining bytes in it, but for the last part.
                sequence += UInt32(part.count + (start + part.count < file.count ? 20 : 8))
            }
        }
        return bytes
    }

    /// The invitation and the way, on a switchboard.
    private static func opening(_ reading: inout Reading) {
        let (bob, ann) = ("bob@example.com", "ann@example.com")
        let invite = Made.invite(
            from: bob, to: ann, session: 77, guid: Made.fileGUID, app: 2,
            context: Made.offer("a.zip", size: UInt64(file.count)))
        let answer = Made.answer(from: ann, to: bob, session: 77)
        let way = Made.slp(
            "MSNSLP/1.0 200 OK", from: ann, to: bob, call: "{CA11}", type: "transrespbody",
            body: "Bridge: TCPv1\r\nListening: true\r\nNonce: \(nonce?.description ?? "")\r\n")
        for (index, text) in [invite, answer, way].enumerated() {
            let packet = Made.packet1(
                session: 0, message: UInt32(index + 1), offset: 0, size: UInt64(text.count), text)
            reading.receive(
                Made.frame(packet, from: index == 0 ? bob : ann, to: index == 0 ? ann : bob), on: 1)
        }
    }

    @Test(arguments: [PeerPacket.Version.one, .two], [1, 5, 1_000, 100_000])
    func aFileCutAnywhere(_ version: PeerPacket.Version, _ step: Int) {
        var reading = Reading()
        Self.opening(&reading)
        let bytes = Self.stream(version)
        for start in stride(from: 0, to: bytes.count, by: step) {
            let part = Bytes(bytes[start..<min(bytes.count, start + step)])
            reading.receive(part, as: .peerData, on: 2, role: .peerToPeer, side: .client)
        }
        reading.finish()
        #expect(reading.ended.map(\.data) == [Self.file] && reading.findings == [])
        #expect(reading.ended.map(\.name) == ["a.zip"] && reading.ended.map(\.method) == [.direct])
        #expect(reading.ended.map(\.sender) == ["bob@example.com"])
    }

    @Test func theNonceMayBeToldAsADigest() throws {
        let nonce = try #require(Self.nonce)
        // Any function will do for the join: this one turns the bytes round.
        let turned = try #require(GUID(little: ByteSlice(Bytes(nonce.little.reversed()))))
        var reading = Reading()
        reading.transfers = Transfers(.data(most: 1 << 20)) { $0.reversed() + [1, 2, 3, 4] }
        for connection in 1...2 {
            // Two sessions with the same number between others: only the nonce identifies the right one.
            let call = "{\(connection)}"
            let invite = Made.invite(
                from: "bob\(connection)@example.com", to: "ann@example.com", session: 77, call: call,
                guid: Made.fileGUID, app: 2, context: Made.offer("\(connection).zip", size: 9_000))
            let way = Made.slp(
                "INVITE MSNMSGR:x MSNSLP/1.0", from: "a", to: "b", call: call, type: "transreqbody",
                body: "Hashed-Nonce: \(connection == 1 ? turned.description : "{0}")\r\n")
            for (index, text) in [invite, way].enumerated() {
                let packet = Made.packet1(
                    session: 0, message: UInt32(index), offset: 0, size: UInt64(text.count), text)
                reading.receive(
                    Made.frame(packet, from: "bob\(connection)@example.com", to: "ann@example.com"), on: connection)
            }
        }
        reading.receive(Self.stream(.two), as: .peerData, on: 5, role: .peerToPeer, side: .client)
        #expect(reading.ended.map(\.name) == ["1.zip"] && reading.ended.map(\.data) == [Self.file])
    }

    @Test func holesInPackets() {
        // Behind a hole that is larger than its packet, the next two in a row are found.
        for (hole, end) in [(500, UInt64(1_352)), (3_000, 4_056)] {
            var reading = Reading()
            Self.opening(&reading)
            let bytes = Self.stream(.one)
            // The first packet of data begins behind 8 + 52 bytes, its data 52 later.
            reading.receive(Bytes(bytes.prefix(200)), as: .peerData, on: 2, role: .peerToPeer, side: .client)
            reading.miss(UInt64(hole), on: 2, role: .peerToPeer, side: .client)
            reading.receive(Bytes(bytes.dropFirst(200 + hole)), as: .peerData, on: 2, role: .peerToPeer, side: .client)
            reading.finish()
            #expect(reading.ended.map(\.isComplete) == [false])
            #expect(reading.ended.first?.missing.first == 0..<end)
        }
    }

    /// Only what was captured is used, and the session gives the sender.
    @Test(arguments: [PeerPacket.Version.one, .two]) func aLinkHeardFromTheMiddle(_ version: PeerPacket.Version) {
        var reading = Reading()
        Self.opening(&reading)
        let bytes = Self.stream(version)
        var stream = LinkStream(startsMidStream: true)
        var position = 0
        // Somewhere in the first packet of data.
        let part = Bytes(bytes.dropFirst(200))
        var noises: [Noise] = []
        while let noise = stream.next(part.span, from: &position) { noises.append(noise) }
        for noise in noises + stream.finish() {
            reading.receive(Array(noise.bytes), as: noise.reason, on: 2, role: .peerToPeer, side: .client)
        }
        reading.finish()
        #expect(reading.ended.map(\.name) == ["a.zip"] && reading.ended.map(\.isComplete) == [false])
        #expect(reading.ended.map(\.sender) == ["bob@example.com"])
        #expect(reading.ended.first?.missing == [0..<1_352])
    }

    @Test func lengthsOfNonsense() {
        var reading = Reading()
        reading.receive(Bytes(repeating: 0xFF, count: 100), as: .peerData, on: 2, role: .peerToPeer)
        reading.receive(Bytes(repeating: 0, count: 100_000), as: .peerData, on: 2, role: .peerToPeer, side: .client)
        #expect(reading.findings == ["p2p_link_broken"])
    }
}
