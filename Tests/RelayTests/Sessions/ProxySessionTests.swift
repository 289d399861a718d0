// Clients that use the relay as a proxy, as dialogues: what they and their server receive, and what is recorded.

import Doors
import Events
import MSNP
import Testing

@testable import Relay

@Suite struct ProxySessionTests {
    private static let doors = Session.OpenDoors(open: Set(Door.allCases))
    private static let socks5: [UInt8] = [5, 1, 0, 5, 1, 0, 1, 10, 0, 0, 5, 7, 0x47]
    private static let first = Array("VER 1 MSNP12 CVR0\r\n".utf8)

    private static func begun() -> Dialogue {
        var dialogue = Dialogue(doors)
        dialogue.receive(socks5, .client)
        return dialogue
    }

    @Test func theServerIsDialledBeforeTheAnswer() {
        var dialogue = Self.begun()
        #expect(dialogue.asked == [HostPort("10.0.0.5", 1863)] && dialogue.receivedByClient == [5, 0])
        #expect(!dialogue.session.accepts(from: .client) && dialogue.openings.isEmpty && dialogue.kinds.isEmpty)
        dialogue.dialled()
        #expect(dialogue.receivedByClient == [5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        #expect(dialogue.recorded(.client) == Self.socks5 && dialogue.recorded(.server) == dialogue.receivedByClient)
        // Each byte is forwarded at once, and the command is recorded when it is whole.
        for (index, byte) in Self.first.enumerated() {
            dialogue.receive([byte], .client)
            #expect(dialogue.receivedByServer == Array(Self.first[...index]))
        }
        #expect(dialogue.learned == [.notification(transaction: 1)] && dialogue.verbs(.client) == ["VER"])
        #expect(dialogue.session.tap.role == .notification)
    }

    @Test func itIsTheSameHoweverItIsCut() {
        let stream = Self.socks5 + Self.first + Array("CVR 2\r\n".utf8)
        for cut in 0...stream.count {
            var dialogue = Dialogue(Self.doors)
            dialogue.dialsAtOnce = true
            dialogue.receive(Array(stream[..<cut]), .client)
            dialogue.receive(Array(stream[cut...]), .client)
            #expect(dialogue.receivedByServer == Self.first + Array("CVR 2\r\n".utf8), "cut at \(cut)")
            #expect(dialogue.verbs(.client) == ["VER", "CVR"] && dialogue.recorded(.client) == stream)
            #expect(dialogue.session.tap.sums(of: .client).bytes == UInt64(stream.count))
        }
    }

    @Test func redirectsAreNotRewritten() {
        var dialogue = Self.begun()
        dialogue.dialled()
        dialogue.receive(Self.first, .client)
        _ = dialogue.takeClient()
        let redirects =
            "XFR 3 NS 10.0.0.6:1863 0 10.0.0.5:1863\r\nXFR 15 SB 10.0.0.7 CKI 1.2\r\nXFR 1 NS\r\n"
        for character in redirects {
            dialogue.server(String(character))
            // Nothing is held back.
            #expect(dialogue.takeClient() == String(character))
        }
        #expect(dialogue.promised.map(\.address.host) == ["10.0.0.6", "10.0.0.7"])
        #expect(dialogue.undecided == nil && dialogue.rewritings.isEmpty && dialogue.verbs(.server).count == 3)
        #expect(dialogue.findings.isEmpty)
    }

    @Test func aServerThatSpeaksFirst() {
        var dialogue = Self.begun()
        dialogue.dialled()
        dialogue.server("VER MSNFTP\r\n")
        dialogue.client("VER MSN")
        dialogue.client("FTP\r\n")
        #expect(dialogue.verbs(.server) == ["VER"] && dialogue.verbs(.client) == ["VER"])
        #expect(dialogue.session.tap.role == .fileTransfer)
    }

    @Test func aClientThatEndsInItsFirstLine() {
        var dialogue = Self.begun()
        dialogue.dialled()
        dialogue.client("VER 1 MS")
        dialogue.ended(.client)
        #expect(dialogue.receivedByServer == Array("VER 1 MS".utf8))
        #expect(dialogue.recorded(.client) == Self.socks5 + Array("VER 1 MS".utf8))
    }

    @Test func theSwitchboardOfTheCookieIsKnownBeforeTheFirstFrame() {
        var dialogue = Self.begun()
        dialogue.dialectOfFirstCommand = Dialect(9)
        dialogue.dialled()
        dialogue.client("USR 1 a@b.example 1.2\r\n")
        #expect(dialogue.session.tap.dialect == Dialect(9) && dialogue.session.tap.role == .switchboard)
    }

