// What a connection is for, by the client's first bytes (payload-rules.md section 6).

import MSNP
import Testing

@Suite struct FirstCommandTests {
    private static let account = raw("ann@example.com")

    @Test(
        arguments: [
            ("VER 1 MSNP8 CVR0\r\n", .notification(transaction: 1)), ("VER 0 MSNP2\n", .notification(transaction: 0)),
            ("VER MSNP8\r\n", .notification(transaction: nil)), ("VER\r\n", .notification(transaction: nil)),
            ("VER MSNFTP\r\n", .fileTransfer), ("VER 1 MSNFTP\r\n", .fileTransfer), ("XFR 1 NS\r\n", .dispatch),
            ("USR 1 Ann@Example.com 17.2\r\n", .switchboardCaller(account: account, cookie: raw("17.2"))),
            ("USR 1 ann@example.com;{8A1B} 17.2\r\n", .switchboardCaller(account: account, cookie: raw("17.2"))),
            (
                "ANS 1 ann@example.com 849.5 117\r\n",
                .switchboardCallee(account: account, cookie: raw("849.5"), session: raw("117"))
            ),
            (
                "ANS 1 ann@example.com;{8A1B} 849.5 117 x\n",
                .switchboardCallee(account: account, cookie: raw("849.5"), session: raw("117"))
            ),
            ("USR 1 TWN I ann@example.com\r\n", .otherCommand), ("USR ann@example.com 93301\r\n", .otherCommand),
            ("ANS 1 ann@example.com 849.5\r\n", .otherCommand), ("XFR 1 SB\r\n", .otherCommand),
            ("PNG\r\n", .otherCommand),
            ("\r\n", .otherCommand), ("\u{4}\u{0}\u{0}\u{0}foo\u{0}", .peerToPeer),
            ("\u{4}\u{0}\u{0}\u{0}foo\u{0}more", .peerToPeer),
            ("POST /gateway", .http), ("GET / HTTP/1.1\r\n", .http), ("CONNECT a:1863", .foreign),
            ("\u{5}\u{1}\u{0}", .foreign),
            ("\u{4}\u{1}", .foreign), ("HELO a\r\n", .foreign), ("ver 1 MSNP8\r\n", .foreign),
            ("\u{16}\u{3}\u{1}", .foreign),
            ("POSE\r\n", .foreign), ("GETA\r\n", .foreign), ("VER" + String(repeating: " ", count: 8_190), .foreign),
        ] as [(String, FirstCommand)]) func firstWords(_ text: String, _ opening: FirstCommand)
    {
        let bytes = raw(text)
        #expect(FirstCommand.read(bytes) == opening)
        // More bytes never change the result.
        for length in 0..<min(bytes.count, 60) {
            let early = FirstCommand.read(Array(bytes.prefix(length)))
            #expect(early == nil || early == opening, "\(length) bytes")
        }
    }

    @Test(arguments: [
        "", "V", "VER", "VER 1 MSNP8", "VER 1 MSNP8\r", "P", "POST", "PO", "G", "GET", "\u{4}",
        "\u{4}\u{0}\u{0}\u{0}fo",
        "\r", "USR 1 ann@example.com 17.2", "XFR 1 N",
    ]) func tooEarlyToTell(_ text: String) { #expect(FirstCommand.read(raw(text)) == nil) }

    @Test func roles() {
        let cookie = raw("1")
        #expect(FirstCommand.notification(transaction: 1).role == .notification)
        #expect(FirstCommand.dispatch.role == .dispatch)
        #expect(FirstCommand.switchboardCaller(account: [], cookie: cookie).role == .switchboard)
        #expect(FirstCommand.switchboardCallee(account: [], cookie: cookie, session: []).role == .switchboard)
        #expect(FirstCommand.fileTransfer.role == .fileTransfer)
        #expect(FirstCommand.peerToPeer.role == .peerToPeer)
        #expect(FirstCommand.http.role == .http)
        #expect(FirstCommand.foreign.role == .unknown && FirstCommand.otherCommand.role == .unknown)
    }

    @Test func theLimitIsTheCallers() {
        #expect(FirstCommand.read(raw("VER 1 MSNP8 CVR0"), limit: 16) == .foreign)
        #expect(FirstCommand.read(raw("VER 1 MSNP8 CVR0"), limit: 17) == nil)
    }
}
