// The headers of peer-to-peer packets, with those that were seen on the wire (p2p.md sections 2 and 3).

import MSNP
import Testing

@testable import Payloads

@Suite struct PeerHeaderTests {
    @Test func aFirstChunkAndItsAcknowledgement() throws {
        let first = try #require(
            PeerHeader(
                ByteSlice(
                    Bytes(
                        hex: "00000000 4774c40a 0000000000000000 fa04000000000000 b2040000 00000000 776ec50a 00000000 "
                            + "0000000000000000"))))
        #expect(first.sessionID == 0 && first.offset == 0)
        #expect(first.totalSize == 1274 && first.chunkLength == 1202)
        #expect(!first.isAcknowledgement && first.nonce == nil)
        let answer = try #require(
            PeerHeader(
                ByteSlice(
                    Bytes(
                        hex: "00000000 5774c40a 0000000000000000 fa04000000000000 00000000 02000000 4774c40a 776ec50a "
                            + "fa04000000000000"))))
        #expect(answer.isAcknowledgement && answer.flagNames == ["ack"])
        #expect(answer.ackIdentifier == first.identifier && answer.ackUniqueID == first.ackIdentifier)
        #expect(answer.ackDataSize == first.totalSize)
    }

    @Test func version2WithItsPeerInfo() throws {
        let bytes = Bytes(hex: "180302e2 6a2343ff 010c0002 0000000e 00000f01 00000000 08010000 00000000")
        let header = try #require(PeerHeader2(ByteSlice((bytes + Bytes("INVITE".utf8)))))
        #expect(header.length == 24 && header.opcode == 3 && header.payloadLength == 738)
        #expect(header.sequence == 0x6A23_43FF && header.dataLength == 730)
        #expect(header.data?.isFirst == true && header.data?.sessionID == 0 && header.data?.remaining == 0)
        let info = try #require(header.fields.first { $0.name == "peer_info" })
        #expect(
            info.value
                == .fields([
                    Field("protocol", 0x200), Field("implementation", 0), Field("version", 0xE00),
                    Field("capabilities", 0x10F),
                ]))
    }

    @Test func version2Preparation() throws {
        let bytes = Bytes(hex: "0800000c df323679 08010000 6c99fbc2 00000000 00000000")
        let packet = try PeerPacket(ByteSlice(bytes), version: .two)
        #expect(Array(packet.data) == [0, 0, 0, 0] && packet.footer == 0)
        guard case .two(let header) = packet.header else {
            Issue.record("another version")
            return
        }
        #expect(header.data?.sessionID == 0x6C99_FBC2 && header.data?.isData == false)
    }

    @Test func aNonceOfADirectLink() throws {
        let guid = try #require(GUID("{2B95F56D-9CA0-4A64-82CE-ADC1F3C55845}"))
        #expect(guid.description == "{2B95F56D-9CA0-4A64-82CE-ADC1F3C55845}")
        let packet = Made.packet1(
            session: 0, message: 1, offset: 0, size: 0, [], flags: 0x100, footer: nil, tail: guid.little)
        #expect(PeerHeader(ByteSlice(packet))?.nonce == guid)
    }

    @Test(arguments: [0, 1, 47, 48]) func headersThatEndEarlyAreNone(_ length: Int) {
        let whole = Made.packet1(session: 1, message: 2, offset: 3, size: 4, [])
        #expect((PeerHeader(ByteSlice(whole)[..<length]) != nil) == (length == 48))
    }

    /// The bytes that are there count, not the length in the header: some clients send that of the packet before.
    @Test(arguments: [0, 2, 3, 7, 900] as [UInt32], [nil, 1] as [UInt32?])
    func lengthsOfOtherPackets(_ promised: UInt32, _ footer: UInt32?) throws {
        let bytes = Made.packet1(
            session: 1, message: 2, offset: 0, size: 9, [1, 2, 3], length: promised, footer: footer)
        let packet = try PeerPacket(ByteSlice(bytes), version: .one)
        guard footer != nil else {
            // Without a footer, the length decides where it is right.
            if promised == 3 { #expect(Array(packet.data) == [1, 2, 3] && packet.wrongLength == nil) }
            return
        }
        // Seven bytes are there: there is no footer where the header counts it in.
        #expect(Array(packet.data) == (promised == 7 ? [1, 2, 3, 0, 0, 0, 1] : [1, 2, 3]))
        #expect(packet.wrongLength == ([3, 7].contains(promised) ? nil : Int(promised)))
        #expect(packet.footer == (promised == 7 ? nil : 1))
        #expect(packet.fields.contains(Field("chunk_length", promised)))
        #expect(packet.fields.contains(Field("data_length", 3)) == (packet.wrongLength != nil))
    }

    /// Data and footer may be as many bytes as the packet before had; those would go beyond the message.
    @Test func aFooterThatIsCountedInByChance() throws {
        let bytes = Made.packet1(session: 1, message: 2, offset: 6, size: 9, [1, 2, 3], length: 7, footer: 1)
        let packet = try PeerPacket(ByteSlice(bytes), version: .one)
        #expect(Array(packet.data) == [1, 2, 3] && packet.footer == 1 && packet.wrongLength == 7)
        let onLink = try PeerPacket(ByteSlice(bytes.dropLast(4)), version: .one, isOnLink: true)
        #expect(Array(onLink.data) == [1, 2, 3] && onLink.wrongLength == 7 && onLink.footer == nil)
    }

    @Test func lengthsThatDoNotFit() {
        let packet = Made.packet1(session: 1, message: 2, offset: 0, size: 9, [1, 2, 3], length: 90_000)
        #expect(throws: PeerPacket.Fault.length(announced: 90_000, actual: 3)) {
            try PeerPacket(ByteSlice(packet), version: .one)
        }
        // A transport header longer than the packet, an item longer than its header, a data header longer than its payload.
        for hex in ["ff000000 00000000", "0c000000 00000000 02200000", "08000004 00000000 08000000 00000000"] {
            #expect(throws: PeerPacket.Fault.header) { try PeerPacket(ByteSlice(Bytes(hex: hex)), version: .two) }
        }
    }

    @Test func unknownFlagsKeepTheirBits() {
        let packet = Made.packet1(session: 1, message: 2, offset: 0, size: 0, [], flags: 0x0100_0430)
        #expect(PeerHeader(ByteSlice(packet))?.flagNames == ["file", "data", "wlm2009", "0x400"])
    }
}

