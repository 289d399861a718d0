// Commands behind a gap: the time of their events, and what must not be concluded from missing bytes.

import Captures
import Events
import MSNP
import TestSupport
import Testing

@Suite struct HoleTests {
    private static func decode(_ talk: TCPConversation) throws -> (DecodedConnection, [(line: String, time: Int64)]) {
        let scratch = try Scratch()
        let file = try scratch.write(CaptureFile.pcap(talk.packets), to: "a")
        let connection = try #require(DecodedCapture([file]).connections.first)
        let times = zip(connection.kinds, connection.times).compactMap { kind, time -> (String, Int64)? in
            guard case .frame(let frame, let side) = kind else { return nil }
            return ((side == .client ? "C: " : "S: ") + String(decoding: frame.line, as: UTF8.self), time)
        }
        return (connection, times)
    }

    @Test func aMessageBehindAHoleComesInItsPlace() throws {
        var arrival: Int64 = 0
        let (connection, times) = try Self.decode(
            TCPConversation.switchboard { talk in
                talk.omit(true, TCPConversation.message("lost", transaction: 4).utf8.count)
                talk.s("ACK 4\r\n")
                talk.c(TCPConversation.message("three", transaction: 5))
                arrival = talk.now
                talk.s("ACK 5\r\n")
                talk.s("BYE ben@example.com\r\n")
            })
        #expect(connection.messages.last?.text == "three" && connection.messages.last?.to == ["ben@example.com"])
        #expect(connection.findings.isEmpty, "\(connection.findings)")
        let lines = times.map(\.line)
        let message = try #require(lines.lastIndex { $0.hasPrefix("C: MSG 5") })
        #expect(lines[(message + 1)...] == ["S: ACK 5", "S: BYE ben@example.com", "C: OUT"])
        #expect(abs(times[message].time - arrival) < 1_000)
    }

    @Test func whatHasToWaitKeepsItsTime() throws {
        var arrival: Int64 = 0
        let (connection, times) = try Self.decode(
            TCPConversation.switchboard { talk in
                talk.omit(true, 40)
                // The segment ends in the middle of the next command.
                talk.c(TCPConversation.message("three", transaction: 5) + "CA")
                arrival = talk.now
                talk.s("ACK 5\r\n")
                talk.c("L 6 eve@example.com\r\n")
            })
        let message = try #require(times.first { $0.line.hasPrefix("C: MSG 5") })
        #expect(abs(message.time - arrival) < 1_000)
        let call = try #require(times.first { $0.line == "C: CAL 6 eve@example.com" })
        #expect(call.time > arrival + 1_000_000)
        #expect(connection.findings.isEmpty, "\(connection.findings)")
    }

    @Test(arguments: ["OUT of here\r\n", "MSG 5 N 30\r\nhello", "MSG 5 Q 5\r\nhello", "hello\r\nOUT\r\n", "ZZZ 1\r\n"])
    func whatIsNoWholeCommandIsNotBelieved(text: String) throws {
        let (connection, times) = try Self.decode(
            TCPConversation.switchboard { talk in
                talk.omit(true, 40)
                talk.c(text)
                talk.s("ACK 5\r\n")
                talk.c("..\r\n")
                talk.s("ACK 6\r\n")
            })
        let lines = times.map(\.line)
        let before = try #require(lines.firstIndex(of: "S: ACK 5"))
        #expect(!lines[..<before].contains { $0.hasPrefix("C: MSG 5") || $0 == "C: OUT" }, "\(lines)")
        #expect(connection.sums[.client]?.noiseBytes ?? 0 > 0)
    }

    /// What the hole swallowed may have been a request with any number.
    @Test func behindAHoleNoReplyIsOneToNothing() throws {
        let (connection, _) = try Self.decode(
            TCPConversation.switchboard { talk in
                talk.omit(true, 40)
                talk.s("ACK 4\r\nACK 9\r\n")
                talk.c("CAL 10 eve@example.com\r\n")
                talk.s("CAL 10 RINGING 11\r\nACK 11\r\n")
            })
        #expect(connection.findings == [])
    }
}
