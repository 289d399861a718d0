// The echo contact sends its pictures to clients that ask for them.

import Crypto
import MSNP
import Payloads
import Testing

@testable import Sandbox

@Suite struct PictureSenderTests {
    private let alice = "alice@example.com"

    /// A client, its switchboard and its side of the transfer.
    private struct Scene {
        var talk = Dialogue(hasEcho: true)
        let switchboard: Int
        var receiver: PictureReceiver

        init(_ account: String, dialect: Int = 9) throws {
            switchboard = try talk.converseWithEcho(try talk.signIn(account, dialect), account)
            receiver = PictureReceiver(account: account)
            _ = talk.answers(switchboard)
        }

        /// Sends payloads and returns the packets that answer them.
        mutating func send(_ payloads: [[UInt8]]) throws -> [ReceivedPacket] {
            for payload in payloads { try talk.send(switchboard, "MSG 9 D", payload: payload) }
            let frames = talk.takeFrames(switchboard)
            #expect(frames.count { $0.verb == "ACK" } == payloads.count)
            return try ReceivedPacket.all(in: frames, to: receiver.account)
        }

        mutating func acknowledge(_ packet: ReceivedPacket?) throws -> [ReceivedPacket] {
            try send([receiver.acknowledgement(of: try #require(packet).header)])
        }

        mutating func bye() throws -> [ReceivedPacket] {
            try send(
                receiver.request(
                    "BYE", "application/x-msnmsgr-sessionclosebody", "SessionID: \(receiver.session)\r\n",
                    to: EchoContact.account))
        }
    }

    @Test(arguments: [
        (EchoContact.displayPicture, 1, 1), (EchoContact.emoticon, 11, 11), (EchoContact.displayPicture, 7, 1),
    ])
    func aWholeTransfer(picture: OfferedPicture, appID: Int, footer: UInt32) throws {
        var scene = try Scene(alice)
        let accepted = try scene.send(scene.receiver.invitation(to: picture.element, appID: appID, chunk: 400))
        #expect(accepted.map(\.kind) == ["acknowledgement", "slp"])
        let answer = try #require(accepted.last)
        #expect(accepted[0].header.ackDataSize > 400 && accepted[0].header.ackUniqueID == 99)
        #expect(accepted[0].header.ackIdentifier == 701)
        let slp = try #require(answer.slp)
        #expect(slp.code == 200 && slp.call == scene.receiver.call && slp.sessionID == scene.receiver.session)
        #expect(slp.to == alice && slp.from == EchoContact.account && slp.wrongLength == nil)
        #expect(answer.footer == 0 && answer.header.totalSize == UInt64(answer.data.count))

        let preparation = try scene.acknowledge(answer)
        #expect(preparation.map(\.kind) == ["preparation"])
        #expect(preparation[0].header.sessionID == scene.receiver.session && preparation[0].footer == footer)
        #expect(try scene.acknowledge(answer).isEmpty, "a second acknowledgement changes nothing")

        let chunks = try scene.acknowledge(preparation.first)
        #expect(chunks.count > 1 && chunks.allSatisfy { $0.kind == "object" && $0.footer == footer })
        #expect(Set(chunks.map(\.header.identifier)).count == 1)
        #expect(chunks.allSatisfy { $0.header.totalSize == UInt64(picture.data.count) })
        var received: [UInt8] = []
        for chunk in chunks {
            #expect(chunk.header.offset == UInt64(received.count))
            received += chunk.data
        }
        #expect(Array(Insecure.SHA1.hash(data: received)) == picture.digest)

        #expect(try scene.acknowledge(chunks.last).isEmpty)
        #expect(try scene.acknowledge(chunks.last).isEmpty)
        #expect(try scene.bye().map(\.kind) == ["acknowledgement"])
    }

    /// The program's own reader of transfers finds nothing wrong with one.
    @Test func theReaderOfTransfersAgrees() throws {
        var scene = try Scene(alice)
        var transfers = Transfers(.data(most: 1 << 20))
        transfers.open(1, to: nil, isFromStart: true)
        var events: [TransferEvent] = []
        var time: Int64 = 0
        var waiting = scene.receiver.invitation(to: EchoContact.displayPicture.element)
        while !waiting.isEmpty {
            let payload = waiting.removeFirst()
            let line = Array("MSG 9 D \(payload.count)\r\n".utf8)
            time += 1
            events += transfers.take(
                try #require(Frame(line + payload)),
                at: Place(connection: 1, role: .switchboard, side: .client, time: time, offset: 0))
            try scene.talk.send(scene.switchboard, "MSG 9 D", payload: payload)
            let frames = scene.talk.takeFrames(scene.switchboard)
            for frame in frames where frame.verb == "MSG" {
                events += transfers.take(
                    frame, at: Place(connection: 1, role: .switchboard, side: .server, time: time, offset: 0))
            }
            let packets = try ReceivedPacket.all(in: frames, to: alice)
            if let last = packets.last, last.kind != "acknowledgement" {
                waiting.append(scene.receiver.acknowledgement(of: last.header))
            }
        }
        events += transfers.close(1) + transfers.finish()
        let ended = events.compactMap { event -> Transfer? in
            if case .ended(let transfer) = event { transfer } else { nil }
        }
        #expect(ended.count == 1)
        #expect(ended.first?.isComplete == true && ended.first?.data == EchoContact.displayPicture.data)
        #expect(ended.first?.findings.isEmpty == true && ended.first?.sender == EchoContact.account)
    }

    @Test(arguments: [
        ("{A4268EEC-FEC5-49E5-95C3-F126696BDBF6}", "<msnobj Creator=\"a@b\" SHA1D=\"AAAA\"/>"),
        ("{5D3E02AB-6190-11D3-BBBB-00C04F795683}", "file"), ("{4BD96FC0-AB17-4425-A14A-439185962DC8}", "camera"),
        ("nonsense", ""),
    ])
    func allOtherInvitationsAreDeclined(application: String, context: String) throws {
        var scene = try Scene(alice)
        let answers = try scene.send(scene.receiver.invitation(to: context, application: application))
        #expect(answers.map(\.kind) == ["acknowledgement", "slp"])
        #expect(answers.last?.slp?.code == 603 && answers.last?.slp?.sessionID == scene.receiver.session)
        #expect(try scene.acknowledge(answers.last).isEmpty)
    }

    @Test func noDirectLink() throws {
        var scene = try Scene(alice)
        let answers = try scene.send(
            scene.receiver.request(
                "INVITE", "application/x-msnmsgr-transreqbody", "Bridges: TRUDPv1 TCPv1\r\nNetID: 0\r\n",
                to: EchoContact.account))
        #expect(answers.map(\.kind) == ["acknowledgement", "slp"])
        #expect(answers.last?.slp?.code == 200 && answers.last?.slp?.value("Listening") == "false")
    }

    @Test func byeEndsATransfer() throws {
        var scene = try Scene(alice)
        let accepted = try scene.send(scene.receiver.invitation(to: EchoContact.displayPicture.element))
        #expect(try scene.bye().map(\.kind) == ["acknowledgement"])
        #expect(try scene.acknowledge(accepted.last).isEmpty)
    }

    @Test(arguments: [UInt32(0x08), 0x40, 0x80, 0x01])
    func anErrorEndsATransfer(flags: UInt32) throws {
        var scene = try Scene(alice)
        let accepted = try scene.send(scene.receiver.invitation(to: EchoContact.displayPicture.element))
        #expect(try scene.send([scene.receiver.control(flags: flags)]).isEmpty)
        #expect(try scene.acknowledge(accepted.last).isEmpty)
    }

    /// Of nine transfers the first gives way.
    @Test func thereIsALimit() throws {
        var scene = try Scene(alice)
        let accepted = try (0..<9).map { _ in
            try scene.send(scene.receiver.invitation(to: EchoContact.displayPicture.element)).last
        }
        #expect(try scene.acknowledge(accepted[0]).isEmpty)
        #expect(try scene.acknowledge(accepted[1]).map(\.kind) == ["preparation"])
    }

    @Test func packetsForOthersAndDamagedOnesAreIgnored() throws {
        var scene = try Scene(alice)
        #expect(
            try scene.send(scene.receiver.invitation(to: EchoContact.emoticon.element, for: "bob@example.com")).isEmpty)
        let whole = scene.receiver.invitation(to: EchoContact.emoticon.element, chunk: 300)
        #expect(whole.count > 2)
        #expect(try scene.send([whole[0], whole[2], whole[1]]).isEmpty, "a chunk out of order")
        let single = try #require(scene.receiver.invitation(to: EchoContact.emoticon.element).first)
        for length in stride(from: 90, to: single.count - 60, by: 37) {
            #expect(try scene.send([Array(single.prefix(length))]).allSatisfy { $0.slp?.code != 200 })
        }
    }
}
