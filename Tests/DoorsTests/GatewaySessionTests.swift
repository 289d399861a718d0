// A session of the relay's gateway as dialogues: what each request is answered, and when.

import MSNP
import Testing

@testable import Doors

@Suite struct GatewaySessionTests {
    /// A session that has answered `open`.
    private static func opened(now: Double = 0) -> GatewaySession {
        var session = GatewaySession(secret: "77", now: now)
        _ = session.handle(GatewayRequest(action: .open(nil)), host: "gw", now: now)
        return session
    }

    private static func poll(_ id: String, lifespan: Int? = nil) -> GatewayRequest {
        GatewayRequest(action: .poll(lifespan: lifespan), session: id)
    }

    private static func answer(_ id: Int, _ body: String = "", host: String = "gw", closes: Bool = false)
        -> GatewaySession.Output
    {
        .answer(
            Array(
                ("HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=77.\(id); GW-IP=\(host)\(closes ? "; Session=close" : "")\r\n"
                    + "Content-Type: application/x-msn-messenger\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
                    .utf8))
    }

    @Test func openIsAnsweredAtOnce() {
        var session = GatewaySession(secret: "77", now: 0)
        #expect(session.handle(GatewayRequest(action: .open(nil)), host: "gw", now: 0) == [Self.answer(2)])
        var withBody = GatewaySession(secret: "77", now: 0)
        let request = GatewayRequest(action: .open(nil), host: "named.example", body: [1, 2])
        #expect(
            withBody.handle(request, host: "gw", now: 0) == [Self.answer(2, host: "named.example"), .deliver([1, 2])])
    }

    @Test func theCurrentSessionIDAndTheLastAreGood() {
        var session = Self.opened()
        #expect(session.handle(Self.poll("77.1"), host: "gw", now: 1) == [Self.answer(3)])
        #expect(session.handle(Self.poll("77.3"), host: "gw", now: 1) == [Self.answer(4)])
        for id in ["77.1", "77.2", "77.5", "77", "77.", "78.4", ""] {
            #expect(session.handle(Self.poll(id), host: "gw", now: 1) == nil)
        }
        #expect(session.handle(Self.poll("77.3"), host: "gw", now: 1) == [Self.answer(5)])
    }

    @Test func whatTheServerSaidIsInTheNextAnswer() {
        var session = Self.opened()
        let send = GatewayRequest(action: .send, session: "77.2", body: [9])
        #expect(session.handle(send, host: "gw", now: 1) == [.deliver([9]), Self.answer(3)])
        #expect(session.receive(Array("VER 1\r\n".utf8), part: 0, now: 1).isEmpty)
        #expect(session.handle(Self.poll("77.3"), host: "gw", now: 2) == [Self.answer(4, "VER 1\r\n")])
        #expect(session.handle(Self.poll("77.4"), host: "gw", now: 2) == [Self.answer(5)])
    }

    @Test func aPollWithALifespanWaits() {
        var session = Self.opened()
        #expect(session.handle(Self.poll("77.2", lifespan: 3), host: "gw", now: 1) == [])
        #expect(session.due == 4 && session.tick(now: 3.9).isEmpty)
        // A second request while one is open.
        #expect(session.handle(Self.poll("77.2"), host: "gw", now: 2) == nil)
        #expect(session.tick(now: 4) == [Self.answer(3)])
        #expect(session.handle(Self.poll("77.3", lifespan: 9_999), host: "gw", now: 5) == [] && session.due == 65)
        #expect(session.receive([0x78], part: 0, now: 6) == [Self.answer(4, "x")])
    }

    @Test func bodiesEndAtTheEndOfAFrame() {
        var session = Self.opened()
        // A whole frame and the beginning of the next.
        _ = session.receive(Array("VER 1\r\nMSG 4".utf8), part: 5, now: 1)
        #expect(session.handle(Self.poll("77.2"), host: "gw", now: 1) == [Self.answer(3, "VER 1\r\n")])
        // Only a beginning: it waits for the end of the frame.
        #expect(session.handle(Self.poll("77.3"), host: "gw", now: 1.1) == [])
        #expect(session.receive(Array("\r\nbody".utf8), part: 0, now: 1.2) == [Self.answer(4, "MSG 4\r\nbody")])
        // Half a second at most.
        #expect(session.handle(Self.poll("77.4", lifespan: 30), host: "gw", now: 2) == [])
        #expect(session.receive([0x4D], part: 1, now: 3).isEmpty && session.due == 3.5)
        #expect(session.tick(now: 3.4).isEmpty && session.tick(now: 3.5) == [Self.answer(5, "M")])
        // A part that came long before the request waits as well.
        _ = session.receive([0x4D], part: 1, now: 4)
        #expect(session.handle(Self.poll("77.5"), host: "gw", now: 4.9) == [] && session.due == 5.4)
        #expect(session.tick(now: 5.4) == [Self.answer(6, "M")])
        // Or 64 KiB.
        #expect(session.handle(Self.poll("77.6", lifespan: 30), host: "gw", now: 6) == [])
        let long = [UInt8](repeating: 0x61, count: GatewaySession.mostPartBytes)
        #expect(session.receive(Array(long.dropLast()), part: long.count - 1, now: 6).isEmpty)
        #expect(session.receive([0x61], part: long.count, now: 6).count == 1)
    }

    @Test func theEndOfTheServerIsToldAfterItsLastBytes() {
        var session = Self.opened()
        _ = session.receive(Array("OUT\r\nVE".utf8), part: 2, now: 1)
        #expect(session.serverEnded(now: 1).isEmpty)
        #expect(
            session.handle(Self.poll("77.2"), host: "gw", now: 2) == [Self.answer(3, "OUT\r\nVE", closes: true), .over])
        #expect(session.handle(Self.poll("77.3"), host: "gw", now: 2) == nil && session.due == nil)
        var waiting = Self.opened()
        _ = waiting.handle(Self.poll("77.2", lifespan: 9), host: "gw", now: 1)
        #expect(waiting.serverEnded(now: 2) == [Self.answer(3, closes: true), .over])
    }

    @Test func anIdleSessionEnds() {
        var session = Self.opened(now: 10)
        #expect(session.due == 70 && !session.isIdle(now: 69) && session.isIdle(now: 70))
        _ = session.handle(Self.poll("77.2", lifespan: 30), host: "gw", now: 60)
        #expect(!session.isIdle(now: 80))
        _ = session.tick(now: 90)
        #expect(session.due == 150)
    }

    @Test func theServerIsNotReadWhenTooMuchWaits() {
        var session = Self.opened()
        _ = session.receive([UInt8](repeating: 0, count: GatewaySession.mostBytes - 1), part: 0, now: 1)
        #expect(session.isWritable)
        _ = session.receive([0], part: 0, now: 1)
        #expect(!session.isWritable)
        _ = session.handle(Self.poll("77.2"), host: "gw", now: 1)
        #expect(session.isWritable)
    }
}
