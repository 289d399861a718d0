// MSNSLP messages, and what their contexts hold (p2p.md section 4).

import MSNP
import TestSupport
import Testing

@testable import Payloads

@Suite struct SLPMessageTests {
    private static let invitation = Made.invite(
        from: "bob@example.com", to: "ann@example.com", session: 216_714_785,
        context: Bytes((Made.object(3, size: 8) + "\0").utf8))

    @Test func anInvitationForAPicture() throws {
        let message = try #require(SLPMessage(ByteSlice(Self.invitation)))
        #expect(message.method == "INVITE" && message.from == "bob@example.com" && message.to == "ann@example.com")
        #expect(message.application == .object && message.sessionID == 216_714_785 && message.call == "{CA11}")
        #expect(message.wrongLength == nil)
        let names = message.fields.map(\.name)
        #expect(names.contains("call_id") && names.contains("cseq") && names.last == "body")
        guard case .fields(let body)? = message.fields.last?.value else {
            Issue.record("no body")
            return
        }
        let inside = ["euf_guid", "application", "session_id", "app_id", "app_id_name", "context", "object"]
        #expect(body.map(\.name) == inside)
        guard case .fields(let object)? = body.last?.value else {
            Issue.record("no object")
            return
        }
        #expect(object.contains(Field("type_name", "picture")) && object.contains(Field("size", "8")))
    }

    @Test func responses() {
        let decline = Made.answer("603 Decline", from: "a", to: "b", session: 5)
        #expect(SLPMessage(ByteSlice(decline))?.code == 603)
        #expect(SLPMessage(ByteSlice(decline))?.sessionID == 5)
    }

    @Test func aWrongLengthIsTold() throws {
        let bytes = Made.slp("BYE MSNMSGR:a MSNSLP/1.0", from: "a", to: "b", call: "{1}", body: "", length: 999_999)
        #expect(try #require(SLPMessage(ByteSlice(bytes))).wrongLength == "999999")
    }

    @Test func addressesWrittenBackwards() throws {
        let body =
            "Bridge: TCPv1\r\nsrddA-lanretnI4vPI: 01.0.861.291\r\ntroP-lanretnI4vPI: 1986\r\nNetID: -1388627126\r\n"
        let bytes = Made.slp(
            "MSNSLP/1.0 200 OK", from: "a", to: "b", call: "{1}", type: "transrespbody", body: body)
        let message = try #require(SLPMessage(ByteSlice(bytes)))
        #expect(message.value("IPv4Internal-Addrs") == "192.168.0.10")
        #expect(message.value("IPv4Internal-Port") == "6891")
        #expect(message.fields.contains { $0.name == "cseq" })
        guard case .fields(let fields)? = message.fields.last?.value else {
            Issue.record("no body")
            return
        }
        #expect(fields.contains(Field("net_address", "74.59.59.173")))
        #expect(fields.contains(Field("ipv4_internal_port", "6891")))
    }

    @Test(arguments: ["", "INVITE", "HELLO there friend", "MSNSLP/1.0", "MSNSLP/1.0 2000 OK", "invite a MSNSLP/1.0"])
    func whatIsNoMessage(_ text: String) {
        #expect(SLPMessage(ByteSlice(Bytes(text.utf8))) == nil)
    }

    @Test func anyCutIsReadOrRefused() {
        for end in Self.invitation.indices {
            _ = SLPMessage(ByteSlice(Self.invitation)[..<end])?.fields
        }
    }

    @Test func fileOffers() throws {
        for (version, header) in [(2, 574), (3, 637), (3, 638)] {
            let bytes = Made.offer(
                "Résumé 🦋.doc", size: 5_000_000_000, version: UInt32(version), header: header,
                preview: [0x89, 0x50])
            let offer = try #require(FileOffer(ByteSlice(bytes)))
            #expect(offer.name == "Résumé 🦋.doc" && offer.size == 5_000_000_000 && offer.preview == [0x89, 0x50])
        }
        let whole = Made.offer("a", size: 1)
        #expect(FileOffer(ByteSlice(whole)[..<539]) == nil && FileOffer(ByteSlice(whole)[..<540]) != nil)
        #expect(FileOffer(ByteSlice((little(7, 4) + whole.dropFirst(4)))) == nil)
        #expect(FileOffer(ByteSlice((little(-1, 4) + whole.dropFirst(4))))?.preview == [])
    }
}
