// No secret is shown unless somebody asked: one of every kind (auth.md section 6), through every way of showing.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct SecretsShownTests {
    /// A secret that is recognised by any four letters of it, so that a mask that leaves a part is found out, too.
    private static func secret(_ number: Int) -> String { "Zq7xKwZq7xKwZq7xKw\(number)" }
    private static let nonce = "{5EC2E75E-C2E7-5EC2-E75E-C25EC2E75EC2}"
    private static let traces = ["zq7x", "q7xk", "7xkw", "xkwz", "5ec2", "c2e7"]

    private static func slp(_ headers: String = "") -> String {
        let body =
            "Nonce: \(nonce)\r\nHashed-Nonce: \(nonce)\r\nSessionUsername: \(secret(1))\r\n"
            + "SessionPassword: \(secret(2))\r\nnonce: \(nonce)\r\n\r\n\0"
        return "INVITE MSNMSGR:bob@example.org MSNSLP/1.0\r\nTo: <msnmsgr:bob@example.org>\r\n"
            + "From: <msnmsgr:alice@example.com>\r\n\(headers)Content-Type: application/x-msnmsgr-transreqbody\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// Packets of version 1 with a text cut into pieces.
    private static func packets(_ text: String, _ most: Int, number: Int) -> [[UInt8]] {
        let bytes = Array(text.utf8)
        return stride(from: 0, to: bytes.count, by: most).map { start in
            let part = bytes[start..<min(start + most, bytes.count)]
            let packet = peerPacket(
                message: number, offset: start, total: bytes.count, part, tail: little(7, 16))
            return Array("Content-Type: application/x-msnmsgrp2p\r\nP2P-Dest: bob@example.org\r\n\r\n".utf8) + packet
                + [0, 0, 0, 0]
        }
    }

    /// A packet of version 2 with MSNSLP, the first of its message or not.
    private static func packet2(_ text: String, isFirst: Bool) -> [UInt8] {
        let length = UInt16(text.utf8.count + 8)
        return [8, 0, UInt8(length >> 8), UInt8(length & 255), 0, 0, 0, isFirst ? 1 : 9] + [
            8, isFirst ? 1 : 0, 0, 1, 0, 0, 0, 0,
        ] + text.utf8
    }

    private static func datagram(_ type: String, _ body: [UInt8]) -> [UInt8] {
        let head =
            "Routing: 1.0\r\nTo: 1:alice@example.com\r\nFrom: 1:bob@example.org\r\n\r\nReliability: 1.0\r\n\r\n"
            + "Messaging: 2.0\r\nMessage-Type: \(type)\r\nContent-Type: text/plain; charset=UTF-8\r\n"
            + "Content-Length: \(body.count)\r\n\r\n"
        return Array(head.utf8) + body
    }

    private static func capture() -> SmallCapture {
        var capture = SmallCapture()
        let address =
            "https://login.example.net/md5auth.srf?lc=1033&auth=\(secret(3))&creds=\(secret(4))&sl=7&t=\(secret(5))"
        capture.add([
            .c("VER 1 MSNP8 CVR0"), .s("VER 1 MSNP8"), .c("USR 2 TWN I alice@example.com"), .s("USR 2 TWN S lc=1033"),
            .c("USR 3 TWN S t=\(secret(6))&p=\(secret(7))"), .s("USR 3 OK alice@example.com Alice 1 0"),
            .s(
                "MSG Hotmail Hotmail",
                "Content-Type: text/x-msmsgsprofile; charset=UTF-8\r\nMSPAuth: \(secret(8))\r\nsid: \(secret(9))\r\n"
                    + "kv: \(secret(10))\r\n\r\n"),
            .c("URL 4 INBOX"), .s("URL 4 /cgi-bin/HoTMaiL \(address) 2"),
            .s(
                "MSG Hotmail Hotmail",
                "Content-Type: text/x-msmsgsinitialemailnotification\r\n\r\nInbox-URL: \(address)\r\n"),
            .c("XFR 5 SB"), .s("XFR 5 SB 198.51.100.2:1863 CKI \(secret(11))"),
            .s("RNG 117 198.51.100.2:1863 CKI \(secret(12)) bob@example.org Bob"), .c("OUT"),
        ])
        capture.add([
            .c("VER 1 MSNP7 CVR0"), .s("VER 1 MSNP7"), .c("INF 2"), .s("INF 2 MD5"),
            .c("USR 3 MD5 I alice@example.com"),
            .s("USR 3 MD5 S 989048851.1851137130"), .c("USR 4 MD5 S \(secret(13))"), .c("USR 5 CTP S \(secret(14))"),
        ])
        capture.add([
            .c("VER 1 MSNP18 CVR0"), .s("VER 1 MSNP18"), .c("USR 2 SSO I alice@example.com"),
            .s("USR 2 SSO S MBI_KEY x"),
            .c("USR 3 SSO S t=\(secret(15)) \(secret(16)) {12345678-0000-0000-0000-000000000000}"),
            .s("USR 3 OK alice@example.com 1 0"), .c("USR 4 SHA A \(secret(17))"),
            .s("UBN bob@example.org;{00000000-0000-0000-0000-000000000001} 3", slp()),
            .c("UUN 5 bob@example.org 3", slp()),
            .s("UBN bob@example.org 3", "INVITE\r\nNonce: \(nonce)\r\n"),
            .s("UBN bob@example.org 10", "SessionUsername: \(secret(18))\r\nSessionPassword: \(secret(19))\r\n"),
        ])
        let later = "7xKwZq7xKwZq7xKw\r\nBridges: TCPv1\r\n"
        capture.add([
            .c("VER 1 MSNP21 CVR0"), .s("VER 1 MSNP21"), .c("USR 2 SSO I alice@example.com"),
            .s("SDG 0", datagram("Signal/P2P", Array(slp().utf8))),
            .s(
                "SDG 0",
                datagram("signal/turn", Array("SessionUsername: \(secret(20))\r\nSessionPassword: \(secret(21))".utf8))),
            .s("SDG 0", datagram("Data", packet2(slp(), isFirst: true))),
            .s("SDG 0", datagram("Data", packet2(later, isFirst: false))),
            .s("SDG 0", datagram("Text", Array("hello there".utf8))),
        ])
        let cut = slp("X-Long: \(String(repeating: "a", count: 100))\r\n")
        // Packets that end in every place of the secrets, and one message in one packet.
        let split = [41, 97, 150, 203, 2_000].enumerated().flatMap { packets(cut, $1, number: $0 + 1) }
        capture.add(
            [
                .c("USR 1 alice@example.com \(secret(22))"), .s("USR 1 OK alice@example.com Alice"),
                .s("JOI bob@example.org Bob"),
            ]
                + split.map { .s("MSG bob@example.org Bob", $0) } + [
                    .s(
                        "MSG bob@example.org;{00000000-0000-0000-0000-000000000001} Bob",
                        Array(
                            "Content-Type: application/x-msnmsgrp2p\r\nP2P-Dest: alice@example.com\r\nP2P-Src: bob@example.org\r\n\r\n"
                                .utf8) + packet2(later, isFirst: false)),
                    .s(
                        "MSG bob@example.org Bob",
                        "Content-Type: text/x-msmsgsinvite\r\n\r\nInvitation-Command: ACCEPT\r\nAuthCookie: \(secret(23))\r\n"
                    ),
                    .s("MSG bob@example.org Bob", "Content-Type: text/plain; charset=UTF-8\r\n\r\nhello there"),
                ])
        capture.add([.c("ANS 1 alice@example.com \(secret(24)) 117"), .s("ANS 1 OK")])
        capture.add(
            to: 6_891,
            [
                .c("VER MSNFTP"), .s("VER MSNFTP"), .c("USR bob@example.org \(secret(25))"), .s("FIL 3"), .c("TFR"),
            ])
        capture.add(
            to: 80,
            [
                .client(
                    Array(
                        ("POST /gateway/gateway.dll?Action=open&Server=NS&IP=198.51.100.1&SessionID=\(secret(26)) HTTP/1.1\r\nHost: gateway.example.net\r\n"
                            + "Proxy-Authorization: Basic \(secret(27))\r\nCookie: a=\(secret(28))\r\nContent-Length: 18\r\n\r\nVER 1 MSNP8 CVR0\r\n")
                            .utf8)),
                .server(
                    Array(
                        ("HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=\(secret(29)); GW-IP=10.0.0.1\r\n"
                            + "Set-Cookie: \(secret(30))\r\nContent-Length: 13\r\n\r\nVER 1 MSNP8\r\n").utf8)),
            ])
        // Lines out of step, and what only a connection without a cipher would show.
        capture.add([
            .c("VER 1 MSNP8 CVR0"), .s("VER 1 MSNP8"),
            .client(
                Array(
                    "??\r\nPOST /gateway/gateway.dll?SessionID=\(secret(33)) HTTP/1.1\r\n<wsse:Password>\(secret(31))</wsse:Password>\r\nAuthorization: Passport1.4 pwd=\(secret(32))\r\n"
                        .utf8)),
        ])
        return capture
    }

    @Test func noneIsShownUnasked() async throws {
        let archived = try await ExportCommandTests.Archived("link-ethernet.pcap")
        let file = archived.file("secrets.pcap").path
        try Self.capture().write(to: file)
        #expect(try await archived.run("import", file).code == 0)
        let ways = [
            ["decode", file, "--detail", "0"], ["decode", file], ["decode", file, "--detail", "2"],
            ["decode", file, "--detail", "3"], ["decode", file, "--format", "jsonl"],
            ["decode", file, "--format", "jsonl", "--bytes"], ["decode", file, "--findings", "--quiet"],
            ["streams", file],
            ["show", "r2"], ["show", "r2", "--detail", "3"], ["show", "r2", "--format", "jsonl", "--bytes"],
            ["export", "r2"], ["search", "Zq7xKwZq7xKwZq7xKw1"], ["search", "hello"], ["transcript"],
            ["transcript", "--format", "html"], ["transcript", "--format", "xml", "--quiet"],
            ["transcript", "--format", "jsonl"], ["transcript", "--format", "markdown"],
        ]
        for way in ways {
            let outcome = try await Program(way, environment: ["BUTTERFLYNET_ARCHIVE": archived.archive]).outcome()
            let isEmpty = outcome.errors.isEmpty || outcome.errors.contains("nothing was found")
            #expect(isEmpty, "\(way): \(outcome.errors)")
            for line in outcome.lines {
                // A mask is a keyed digest: its random digits may be those of a trace.
                let shown = Self.unwrapped(line).replacing(/‹secret:[0-9a-f]{6}›/, with: "‹secret›")
                for trace in Self.traces where shown.contains(trace) {
                    Issue.record("\(way) shows \(trace): \(shown)")
                }
            }
        }
        // They are all there for those who ask.
        let asked = try await archived.run("decode", file, "--format", "jsonl", "--bytes", "--show-secrets").output
        let shown = asked.split(separator: "\n").map(Self.unwrapped).joined()
        // What HTTP has around a gateway's talk is never shown.
        for number in 1...33 where !(26...30).contains(number) {
            let isThere = shown.contains(Self.secret(number).lowercased())
            #expect(isThere, "\(number)")
        }
        #expect(shown.contains(Self.nonce.lowercased()))
    }

    /// A line in lower case, its base64 and its hexadecimal digits as text too.
    private static func unwrapped(_ line: Substring) -> String {
        var text = String(line)
        for match in line.matches(of: /"[a-z]+_base64":"([^"]+)"/) {
            let bytes = Data(base64Encoded: String(match.1)).map(Array.init) ?? []
            text += String(decoding: bytes, as: UTF8.self)
        }
        let digits = line.matches(of: /\b[0-9a-f]{2}\b/).compactMap { UInt8($0.0, radix: 16) }
        return (text + String(decoding: digits, as: UTF8.self)).lowercased()
    }
}