@Suite struct PeerFieldsTests {
    /// What stands in fields of a payload: the packet, and the text where it is whole.
    @Test func packetsOfMessages() throws {
        let text = Made.answer(from: "ann@example.com", to: "bob@example.com", session: 5)
        let packet = Made.packet1(session: 0, message: 1, offset: 0, size: UInt64(text.count), text)
        let frame = Made.frame(packet, from: "ann@example.com", to: "bob@example.com")
        let peer = try #require(Payload(frame)?.fields.first { $0.name == "peer" })
        guard case .fields(let fields) = peer.value else {
            Issue.record("no fields")
            return
        }
        #expect(fields.first == Field("version", 1) && fields.contains(Field("total_size", text.count)))
        guard case .fields(let slp)? = fields.last?.value else {
            Issue.record("no text")
            return
        }
        #expect(slp.contains(Field("code", 200)) && slp.contains(Field("call_id", "{CA11}")))
    }

    @Test("A packet has the message that it carries whole, and none otherwise")
    func messagesOfPackets() throws {
        let text = Made.answer(from: "ann@example.com", to: "bob@example.com", session: 5)
        let size = UInt64(text.count)
        func message(session: UInt32 = 0, offset: UInt64 = 0, size: UInt64, _ data: Bytes) throws -> SLPMessage? {
            let packet = Made.packet1(session: session, message: 1, offset: offset, size: size, data)
            return try PeerPacket(ByteSlice(packet), version: .one).message
        }
        #expect(try message(size: size, text)?.code == 200)
        #expect(try message(session: 5, size: size, text) == nil)
        #expect(try message(size: size + 1, text) == nil)
        #expect(try message(offset: 1, size: size, text) == nil)
        #expect(try message(size: 3, [1, 2, 3]) == nil)
    }

    @Test func whatIsNoPacketHasNoFields() {
        for body in [[], [1, 2, 3], Bytes(repeating: 0xFF, count: 60)] as [Bytes] {
            for isVersion2 in [false, true] {
                let frame = Made.frame(body, from: "a@b", to: "c@d", isVersion2: isVersion2)
                #expect(PeerEnvelope(frame, from: .server)?.fields == [])
            }
        }
    }
}
