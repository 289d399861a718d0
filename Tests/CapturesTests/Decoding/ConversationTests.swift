// What connections mean together and in disorder: order, joins, who is client, holes.

import Captures
import Events
import Foundation
import MSNP
import TestSupport
import Testing

@Suite struct ConversationTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func decode(_ talks: TCPConversation..., everything: Bool = false) throws -> [DecodedConnection] {
        let packets = talks.flatMap(\.packets).sorted { $0.time < $1.time }
        return DecodedCapture([try scratch.write(CaptureFile.pcap(packets), to: "a")], everything: everything)
            .connections
    }

    @Test func theSidesStayInTheOrderInWhichTheySpoke() throws {
        var talk = TCPConversation.switchboard { talk in
            for round in 4..<12 {
                talk.c(TCPConversation.message("question \(round)", transaction: round))
                talk.s(TCPConversation.message("answer \(round)", from: "ben@example.com Ben"))
            }
        }
        let expected = ["hello", "hi"] + (4..<12).flatMap { ["question \($0)", "answer \($0)"] }
        #expect(try decode(talk)[0].messages.map(\.text) == expected)
        // Neighbours swapped in the capture: sequence numbers show what came first.
        for index in stride(from: 7, to: talk.packets.count - 4, by: 3) {
            let time = talk.packets[index].time
            talk.packets.swapAt(index, index + 1)
            talk.packets[index].time = time
            talk.packets[index + 1].time = time + 10_000_000
        }
        #expect(try decode(talk)[0].messages.map(\.text) == expected)
    }

    @Test func aSwitchboardJoinsItsSignInByCookie() throws {
        var server = TCPConversation(client: 1030)
        server.handshake()
        server.c("VER 1 MSNP12 CVR0\r\n")
        server.s("VER 1 MSNP12 CVR0\r\n")
        server.c("USR 2 TWN I anna@example.com\r\n")
        server.s("USR 2 OK anna@example.com Anna 1 0\r\n")
        server.c("XFR 3 SB\r\n")
        server.s("XFR 3 SB 10.0.0.9:1863 CKI 17.4\r\n")
        var board = TCPConversation(client: 1031, at: 9)
        board.now = server.now
        board.handshake()
        board.c("USR 1 anna@example.com 17.4\r\n")
        board.s("USR 1 OK anna@example.com Anna\r\n")
        server.now = board.now
        server.c("OUT\r\n")
        let connections = try decode(server, board)
        #expect(connections.map(\.role) == [.notification, .switchboard])
        #expect(connections.map { $0.dialect?.description } == ["MSNP12", "MSNP12"])
        #expect(connections[0].signIn != nil && connections[0].signIn?.number == connections[1].signIn?.number)
        #expect(connections[1].signIn?.account == "anna@example.com")
    }

    @Test func aDispatchServerJoinsTheNotificationServer() throws {
        var first = TCPConversation(client: 1030)
        first.handshake()
        first.c("VER 1 MSNP8 CVR0\r\n")
        first.s("VER 1 MSNP8\r\n")
        first.c("USR 2 TWN I anna@example.com\r\n")
        first.s("XFR 2 NS 10.0.0.9:1863 0 10.0.0.2:1863\r\n")
        first.close()
        var second = TCPConversation(client: 1031, at: 9)
        second.now = first.now
        second.handshake()
        second.c("VER 3 MSNP8 CVR0\r\n")
        second.s("VER 3 MSNP8\r\n")
        second.c("USR 4 TWN I anna@example.com\r\n")
        second.s("USR 4 OK anna@example.com Anna 1 0\r\n")
        let connections = try decode(first, second)
        #expect(connections.map(\.role) == [.dispatch, .notification])
        #expect(connections[0].signIn != nil && connections[0].signIn?.number == connections[1].signIn?.number)
    }

    @Test func theContentSaysWhoIsClient() throws {
        // Swapped ports, no handshake, the server sends first.
        var talk = TCPConversation(client: 1863, server: 40_000)
        talk.s(TCPConversation.message("hi", from: "ben@example.com Ben"))
        talk.c(TCPConversation.message("hello", transaction: 4))
        talk.s("ACK 4\r\n")
        let connections = try decode(talk)
        #expect(connections.map(\.client) == ["10.0.0.1:1863"])
        #expect(connections.first?.messages.map(\.text) == ["hi", "hello"])
    }

    @Test func aSingleFrameOfTheServer() throws {
        var talk = TCPConversation()
        talk.s(TCPConversation.message("hi", from: "ben@example.com Ben"))
        let connections = try decode(talk)
        #expect(connections.map(\.client) == ["10.0.0.1:1025"])
        #expect(connections.first?.messages.map(\.from) == ["ben@example.com"])
    }

    @Test(arguments: [80, 443, 1863, 5190, 40_000]) func anyPortWillDo(port: Int) throws {
        var talk = TCPConversation(server: port)
        talk.handshake()
        talk.c("VER 1 MSNP9 CVR0\r\n")
        talk.s("VER 1 MSNP9\r\n")
        #expect(try decode(talk).map { $0.dialect?.description } == ["MSNP9"])
    }

    @Test func someoneThatAnsweredBeforeHeWasAsked() throws {
        // The SYN was lost: the SYN-ACK still shows who connected.
        var talk = TCPConversation.switchboard()
        talk.packets.remove(at: 0)
        #expect(try decode(talk).map(\.client) == ["10.0.0.1:1025"])
        talk.packets.removeFirst(2)
        #expect(try decode(talk).map(\.client) == ["10.0.0.1:1025"])
    }

    @Test func aHoleIsPlacedAndCounted() throws {
        let talk = TCPConversation.switchboard { talk in
            talk.c(TCPConversation.message("before", transaction: 4))
            talk.omit(true, 40)
            talk.s("ACK 4\r\n")
            talk.c(TCPConversation.message("after", transaction: 6))
            talk.c("MSG 7 N 4\r\nTest")
        }
        let connections = try decode(talk)
        #expect(connections.count == 1)
        #expect(connections[0].gaps(.client).map { $0[1] } == [40])
        #expect(connections[0].messages.map(\.text) == ["hello", "hi", "before", "after"])
        let gap = connections[0].kinds.compactMap { kind -> UInt64? in
            if case .gap(let bytes, let offset, .client) = kind { offset * 1000 + bytes } else { nil }
        }
        #expect(gap == [UInt64(connections[0].gaps(.client)[0][0]) * 1000 + 40])
    }

    @Test func whatIsMissingAtTheEndIsAcknowledgedAndUnseen() throws {
        var talk = TCPConversation.switchboard()
        talk.packets.removeLast(4)  // OUT and all that ends the connection
        talk.omit(true, 25)
        talk.s("BYE ben@example.com\r\n")
        let connections = try decode(talk)
        #expect(connections[0].gaps(.client).isEmpty)
        #expect(connections[0].sums[.client]?.ackedUnseenBytes == 26 + 5)  // 25, OUT, and the number of the FIN
    }

    @Test func messagesInPartsArePutTogether() throws {
        let id = "Message-ID: {12}\r\n"
        let talk = TCPConversation.switchboard { talk in
            talk.c(TCPConversation.message("one ", transaction: 4, headers: id + "Chunks: 3\r\n"))
            for (chunk, text) in [(1, "two "), (2, "three")] {
                let payload = "\(id)Chunk: \(chunk)\r\n\r\n\(text)"
                talk.c("MSG \(4 + chunk) N \(payload.utf8.count)\r\n\(payload)")
            }
        }
        #expect(try decode(talk)[0].messages.map(\.text) == ["hello", "hi", "one two three"])
    }

    @Test func aPartInAHoleIsAFinding() throws {
        let id = "Message-ID: {12}\r\n"
        let last = "\(id)Chunk: 2\r\n\r\nthree"
        let talk = TCPConversation.switchboard { talk in
            talk.c(TCPConversation.message("one ", transaction: 4, headers: id + "Chunks: 3\r\n"))
            talk.omit(true, 60)
            talk.c("MSG 6 N \(last.utf8.count)\r\n\(last)")
            talk.c(TCPConversation.message("later", transaction: 7))
        }
        let connection = try decode(talk)[0]
        #expect(connection.allMessages.map(\.text) == ["hello", "hi", "later", "one …three"])
        #expect(connection.findings == ["message_incomplete"])
    }

    @Test func aFinThatWasNotCapturedIsNoMissingByte() throws {
        var talk = TCPConversation.switchboard()
        talk.packets.remove(at: talk.packets.count - 3)
        let connection = try decode(talk)[0]
        #expect(connection.gaps(.client).isEmpty && connection.sums[.client]?.ackedUnseenBytes == 0)
        #expect(connection.gaps(.server).isEmpty && connection.sums[.server]?.ackedUnseenBytes == 0)
        #expect(!connection.kinds.contains { if case .gap = $0 { true } else { false } })
    }

    /// TCPConversation that only looks like MSN's, on its port and elsewhere.
    @Test(arguments: lookAlikes, [1863, 6667]) func lookAlikesAreNotClaimed(_ lookAlike: LookAlike, port: Int) throws {
        for hasHandshake in [true, false] {
            var talk = TCPConversation(server: port)
            if hasHandshake { talk.handshake() }
            for (fromClient, text) in lookAlike.lines { fromClient ? talk.c(text) : talk.s(text) }
            let connections = try decode(talk)
            #expect(
                connections.isEmpty,
                "\(lookAlike.name), port \(port), handshake \(hasHandshake): \(connections.map(\.lines))")
            let all = try decode(talk, everything: true)
            #expect(all.count == 1 && all[0].lines.isEmpty, "\(lookAlike.name)")
        }
    }

    struct LookAlike: CustomTestStringConvertible, Sendable {
        var name: String
        var lines: [(Bool, String)]
        var testDescription: String { name }
    }

    static let lookAlikes: [LookAlike] = [
        LookAlike(
            name: "rules of intrusion detection",
            lines: [
                (true, "SELECT * FROM rules WHERE name LIKE '%MSN%';\r\n"),
                (
                    false,
                    "alert tcp any any -> any 1863 (msg:\"CHAT MSN message\"; content:\"MSG \"; depth:4; "
                        + "content:\"Content-Type|3A|\"; content:\"text/plain\"; sid:540;)\r\n"
                        + "alert tcp any any <> any 1863 (content:\"USR \"; depth:4; content:\" TWN \"; sid:1991;)\r\n"
                ),
            ]),
        LookAlike(
            name: "IRC",
            lines: [
                (true, "NICK anna\r\nUSER anna 0 * :Anna\r\n"), (false, ":irc.example.com 001 anna :Welcome\r\n"),
                (true, "JOIN #msn\r\nPRIVMSG #msn :MSG 1 N 5\r\n"), (false, "PING :irc.example.com\r\n"),
                (true, "PONG :irc.example.com\r\n"),
            ]),
        LookAlike(
            name: "SMTP",
            lines: [
                (false, "220 mail.example.com ESMTP\r\n"), (true, "HELO anna.example.com\r\n"),
                (false, "250 mail.example.com\r\n"), (true, "MAIL FROM:<anna@example.com>\r\n"), (false, "250 OK\r\n"),
                (true, "RCPT TO:<ben@example.com>\r\n"), (false, "250 OK\r\n"), (true, "DATA\r\n"),
                (false, "354 go on\r\n"), (true, "Subject: x\r\n\r\nhello\r\n.\r\n"), (false, "250 queued\r\n"),
                (true, "QUIT\r\n"), (false, "221 bye\r\n"),
            ]),
        LookAlike(
            name: "POP3",
            lines: [
                (false, "+OK ready\r\n"), (true, "USER anna\r\n"), (false, "+OK\r\n"), (true, "PASS x\r\n"),
                (false, "+OK 2 messages\r\n"), (true, "LIST\r\n"), (false, "+OK\r\n1 200\r\n2 300\r\n.\r\n"),
                (true, "QUIT\r\n"),
            ]),
        LookAlike(
            name: "FTP",
            lines: [
                (false, "220 ready\r\n"), (true, "USER anna\r\n"), (false, "331 password\r\n"), (true, "PASS x\r\n"),
                (false, "230 in\r\n"), (true, "SYST\r\n"), (false, "215 UNIX Type: L8\r\n"), (true, "PWD\r\n"),
                (false, "257 \"/\"\r\n"), (true, "PASV\r\n"), (false, "227 Entering Passive Mode (10,0,0,2,4,1)\r\n"),
                (true, "QUIT\r\n"), (false, "221 bye\r\n"),
            ]),
        LookAlike(
            name: "HTTP",
            lines: [
                (true, "GET /msn/MSG HTTP/1.1\r\nHost: www.example.com\r\n\r\n"),
                (false, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nVER 1 MSNP8 is a line"),
            ]),
        LookAlike(
            name: "other bytes",
            lines: [
                (true, "\u{16}\u{3}\u{1}\0\u{40}" + String(repeating: "\u{1}\u{2}", count: 40)),
                (false, "\u{16}\u{3}\u{1}\0\u{40}" + String(repeating: "\u{3}\u{4}", count: 40)),
            ]),
        LookAlike(
            name: "a talk about the protocol",
            lines: [
                (true, "I think the first line is\r\nVER 1 FOO\r\nand then comes\r\nUSR x\r\nis that right?\r\n"),
                (false, "Nearly. OUT\r\nends it.\r\n"),
            ]),
    ]
}
