// Messages that stand in texts without a command: requests to a gateway, MSNSLP.

import Events
import MSNP
import Output
import Testing

@testable import Captures

@Suite struct LogMessageTests {
    private static let request = """
        POST http://gateway.example.com/gateway/gateway.dll?Action=open&Server=NS&IP=messenger.example.com HTTP/1.1
        Host: gateway.example.com
        Content-Length: 18

        VER 1 MSNP8 CVR0
        HTTP/1.1 200 OK
        X-MSN-Messenger: SessionID=1640862.1078; GW-IP=203.0.113.30
        Content-Type: application/x-msn-messenger
        Content-Length: 13

        VER 1 MSNP8
        POST http://203.0.113.30/gateway/gateway.dll?SessionID=1640862.1078 HTTP/1.1
        Host: 203.0.113.30
        Content-Length: 10

        PNG
        OUT
        HTTP/1.1 200 OK
        X-MSN-Messenger: SessionID=1640862.5511; GW-IP=203.0.113.30
        Content-Length: 8

        QNG 42
        """

    private static let session = [
        "1 http opened gateway.example.com:80", "2 unknown opened messenger.example.com:1863", "2 C: VER 1 MSNP8 CVR0",
        "2 S: VER 1 MSNP8", "2 C: PNG", "2 C: OUT", "2 S: QNG 42",
    ]

    /// Line ends may be real ones, written out behind each line, or written out in one line.
    @Test(arguments: ["\n", "\r\n", "\\r\\n\n", "<CRLF>\n"]) func gateway(lineEnd: String) {
        let text = Self.request.replacing("\n", with: lineEnd) + lineEnd
        #expect(decodeLog(text).lines == Self.session)
        #expect(PastedLog.isOne(Array(text.utf8)))
    }

    @Test func gatewayInOneLineForEachMessage() {
        let lines = Self.request.replacing("\nPOST", with: "\n\nPOST").replacing("\nHTTP", with: "\n\nHTTP")
            .split(separator: "\n\n").map(String.init)
        var text = ""
        for (index, line) in lines.enumerated() {
            let isHead = line.hasPrefix("POST") || line.hasPrefix("HTTP")
            text += (index > 0 && isHead ? "\n" : "") + line.replacing("\n", with: "\\r\\n") + "\\r\\n"
            if isHead { text += "\\r\\n" }
        }
        #expect(decodeLog(text).lines == Self.session)
    }

