// What is hidden, and what is not (auth.md section 6).

import MSNP
import Testing

@Suite struct SecretsTests {
    /// Secrets stand between `<` and `>`; a line break separates the line from its payload.
    /// The header of a packet of version 1 in the middle of a text.
    private static func part(length: String, flags: String) -> String {
        func zeros(_ count: Int) -> String { String(repeating: "\0", count: count) }
        return zeros(8) + "\u{10}" + zeros(7) + "\u{40}" + zeros(7) + length + zeros(6) + flags + zeros(16)
    }

    @Test(
        arguments: [
            (.client, "USR 6 CTP S <password>"), (.client, "USR 6 MD5 S <ed6a0736ddeaab153b2cb2644096e327>"),
            (.client, "USR 7 TWN S <t=TICKET&p=PROFILE>"), (.client, "USR 4 SSO S <t=TICKET&p=>"),
            (.client, "USR 4 SSO S <t=TICKET&p=> <HAAAAAEA=>"),
            (.client, "USR 4 SSO S <t=TICKET&p=> <HAAAAAEA=> {8a1b}"),
            (.client, "USR 12 SHA A <U0VDUkVU>"), (.client, "USR 1 ann@example.com <17.26.32>"),
            (.client, "USR 1 ann@example.com;{8a1b} <17.26.32>"), (.client, "USR ann@example.com <93301>"),
            (.client, "ANS 1 ann@example.com <849.52> 117"), (.server, "XFR 15 SB 203.0.113.20:1863 CKI <17.26.32>"),
            (.server, "XFR 15 SB 203.0.113.20:1863 CKI <17.26.32> U messenger.msn.com 1"),
            (.server, "RNG 117 203.0.113.20:1863 CKI <849.52> ann@example.com Ann U messenger.hotmail.com 1"),
            (.client, "QRY 10 PROD0038W!61ZTF9 32\n<8ea161ab1346e670716081a975886046>"),
            (
                .server,
                "URL 11 /cgi-bin/x https://login.example.net/md5auth.srf?lc=1033&auth=<abc>&creds=<def>&sl=<77> 2"
            ),
            (
                .server,
                "MSG Hotmail Hotmail 9\nContent-Type: text/x-msmsgsprofile\r\nsid: <507>\r\nkv: <11>\r\nMSPAuth: <SECRET$$>\r\n"
            ),
            (.server, "MSG Hotmail Hotmail 9\nContent-Type: text/x-msmsgsprofile\nMSPAUTH: <a: b>\n\n"),
            (
                .server,
                "MSG Hotmail Hotmail 9\nContent-Type: text/x-mail\r\n\r\nInbox-URL: /cgi-bin/x?a=1&auth=<abc>\r\n"
            ),
            (.client, "MSG 5 N 9\nContent-Type: text/x-msmsgsinvite\r\n\r\nAuthCookie: <93301>\r\nPort: 6891\r\n"),
            (.client, "MSG 5 N 9\nContent-Type: text/x-msmsgsinvite\r\n\r\nAuthCookie:\r\n <93301>\r\nPort: 6891\r\n"),
            (
                .client,
                "MSG 5 D 9\nContent-Type: application/x-msnmsgrp2p\r\n\r\n" + String(repeating: "\0", count: 29)
                    + "\u{1}\0\0<0123456789abcdef>\0\0\0\0"
            ),
            (
                .client,
                "MSG 5 D 9\nContent-Type: application/x-msnmsgrp2p\r\n\r\n\u{0}\u{1}\u{FF}INVITE a\r\n\r\nNonce: <{1}>\r\nHashed-Nonce: <{2}>\r\n"
            ),
            // The rest of a nonce, in a packet of version 1 that names its sender, or that has a wrong length.
            (
                .client,
                "MSG 5 D 9\nContent-Type: application/x-msnmsgrp2p\r\nP2P-Src: a@b.c\r\n\r\n"
                    + part(length: "\u{D}", flags: "\u{1}") + "<0AB}>\r\nAb: x\r\n\0\0\0\0"
            ),
            (
                .client,
                "MSG 5 D 9\nContent-Type: application/x-msnmsgrp2p\r\n\r\n" + part(length: "\u{20}", flags: "\0")
                    + "<0AB}>\r\nAb: x\r\n\0\0\0\0"
            ),
            (
                .server,
                "MSG a@b.c A 9\nContent-Type: application/x-msnmsgrp2p\r\n\r\nSessionUsername: <u>\r\nSessionPassword: <p>\r\n"
            ),
            (
                .server,
                "UBN a@b.c 3 9\nMSNSLP/1.0 200 OK\r\nContent-Type: a/x-msnmsgr-transrespbody\r\n\r\nNonce: <{1}>\r\n"
            ),
            (.client, "UUN 5 a@b.c 3 9\nINVITE a MSNSLP/1.0\r\nContent-Type: a/b\r\n\r\nHashed-Nonce: <{1}>\r\n"),
            (
                .client,
                "SDG 5 9\nRouting: 1.0\r\n\r\nReliability: 1.0\r\n\r\nMessaging: 2.0\r\nContent-Type: a/p2p\r\n\r\nNonce: <{1}>\r\n"
            ),
        ] as [(Side, String)]) func secretsAreFound(_ side: Side, _ marked: String) throws
    {
        let expected = marked.split(separator: "<").dropFirst().compactMap { $0.split(separator: ">").first }
        let frame = try frame(marked)
        let found = Secrets.ranges(in: frame, from: side)
        #expect(found.map { Array(frame.bytes[$0]) } == expected.map { raw(String($0)) })
        // Nothing of a secret is left when the ranges are masked, and all else is.
        let masked = frame.replacing(found.map { ($0, raw("*")) })
        let parts = marked.replacing("\n", with: "\r\n", maxReplacements: 1).split(
            separator: "<", omittingEmptySubsequences: false)
        let open = parts.enumerated().map { index, part in
            index == 0 ? String(part) : "*" + part.drop { $0 != ">" }.dropFirst()
        }
        #expect(masked == raw(open.joined() + (marked.contains("\n") ? "" : "\r\n")))
        let ascending = zip(found, found.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }
        #expect(ascending)
    }