    @Test(arguments: [ProxyOutcome.forbidden, .refused, .timedOut]) func aServerThatCannotBeReached(
        outcome: ProxyOutcome
    ) {
        var dialogue = Self.begun()
        dialogue.unreachable(outcome)
        #expect(dialogue.receivedByClient.count == 12 && dialogue.receivedByClient[3] != 0)
        // The record of what came to nothing.
        dialogue.dialled()
        #expect(dialogue.recorded(.client) == Self.socks5 && dialogue.recorded(.server) == dialogue.receivedByClient)
        #expect(dialogue.receivedByServer.isEmpty)
    }

    @Test func aFailedHandshakeEndsTheConnection() {
        var dialogue = Dialogue(Self.doors)
        dialogue.receive([5, 1, 1], .client)
        #expect(dialogue.receivedByClient == [5, 0xFF] && dialogue.findings == ["proxy_handshake_failed"])
        dialogue.dialled()
        #expect(dialogue.recorded(.client) == [5, 1, 1])
    }

    @Test func anIncompleteHandshakeIsEnded() {
        var dialogue = Dialogue(Self.doors)
        dialogue.receive([5], .client)
        #expect(dialogue.session.isHandshaking && dialogue.findings.isEmpty)
        dialogue.stopWaiting()
        #expect(dialogue.findings == ["proxy_handshake_failed"])
        dialogue.dialled()
        #expect(dialogue.recorded(.client) == [5])
    }

    @Test func theRelayItselfIsAsIfTheClientHadComeDirectly() {
        var dialogue = Self.begun()
        dialogue.reachRelay()
        #expect(dialogue.receivedByClient.suffix(10) == [5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        dialogue.receive(Self.first, .client)
        #expect(dialogue.openings == [.notification(transaction: 1)] && dialogue.receivedByServer.isEmpty)
        dialogue.dialled()
        #expect(dialogue.receivedByServer == Self.first && dialogue.verbs(.client) == ["VER"])
        #expect(dialogue.recorded(.client) == Self.socks5 + Self.first)
        // No proxy behind the proxy.
        var nested = Self.begun()
        nested.reachRelay()
        nested.receive(Self.socks5, .client)
        #expect(nested.openings == [.foreign] && nested.asked.count == 1)
    }

    @Test func tunnelsAreCountedButNotRecorded() {
        var dialogue = Self.begun()
        dialogue.reach(.tunnel)
        dialogue.dialled()
        dialogue.receive([0x16, 3, 1], .client)
        dialogue.server("XFR 3 NS 10.0.0.6:1863\r\n")
        dialogue.ended(.server)
        dialogue.ended(.client)
        #expect(dialogue.receivedByServer == [0x16, 3, 1] && dialogue.promised.isEmpty)
        #expect(dialogue.recorded(.client) == Self.socks5)
        #expect(dialogue.session.tap.sums(of: .client).bytes == UInt64(Self.socks5.count + 3))
        #expect(dialogue.session.tap.role == .unknown)
    }

    @Test func theNextProxyIsAskedFirst() {
        let answer = "HTTP/1.1 200 fine\r\nX: y\r\n\r\nhello"
        for cut in 0...answer.utf8.count {
            var dialogue = Self.begun()
            dialogue.reach(.nextProxy)
            dialogue.dialled()
            #expect(
                String(decoding: dialogue.receivedByServer, as: UTF8.self)
                    == "CONNECT 10.0.0.5:1863 HTTP/1.1\r\nHost: 10.0.0.5:1863\r\n\r\n")
            #expect(dialogue.receivedByClient == [5, 0])
            dialogue.server(String(answer.prefix(cut)))
            dialogue.server(String(answer.dropFirst(cut)))
            #expect(dialogue.receivedByClient == [5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0] + Array("hello".utf8))
            dialogue.client("x")
            #expect(dialogue.receivedByServer.last == 0x78)
        }
        var refused = Self.begun()
        refused.reach(.nextProxy)
        refused.dialled()
        refused.server("HTTP/1.0 403 no\r\n\r\n")
        #expect(refused.receivedByClient == [5, 0, 5, 1, 0, 1, 0, 0, 0, 0, 0, 0])
        #expect(refused.findings == ["proxy_handshake_failed"])
    }

    @Test func aClosedDoorIsNone() {
        var dialogue = Dialogue(Session.OpenDoors(open: [.socks]))
        dialogue.client("VER 1 MSNP8 CVR0\r\n")
        #expect(dialogue.findings == ["proxy_handshake_failed"] && dialogue.openings.isEmpty)
        var closed = Dialogue(Session.OpenDoors(open: [.msnp]))
        closed.receive(Self.socks5, .client)
        #expect(closed.openings == [.foreign])
    }
}
