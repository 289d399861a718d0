// Files sent by MSNFTP, and their invitations in a conversation (p2p.md section 5).

import MSNP
import TestSupport
import Testing

@testable import Payloads

@Suite struct FileTransferTests {
    private static let file: Bytes = {
        var dice = SeededGenerator(seed: 5)
        return dice.bytes(4_100)
    }()

    /// The blocks of a file, 2,045 bytes each.
    static func blocks(_ file: Bytes, isEnded: Bool = true) -> Bytes {
        var bytes: Bytes = []
        for start in stride(from: 0, to: file.count, by: 2_045) {
            let part = file[start..<min(file.count, start + 2_045)]
            bytes += [0] + little(part.count, 2) + part
        }
        return isEnded ? bytes + [1, 0, 0] : bytes
    }

    static func invitation(_ command: String, _ lines: String...) -> Bytes {
        let all = ["Invitation-Command: \(command)", "Invitation-Cookie: 33267"] + lines + ["", ""]
        return Bytes(all.joined(separator: "\r\n").utf8)
    }

    static func message(_ body: Bytes, from: String) -> Frame {
        Made.message("text/x-msmsgsinvite; charset=UTF-8", "", body, from: from)
    }

    /// The invitation on connection 1, and the first lines of the file's own connection 2.
    static func opening(_ reading: inout Reading, size: Int = file.count, statedSize: Int = file.count) {
        invite(&reading, statedSize: statedSize)
        reading.receive(Made.line("VER MSNFTP"), on: 2, role: .fileTransfer, side: .client)
        reading.receive(Made.line("VER MSNFTP"), on: 2, role: .fileTransfer)
        reading.receive(Made.line("USR bob@example.com 93301"), on: 2, role: .fileTransfer, side: .client)
        reading.receive(Made.line("FIL \(size)"), on: 2, role: .fileTransfer)
        reading.receive(Made.line("TFR"), on: 2, role: .fileTransfer, side: .client)
    }

    /// The invitation in a conversation.
    static func invite(_ reading: inout Reading, statedSize: Int = file.count, on connection: Int = 1) {
        reading.receive(
            message(
                invitation("INVITE", "Application-File: ../notes.txt", "Application-FileSize: \(statedSize)"),
                from: "ann@example.com"), on: connection)
        reading.receive(
            message(invitation("ACCEPT", "Request-Data: IP-Address:"), from: "bob@example.com"), on: connection)
        reading.receive(
            message(
                invitation("ACCEPT", "IP-Address: 10.0.0.1", "Port: 6891", "AuthCookie: 93301"), from: "ann@example.com"
            ), on: connection)
    }

    @Test(arguments: [1, 2, 3, 1_000, 2_048, 10_000])
    func aFileCutAnywhere(_ step: Int) {
        var reading = Reading()
        Self.opening(&reading)
        let bytes = Self.blocks(Self.file)
        for start in stride(from: 0, to: bytes.count, by: step) {
            let part = Bytes(bytes[start..<min(bytes.count, start + step)])
            reading.receive(part, as: .fileData, on: 2, role: .fileTransfer)
        }
        reading.receive(Made.line("BYE 16777989"), on: 2, role: .fileTransfer, side: .client)
        reading.finish()
        #expect(reading.ended.map(\.data) == [Self.file] && reading.findings == [])
        #expect(reading.ended.map(\.name) == ["../notes.txt"])
        #expect(reading.ended.map(\.sender) == ["ann@example.com"])
        #expect(reading.ended.map(\.recipient) == ["bob@example.com"])
        #expect(reading.ended.map { $0.places.map(\.connection) } == [[2, 1]])
    }

    /// Several conversations may show one offer, or one cookie: the order of a dictionary does not decide.
    @Test(arguments: [[4, 7, 9], [9, 4, 7], [7, 9, 4, 3, 12, 31]]) func theFirstViewOfAnOfferCounts(_ views: [Int]) {
        var reading = Reading()
        for connection in views { Self.invite(&reading, on: connection) }
        reading.receive(Made.line("USR bob@example.com 93301"), on: 2, role: .fileTransfer, side: .client)
        reading.receive(Made.line("FIL \(Self.file.count)"), on: 2, role: .fileTransfer)
        reading.receive(Self.blocks(Self.file), as: .fileData, on: 2, role: .fileTransfer)
        #expect(reading.ended.map { $0.places.map(\.connection) } == [[2, views[0]]])
    }

