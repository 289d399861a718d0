// Agreements on direct links in a session: what each side gets, in which order, and what is recorded.

import Events
import MSNP
import Payloads
import TestSupport
import Testing

@testable import Relay

@Suite struct DirectLinkSessionTests {
    private static func doors(_ policy: DirectLinkPolicy) -> Session.OpenDoors {
        var doors = Session.OpenDoors()
        doors.directLinks = policy
        return doors
    }

    /// A client on a switchboard.
    private static func begun(_ policy: DirectLinkPolicy) -> Dialogue {
        var dialogue = Dialogue(doors(policy))
        dialogue.client("USR 1 ann@x.example 1.2\r\n")
        dialogue.dialled(dialect: Dialect(8))
        return dialogue
    }

    private static func message(_ content: String, from side: Side = .server) -> String {
        let payload = "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsinvite\r\n\r\n" + content
        return (side == .server ? "MSG bob@x.example Bob" : "MSG 7 N") + " \(payload.utf8.count)\r\n\(payload)"
    }

    private static let accept = "Invitation-Command: ACCEPT\r\nIP-Address: 10.1.1.4\r\nPort: 6891\r\n\r\n"
    private static let kept = "Invitation-Command: ACCEPT\r\nIP-Address: 192.168.1.20\r\nPort: 40000\r\n\r\n"
    private static let text = "MSG bob@x.example Bob 5\r\nhello"

    private static func plan(_ agreement: DirectLinkAgreement) throws -> Session.DirectLinkDecision {
        .keep(try #require(DirectLinkPlan(agreement, host: "192.168.1.20", isLocal: false)), port: 40_000)
    }

    /// The records of frames and changes of the server, shortly.
    private static func records(_ dialogue: Dialogue) -> [String] {
        dialogue.kinds.compactMap { kind in
            switch kind {
            case .frame(let frame, .server): frame.payload.elementsEqual("hello".utf8) ? "text" : "agreement"
            case .rewritten(let rewriting): "\(rewriting.from) → \(rewriting.to)"
            case .finding(let finding): finding.name.text
            default: nil
            }
        }
    }

    /// Cut at every byte: what follows waits, and nothing is lost or moved.
    @Test func anAgreementIsKept() throws {
        let first = Self.text + Self.message(Self.accept)
        let stream = Array((first + Self.text + Self.message(Self.accept) + Self.text).utf8)
        for cut in stride(from: 1, to: stream.count, by: 7) {
            var dialogue = Self.begun(.keep)
            _ = dialogue.takeClient()
            var fed = 0
            var decided = 0
            for piece in [stream[..<cut], stream[cut...]] {
                dialogue.receive(Array(piece), .server)
                fed += piece.count
                while decided < dialogue.agreements.count {
                    #expect(!dialogue.session.accepts(from: .server) && dialogue.session.isDeciding)
                    dialogue.decide(try Self.plan(dialogue.agreements[decided]))
                    decided += 1
                }
            }
            #expect(dialogue.session.accepts(from: .server) && fed == stream.count)
            let sent = dialogue.takeClient()
            let wanted = Self.text + Self.message(Self.kept)
            #expect(sent == wanted + wanted + Self.text, "cut at \(cut)")
            let change = "10.1.1.4:6891 → 192.168.1.20:40000"
            #expect(Self.records(dialogue) == ["text", "agreement", change, "text", "agreement", change, "text"])
            let law = replaced(dialogue.kinds)
            #expect(law.received == stream && String(decoding: law.sent, as: UTF8.self) == sent)
        }
    }

    @Test func oneThatIsLeft() {
        var dialogue = Self.begun(.keep)
        let stream = Self.message(Self.accept) + Self.text
        dialogue.server(stream)
        dialogue.decide(.leave("no port is free"))
        #expect(dialogue.takeClient() == stream)
        #expect(Self.records(dialogue) == ["agreement", "direct_link_left", "text"])
    }

    /// The connection ends meanwhile: everything still goes out.
    @Test func theEndOfAServer() {
        var dialogue = Self.begun(.keep)
        // Another agreement is behind the one that waits.
        let stream = Self.message(Self.accept) + Self.text + Self.message(Self.accept) + "MSG bob@x.exam"
        dialogue.server(stream)
        dialogue.ended(.server)
        #expect(dialogue.takeClient() == stream)
        #expect(Self.records(dialogue) == ["agreement", "direct_link_left", "text", "agreement"])
        #expect(dialogue.agreements.count == 1 && !dialogue.session.isDeciding)
    }

    /// In both directions, and only on switchboards.
    @Test func refusal() {
        var dialogue = Self.begun(.refuse)
        let refused = Self.accept.replacing("IP-Address", with: "XP-Address")
        dialogue.server(Self.message(Self.accept) + Self.text)
        #expect(dialogue.takeClient() == Self.message(refused) + Self.text)
        let before = dialogue.receivedByServer.count
        dialogue.client(Self.message(Self.accept, from: .client))
        #expect(
            String(decoding: dialogue.receivedByServer[before...], as: UTF8.self)
                == Self.message(refused, from: .client))
        let sides = dialogue.kinds.compactMap { if case .rewritten(let change) = $0 { change.side } else { nil } }
        #expect(sides == [.server, .client])
        var notification = Dialogue(Self.doors(.refuse))
        notification.client("VER 1 MSNP8 CVR0\r\n")
        notification.dialled()
        notification.server(Self.message(Self.accept))
        #expect(notification.takeClient() == Self.message(Self.accept))
    }