    /// As `curl -v` prints it, with a mark in front of each line.
    @Test func marksInFrontOfEachLine() {
        var mark = "> "
        let text = Self.request.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line.hasPrefix("POST") { mark = "> " }
            if line.hasPrefix("HTTP") { mark = "< " }
            return mark + line
        }.joined(separator: "\n")
        #expect(decodeLog(text).lines == Self.session)
    }

    @Test func bodiesOfOtherLengths() {
        let head = "POST /gateway/gateway.dll?Action=open&Server=SB&IP=203.0.113.20 HTTP/1.1\nContent-Length:"
        let answer = "HTTP/1.1 200 OK\nX-MSN-Messenger: SessionID=1.2\nContent-Length: 0\n"
        let cut = "\(head) 60\n\nUSR 1 alice@example.com 17.99\nMSG 2 N 60\nMIME\n\(answer)"
        #expect(
            decodeLog(cut).lines == [
                "1 http opened unknown", "2 unknown opened 203.0.113.20:1863", "2 C: USR 1 alice@example.com 17.99",
                "1 C: gap 11", "1 length_mismatch", "2 C: noise unfinished_payload 18",
            ])
        let long = "\(head) 20\n\nUSR 1 alice@example.com 17.99\n\(answer)"
        #expect(
            decodeLog(long).lines == [
                "1 http opened unknown", "2 unknown opened 203.0.113.20:1863", "2 C: USR 1 alice@example.com 17.99",
                "1 length_mismatch",
            ])
    }

    /// Other requests are prose, and so are other answers.
    @Test func otherRequests() {
        #expect(readLog(Array("POST /login HTTP/1.1\nHost: example.com\n\nVER 1 MSNP8 CVR0\n".utf8)) == [])
        #expect(readLog(Array("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello\n".utf8)) == [])
        #expect(!PastedLog.isOne(Array("GET / HTTP/1.1\nHost: example.com\n\n".utf8)))
        #expect(!PastedLog.isOne(Array("POST /gateway/gateway.dll?Action=open HTTP/1.1".utf8)))
    }

    private static let invitation = """
        INVITE MSNMSGR:bob@example.com MSNSLP/1.0
        To: <msnmsgr:bob@example.com>
        From: <msnmsgr:alice@example.com>
        Via: MSNSLP/1.0/TLP ;branch={7B9B14F9-0D2D-4D5E-8A4B-0123456789AB}
        CSeq: 0
        Call-ID: {7B9B14F9-0D2D-4D5E-8A4B-0123456789AC}
        Max-Forwards: 0
        Content-Type: application/x-msnmsgr-sessionreqbody
        Content-Length: LENGTH

        EUF-GUID: {A4268EEC-FEC5-49E5-95C3-F126696BDBF6}
        SessionID: 4711
        AppID: 1
        Context: PG1zbm9iai8+AA==
        """

    private static let body = invitation.split(separator: "\n\n").last.map { $0.split(separator: "\n") } ?? []

    /// The length of a body counts the empty line and the NUL behind it, or not.
    @Test(arguments: [0, 2, 3, 4, 5]) func slp(more: Int) throws {
        let count = Self.body.reduce(0) { $0 + $1.utf8.count } + 2 * (Self.body.count - 1)
        let text =
            "Somebody wrote:\n\n" + Self.invitation.replacing("LENGTH", with: "\(count + more)") + "\n\nand more.\n"
        let said = readLog(Array(text.utf8))
        #expect(said.count == 2 && said[0] == "0 opened" && said[1].hasPrefix("0 C slp "), "\(said)")
        let events = decodeLog(text).events
        let shown = try #require(events.first { if case .noise = $0.kind { true } else { false } })
        var bytes: [UInt8] = []
        var format = JSONFormat(Presentation())
        format.append(shown, to: &bytes)
        let json = String(decoding: bytes, as: UTF8.self)
        for part in [
            "\"role\":\"P2P\"", "\"reason\":\"peer_data\"", "\"kind\":\"slp\"", "\"method\":\"INVITE\"", "4711",
        ] {
            #expect(json.contains(part), "\(part) in \(json)")
        }
    }

    /// As text it is shown as text, with its nonce masked.
    @Test func slpAsText() throws {
        let text = """
            MSNSLP/1.0 200 OK
            From: <msnmsgr:bob@example.com>
            Content-Length: 62

            Bridge: TCPv1
            Nonce: {2B95F56D-9CA0-9A64-82CE-ADC1F3C55845}
            """
        let event = try #require(decodeLog(text).events.first { if case .noise = $0.kind { true } else { false } })
        var format = TextFormat(Presentation())
        var bytes: [UInt8] = []
        format.append(event, to: &bytes)
        let shown = String(decoding: bytes, as: UTF8.self)
        #expect(shown.contains("message, ") && shown.contains("\n    Bridge: TCPv1\n    Nonce: ‹secret:"), "\(shown)")
        #expect(!shown.contains("2B95F56D"))
        let ranges = Secrets.ranges(in: try #require(noise(of: event)), from: .client, role: .peerToPeer)
        #expect(ranges.count == 1)
    }

    private func noise(of event: Event) -> Noise? { if case .noise(let noise, _) = event.kind { noise } else { nil } }

    /// The one that sent the first message is the client.
    @Test func sidesOfSLP() {
        let text = """
            INVITE MSNMSGR:bob@example.com MSNSLP/1.0
            From: <msnmsgr:alice@example.com>
            Content-Length: 0

            MSNSLP/1.0 200 OK
            From: <msnmsgr:bob@example.com>
            Content-Length: 9

            A: b
            BYE MSNMSGR:bob@example.com MSNSLP/1.0
            From: <msnmsgr:alice@example.com>
            Content-Length: 0

            """
        #expect(
            readLog(Array(text.utf8)).map { String($0.prefix(7)) } == [
                "0 opene", "0 C slp", "0 S slp", "0 C slp",
            ])
    }

    @Test(arguments: [request, invitation]) func cutAnywhere(text: String) {
        let bytes = Array(text.replacing("LENGTH", with: "120").utf8)
        for count in 0...bytes.count {
            _ = decodeLog(String(decoding: bytes[..<count], as: UTF8.self))
            _ = PastedLog.isOne(Array(bytes[count...]))
        }
    }
}