    @Test(arguments: [
        ("BYE 2164261683", "the sender cancelled"), ("BYE 2164261682", "the recipient cancelled"),
        ("BYE 2147942405", "the recipient's disk is full"), ("BYE 2164261694", "the connection was blocked or broke"),
        ("CCL", "the recipient cancelled"), ("BYE 99", "BYE 99"),
    ])
    func brokenOff(_ line: String, _ reason: String) {
        var reading = Reading()
        Self.opening(&reading)
        reading.receive(Bytes(Self.blocks(Self.file).prefix(3_000)), as: .fileData, on: 2, role: .fileTransfer)
        reading.receive(Made.line(line), on: 2, role: .fileTransfer, side: .client)
        reading.note(reading.transfers.close(2))
        #expect(reading.ended.map(\.isComplete) == [false] && reading.ended.map(\.reason) == [reason])
        #expect(reading.ended.map(\.data) == [nil])
        #expect(reading.ended.map(\.missing) == [[2_994..<4_100]])
    }

    @Test(arguments: [64, 65]) func offersWithALongCookieAreNotRemembered(_ length: Int) {
        var reading = Reading()
        let lines = [
            "Invitation-Command: INVITE", "Invitation-Cookie: \(String(repeating: "1", count: length))",
            "Application-File: a.txt", "Application-FileSize: 5", "", "",
        ]
        reading.receive(Self.message(Bytes(lines.joined(separator: "\r\n").utf8), from: "ann@example.com"))
        reading.finish()
        #expect(reading.ended.map(\.name) == (length == 64 ? ["a.txt"] : []))
    }

    @Test func theSenderBreaksOff() {
        var reading = Reading()
        Self.opening(&reading)
        let part = Self.blocks(Bytes(Self.file.prefix(2_045)))
        reading.receive(part, as: .fileData, on: 2, role: .fileTransfer)
        reading.finish()
        #expect(reading.ended.map(\.reason) == ["the sender stopped before the end"])
    }

    @Test func holesInBlocks() {
        for (hole, isPlaced) in [(1_000, true), (2_046, false)] {
            var reading = Reading()
            Self.opening(&reading)
            let bytes = Self.blocks(Self.file)
            reading.receive(Bytes(bytes.prefix(103)), as: .fileData, on: 2, role: .fileTransfer)
            reading.miss(UInt64(hole), on: 2, role: .fileTransfer)
            reading.receive(Bytes(bytes.dropFirst(103 + hole)), as: .fileData, on: 2, role: .fileTransfer)
            reading.finish()
            #expect(reading.ended.map(\.isComplete) == [false])
            #expect(reading.ended.map(\.missing) == [isPlaced ? [100..<1_100] : [100..<4_100]])
        }
    }

    @Test func theSizeOfTheConnectionCounts() {
        var reading = Reading()
        Self.opening(&reading, statedSize: 12)
        reading.receive(Self.blocks(Self.file), as: .fileData, on: 2, role: .fileTransfer)
        #expect(reading.findings == ["ftp_size_differs"] && reading.ended.map(\.data) == [Self.file])
    }

    /// With `Sender-Connect`, the receiver serves and gives the cookie.
    @Test func theSenderConnects() {
        var reading = Reading()
        reading.receive(
            Self.message(
                Self.invitation(
                    "INVITE", "Application-File: a.txt", "Application-FileSize: \(Self.file.count)",
                    "Sender-Connect: TRUE"), from: "ann@example.com"))
        reading.receive(
            Self.message(
                Self.invitation("ACCEPT", "IP-Address: 10.0.0.1", "Port: 6891", "AuthCookie: 93301"),
                from: "bob@example.com"))
        reading.receive(Made.line("VER MSNFTP"), on: 2, role: .fileTransfer)
        reading.receive(Made.line("VER MSNFTP"), on: 2, role: .fileTransfer, side: .client)
        reading.receive(Made.line("USR bob@example.com 93301"), on: 2, role: .fileTransfer)
        reading.receive(Made.line("FIL \(Self.file.count)"), on: 2, role: .fileTransfer, side: .client)
        reading.receive(Made.line("TFR"), on: 2, role: .fileTransfer)
        reading.receive(Self.blocks(Self.file), as: .fileData, on: 2, role: .fileTransfer, side: .client)
        reading.receive(Made.line("BYE 16777989"), on: 2, role: .fileTransfer)
        #expect(reading.ended.map(\.data) == [Self.file] && reading.findings == [])
        #expect(reading.ended.map(\.sender) == ["ann@example.com"] && reading.ended.map(\.name) == ["a.txt"])
        #expect(reading.ended.map(\.recipient) == ["bob@example.com"])
    }

    @Test func anEmptyFile() {
        var reading = Reading()
        Self.opening(&reading, size: 0, statedSize: 0)
        reading.receive([1, 0, 0], as: .fileData, on: 2, role: .fileTransfer)
        #expect(reading.ended.map(\.data) == [[]] && reading.ended.map(\.isComplete) == [true])
    }