    @Test(
        arguments: [
            (.client, "USR 3 TWN I ann@example.com"), (.server, "USR 6 MD5 S 989048851.1851137130"),
            (.server, "USR 6 TWN S lc=1033,id=507,tpf=43f8"), (.server, "USR 7 OK ann@example.com Ann 1 0"),
            (.client, "USR 6 TWN S"),
            (.client, "USR"), (.client, "XFR 15 SB"), (.server, "XFR 3 NS 203.0.113.10:1863 0 198.51.100.1:1863"),
            (.server, "XFR 15 SB 203.0.113.20:1863 CKI"), (.client, "ANS 1"), (.server, "ANS 1 OK"),
            (.server, "QRY 10"),
            (.server, "URL 11 /cgi-bin/HoTMaiL https://login.example.net/md5auth.srf?lc=1033 2"),
            (.client, "VER 1 MSNP8 CVR0"),
            (.server, "NLN AWY a@b.c A"),
            (.client, "MSG 5 N 9\nContent-Type: text/plain\r\n\r\nsid: 5\r\nNonce: said he\r\n"),
            (.client, "MSG 5 N 9\nMessage-ID: {1}\r\nChunk: 1\r\n\r\nsid: 5"), (.server, "MSG a@b.c A 0"),
            (.client, "PNG"),
            (.server, "MSG Hotmail Hotmail 9\nContent-Type: text/x-msmsgsprofile\r\nsid: \r\nkv:\r\n"),
            (.client, "SDG 5 9\nRouting: 1.0\r\n\r\nA: 1\r\n\r\nContent-Type: text/plain\r\n\r\nNonce: said he"),
        ] as [(Side, String)]) func harmlessFramesHaveNone(_ side: Side, _ text: String) throws
    {
        let frame = try frame(text)
        #expect(Secrets.ranges(in: frame, from: side).isEmpty)
    }

    private func frame(_ marked: String) throws -> Frame {
        let bare = marked.filter { $0 != "<" && $0 != ">" }
        guard let feed = bare.unicodeScalars.firstIndex(of: "\n") else {
            return try #require(Frame(raw(bare + "\r\n")))
        }
        let line = String(bare.unicodeScalars[..<feed])
        let payload = String(bare.unicodeScalars[feed...].dropFirst())
        return try #require(Frame(raw(line + "\r\n" + payload)))
    }

    /// Noise may be a line that the end of a stream cut off, or whole lines out of step.
    @Test(arguments: [
        (Side.client, "USR 4 TWN S <t=SECRET&p=SEC>"), (.client, "ANS 1 a@b.c <849102291.52> 11752013\r\n"),
        (.server, "XFR 15 SB 10.0.0.1:1863 cki <17.2>\r\n"), (.server, "MSPAuth: <CUTSEC>"),
        (.client, "VER 1 MSNP8\r\nUSR 2  MD5 S <digest>\r\nPNG\r\n"),
        (.client, "QRY 4 msmsgs@msnmsgr.com 32\r\n<8ba1bb9d6d>"),
        (.client, "POST /gateway/gateway.dll?Action=poll&SessionID=<1640862.5511> HTTP/1.1\r\n"),
        (.server, "X-MSN-Messenger: SessionID=<1640862.5511>; GW-IP=10.0.0.1\r\n"),
        (.client, "Proxy-Authorization: <Basic YTpi>\r\n"), (.client, "hello there"), (.server, "\u{0}\u{1}USR"),
    ])
    func secretsInNoiseAreFound(_ side: Side, _ marked: String) {
        var bytes: [UInt8] = []
        var expected: [Range<Int>] = []
        var start = 0
        for byte in marked.utf8 {
            switch byte {
            case UInt8(ascii: "<"): start = bytes.count
            case UInt8(ascii: ">"): expected.append(start..<bytes.count)
            default: bytes.append(byte)
            }
        }
        #expect(Secrets.ranges(in: Noise(bytes: bytes, reason: .notMSNP, offset: 0), from: side) == expected)
    }
}