    /// Parts of lines in any order, on both sides, up to the end: what the fuzzer found once was that the last ones were lost.
    @Test(arguments: [DirectLinkPolicy.refuse, .keep]) func partsInAnyOrder(_ policy: DirectLinkPolicy) throws {
        var numbers = SeededGenerator(seed: 5)
        let client = ["PNG", "PNG\r", "PNG\r\nXFR 255 SB", "\r\n", "MSG 5 N 4\r\n", "\u{2}\u{2}", "OUT\r\n"]
        let server = client + [Self.text, Self.message(Self.accept), "MSG bob@x.example Bob 300\r\n", "QNG 1\r\n"]
        for _ in 0..<400 {
            var dialogue = Self.begun(policy)
            var decided = 0
            var fed = PerSide(client: Array("USR 1 ann@x.example 1.2\r\n".utf8), server: [])
            for _ in 0..<Int.random(in: 1...12, using: &numbers) {
                let side = Bool.random(using: &numbers) ? Side.client : .server
                let part = Array(try #require((side == .client ? client : server).randomElement(using: &numbers)).utf8)
                fed[side] += part
                dialogue.receive(part, side)
                while decided < dialogue.agreements.count {
                    dialogue.decide(try Self.plan(dialogue.agreements[decided]))
                    decided += 1
                }
            }
            dialogue.ended(.server)
            dialogue.ended(.client)
            for side in Side.allCases {
                let received = dialogue.kinds.flatMap { kind -> [UInt8] in
                    switch kind {
                    case .frame(let frame, let from) where from == side: Array(frame.bytes)
                    case .noise(let noise, let from) where from == side: Array(noise.bytes)
                    default: []
                    }
                }
                #expect(received == fed[side])
            }
            #expect(dialogue.receivedByClient == replaced(dialogue.kinds).sent)
            #expect(dialogue.receivedByServer == fed.client)
        }
    }

    /// Bytes that are no frames pass.
    @Test func bytesOutOfStep() {
        var dialogue = Self.begun(.refuse)
        var numbers = SeededGenerator(seed: 3)
        let bytes = numbers.bytes(200_000)
        for start in stride(from: 0, to: bytes.count, by: 10_000) {
            dialogue.receive(Array(bytes[start..<start + 10_000]), .server)
        }
        dialogue.ended(.server)
        #expect(dialogue.receivedByClient == bytes)
        #expect(replaced(dialogue.kinds).received == bytes)
    }
}