    /// Found by the fuzzer: one large piece was refused, where the same bytes in small pieces were taken.
    @Test(arguments: [1, 10_000]) func moreThanWasAnnounced(_ step: Int) {
        var reading = Reading()
        Self.opening(&reading, size: 1_000, statedSize: 1_000)
        let bytes = Self.blocks(Self.file)
        for start in stride(from: 0, to: bytes.count, by: step) {
            let part = Bytes(bytes[start..<min(bytes.count, start + step)])
            reading.receive(part, as: .fileData, on: 2, role: .fileTransfer)
        }
        reading.finish()
        #expect(reading.ended.map(\.data) == [Bytes(Self.file.prefix(1_000))])
        #expect(reading.findings == ["ftp_size_differs"])
    }

    /// What is known by its address, though the cookie is another; and what is known by nothing.
    @Test(arguments: ["USR bob@example.com 1", "USR eve@example.com 93301", "USR bob@example.com 93301"])
    func cookies(_ line: String) {
        for isKnown in [true, false] {
            var reading = Reading()
            reading.transfers.open(1, to: HostPort("192.0.2.1", 1_863), isFromStart: true)
            for name in ["bob", "eve"] {
                reading.receive(Made.line("USR 1 \(name)@example.com 1.2"), on: name == "bob" ? 1 : 3, side: .client)
            }
            reading.transfers.open(2, to: HostPort(isKnown ? "10.0.0.1" : "10.0.0.9", 6_891), isFromStart: true)
            Self.invite(&reading)
            reading.receive(Made.line(line), on: 2, role: .fileTransfer, side: .client)
            reading.receive(Made.line("FIL \(Self.file.count)"), on: 2, role: .fileTransfer)
            reading.receive(Self.blocks(Self.file), as: .fileData, on: 2, role: .fileTransfer)
            let isRight = line == "USR bob@example.com 93301"
            #expect(reading.findings == (isRight ? [] : isKnown ? ["ftp_cookie_differs"] : ["ftp_uninvited"]))
            #expect(reading.ended.map(\.name) == [isRight || isKnown ? "../notes.txt" : nil])
            #expect(reading.ended.map(\.data) == [Self.file])
        }
    }

    /// Where the invitation may have come before the capture, or in a gap, there is no finding.
    @Test(arguments: ["", "middle", "hole", "stranger"]) func uninvited(_ what: String) {
        var reading = Reading()
        reading.transfers.open(1, to: nil, isFromStart: what != "middle")
        reading.receive(Made.line("USR 1 bob@example.com 1.2"), side: .client)
        if what == "hole" { reading.miss(5, on: 1, role: .switchboard) }
        reading.transfers.open(2, to: nil, isFromStart: true)
        let who = what == "stranger" ? "zoe" : "bob"
        reading.receive(Made.line("USR \(who)@example.com 7"), on: 2, role: .fileTransfer, side: .client)
        reading.receive(Made.line("FIL 3"), on: 2, role: .fileTransfer)
        #expect(reading.findings == (what.isEmpty ? ["ftp_uninvited"] : []))
    }

    @Test(arguments: ["99999999999999999999999", "x", "-1"]) func aSizeThatIsNone(_ size: String) {
        var reading = Reading()
        Self.invite(&reading)
        reading.receive(Made.line("USR bob@example.com 93301"), on: 2, role: .fileTransfer, side: .client)
        reading.receive(Made.line("FIL \(size)"), on: 2, role: .fileTransfer)
        reading.receive(Self.blocks(Self.file), as: .fileData, on: 2, role: .fileTransfer)
        reading.receive(Made.line("BYE 16777989"), on: 2, role: .fileTransfer, side: .client)
        reading.finish()
        #expect(reading.findings == ["ftp_size_differs"] && reading.ended.map(\.name) == ["../notes.txt"])
        #expect(reading.ended.map(\.isComplete) == [false] && reading.ended.map { $0.received.count } == [4_100])
        #expect(reading.ended.allSatisfy { $0.reason?.contains(size) == true })
    }

    @Test func acceptedAndNeverSeen() {
        var reading = Reading()
        let invite = Self.invitation("INVITE", "Application-File: a.txt", "Application-FileSize: 5")
        for connection in 1...2 {
            reading.receive(Self.message(invite, from: "ann@example.com"), on: connection)
            reading.receive(Self.message(Self.invitation("ACCEPT"), from: "bob@example.com"), on: connection)
            reading.receive(
                Self.message(Self.invitation("ACCEPT", "AuthCookie: 1"), from: "ann@example.com"), on: connection)
        }
        reading.finish()
        #expect(reading.ended.map(\.name) == ["a.txt"] && reading.ended.map(\.isComplete) == [false])
    }
}
