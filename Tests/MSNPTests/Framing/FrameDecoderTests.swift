// Framing: what belongs to a command and what does not (payload-rules.md sections 1 to 4 and 7).

import MSNP
import Testing

@Suite struct FrameDecoderTests {
    @Test(arguments: lines + payloads + traps + unfinished)
    func everySplitGivesTheSameFrames(_ sample: Sample) { expectEverySplit(sample) }

    /// Section 1: lines, line ends, tokens, bytes that are no UTF-8.
    static let lines: [Sample] = [
        Sample("CRLF and bare LF", .client, frame("PNG\r\n"), frame("OUT\n"), frame("VER 1 MSNP8 CVR0\n")),
        Sample("two CRs belong to the line", .server, frame("NLN NLN a@b.c A\r\r\n"), frame("QNG\r\n")),
        Sample(
            "CVQ ends in an empty token", .client,
            frame("CVQ 2 0x0409 winnt 5.1 i386 MSMSGS 2.1.1047 \r\n"), frame("OUT\r\n")),
        Sample("PRP with an empty value", .server, in: 7, frame("PRP 8 27 PHW \r\n"), frame("PRP 8 27 PHW\r\n")),
        Sample("tokens only of spaces", .server, frame("BPR   \r\n"), frame("QNG  \r\n")),
        Sample(
            "empty lines between frames", .server, frame("QNG 50\r\n"), frame("\r\n"), frame("\n"), frame("QNG\r\n")),
        Sample(
            "raw UTF-8 in a nickname", .server, in: 18,
            frame("NLN NLN 1:bob@example.com Jos\u{C3}\u{A9} 2789003324:48 0\r\n"), frame("QNG 50\r\n")),
        Sample(
            "no UTF-8 in a nickname", .server,
            frame("MSG bob@example.com \u{FF}\u{FE}\u{80}\u{C3} 5\r\n", "hello"), frame("QNG 50\r\n")),
        Sample("NUL and a lone CR inside a line", .server, frame("JOI a@b.c A\u{0}\rB\r\n"), frame("ACK 5\r\n")),
        Sample("unknown verbs are commands", .server, frame("ZZZ 1 2 3 44\r\n"), frame("999\r\n"), frame("CCG\r\n")),
    ]

    /// Section 2: payloads and their lengths.
    static let payloads: [Sample] = [
        Sample(
            "QRY, glued to the next command", .client,
            frame("QRY 10 PROD0038W!61ZTF9 32\r\n", "8f2f5a91b72102cd28355e9fc9000d6e"), frame("PNG\r\n")),
        Sample("OUT right behind a payload", .client, frame("MSG 4 N 5\r\n", "hello"), frame("OUT\r\n")),
        Sample(
            "CRLF inside a payload, at its start and end", .client,
            frame("MSG 5 A 9\r\n", "\r\nab\r\n\n\r\n"), frame("MSG 6 U 2\r\n", "\r\n"), frame("OUT\r\n")),
        Sample(
            "NUL and commands inside a payload", .server,
            frame("MSG a@b.c A 31\r\n", "\u{0}\u{0}OUT\r\nMSG 1 N 99\r\nQNG 50\r\n\u{0}\u{FF}\u{0}\n"),
            frame("ACK 7\r\n")),
        Sample("payload behind a bare LF", .client, frame("MSG 5 N 3\n", "abc"), frame("MSG 6 N 3\n", "\nab")),
        Sample("leading zeros in a length", .client, frame("MSG 5 N 0000000003\r\n", "abc"), frame("OUT\r\n")),
        Sample("eleven digits are no length", .client, frame("MSG 5 N 00000000003\r\n"), frame("OUT\r\n")),
        Sample(
            "a sign is no length", .client,
            frame("MSG 5 N +5\r\n"), frame("MSG 5 N -5\r\n"), frame("QRY 6 a 0x20\r\n"), frame("OUT\r\n")),
        Sample(
            "blanks behind the length", .client, frame("MSG 5 N 3 \r\n", "abc"), frame("MSG 3 U 2    \r\n", "\r\n"),
            frame("QRY 18 msmsgs@msnmsgr.com 32 \r\n", "8f2f5a91b72102cd28355e9fc9000d6e"), frame("UUX 9 0 \r\n"),
            frame("ADL 4 4 \n", "<a/>"), frame("SDC 1 a@b 0x0409 MSMSGS MSMSGS X X  2 \r\n", "hi"),
            frame("OUT \r\n")),
        Sample(
            "blanks behind the length of a server", .server, in: 15, frame("MSG a@b.c A 2 \r\n", "hi"),
            frame("NOT 4 \r\n", "<a/>"), frame("UBX a@b.c 1 4  \r\n", "<a/>"), frame("GCF 0 4 \r\n", "<a/>"),
            frame("801 45 5 \r\n", "0 6 6"), frame("204 9 \r\n"), frame("UUX 9 \r\n"), frame("UUX 9 0 \r\n"),
            frame("ADL 7 OK \r\n"), frame("ADL 0 4 \r\n", "<a/>"), frame("FQY 7 4 \r\n", "<a/>"),
            frame("NFY PUT 2 \r\n", "ab"), frame("PUT 35 OK 2 \r\n", "ab"), frame("NOT \r\n"), frame("QNG 50 \r\n")),
        Sample("a blank behind an error's number", .server, in: 12, frame("801 45 5 \r\n"), frame("QNG 50\r\n")),
        Sample(
            "MSG with an unset and with a torn nickname", .server,
            frame("MSG a@b.c 5\r\n", "hello"), frame("MSG a@b.c  5\r\n", "hello"),
            frame("MSG a@b.c My Own Name 5\r\n", "hello"), frame("QNG 50\r\n")),
        Sample(
            "MSG with acknowledgements that nobody knows", .client,
            frame("MSG 4 Q 2\r\n", "hi"), frame("MSG 5 D 2\r\n", "hi"), frame("MSG 6 S 2\r\n", "hi"),
            frame("MSG 7 2\r\n", "hi")),
    ]

    /// Section 4, trap by trap.
    static let traps: [Sample] = [
        Sample(
            "GCF asks without and answers with a payload", .client, in: 11,
            frame("GCF 9 Shields.xml\r\n"), frame("PNG\r\n")),
        Sample(
            "GCF of 11-12 and of 13", .server,
            frame("GCF 9 Shields.xml 4\r\n", "<a/>"), frame("GCF 0 21\r\n", "<Policies></Policies>"),
            frame("USR 3 SSO S MBI_KEY_OLD AAEC\r\n")),
        Sample("QRY's answer is no length", .server, frame("QRY 10\r\n"), frame("QNG 50\r\n")),
        Sample(
            "CHL ends in a number", .server,
            frame("CHL 0 15570131571988941333\r\n"), frame("CHL 0 99999999999999999999\r\n"),
            frame("CHL 0 12345\r\n")),
        Sample(
            "UUX answered with and without a zero", .server,
            frame("UUX 9\r\n"), frame("NLN NLN a@b.c A 0\r\n"), frame("UUX 9 0\r\n"),
            frame("NLN NLN a@b.c A 0\r\n")),
        Sample(
            "UUX from the client", .client, frame("UUX 9 5\r\n", "<a/>\n"), frame("UUX 10 0\r\n"), frame("PNG\r\n")),
        Sample(
            "UBX in its three forms", .server,
            frame("UBX a@b.c 0\r\n"), frame("UBX a@b.c 12\r\n", "<Data>\r\n</a>"), frame("UBX a@b.c 1 0\r\n"),
            frame("UBX a@b.c 1 12\r\n", "<Data></Data"), frame("UBX 1:a@b.c;via=9:c@live.com 0\r\n"),
            frame("UBX 1:a@b.c;via=9:c@live.com 12\r\n", "<Data></Data"), frame("QNG 50\r\n")),
        Sample(
            "ADL and RML, acknowledged and unasked", .server, in: 15,
            frame("ADL 7 OK\r\n"), frame("ADL 0 4\r\n", "<m/>"), frame("RML 8 OK\r\n"),
            frame("RML 0 4\r\n", "<m/>"),
            frame("ADL 9 OK\r\n")),
        Sample("FQY", .server, frame("FQY 11 5\r\n", "<ml/>"), frame("QNG 50\r\n")),
        Sample(
            "UUN and UUM from the client", .client,
            frame("UUN 15 a@b.c 3 4\r\n", "body"), frame("UUM 14 a@b.c 32 1 4\r\n", "body"), frame("PNG\r\n")),
        Sample(
            "UUN's answer, UBN, UBM", .server,
            frame("UUN 15 OK\r\n"), frame("UBN a@b.c;{1-2} 4 14\r\n", "goawyplzthxbye"),
            frame("UBN a@b.c 5 4\r\n", "gtfo"),
            frame("UBM y@yahoo.com 32 a@b.c 1 1 4\r\n", "body"), frame("UBM 32:y@b.c 1:a@b.c 1 4\r\n", "body"),
            frame("QNG\r\n")),
        Sample(
            "NOT and IPG: one number, the length", .server, frame("NOT 4\r\n", "<N/>"), frame("IPG 4\r\n", "<N/>")),
        Sample(
            "PAG, PGD, SDC", .client,
            frame("PAG 17 a@b.c 2\r\n", "hi"), frame("PGD 10 tel:+15550100 1 2\r\n", "hi"),
            frame("SDC 18 z@b.c 0x0409 MSMSGS MSMSGS X X  2\r\n", "hi"),
            frame("SDC 18 z@b.c 0x0409 MSMSGS MSMSGS X X A 0\r\n"), frame("OUT\r\n")),
        Sample(
            "PUT and DEL answered in three forms", .server,
            frame("PUT 35 OK 4\r\n", "a: b"), frame("PUT 35 OK 0\r\n"), frame("PUT 35 OK\r\n"),
            frame("DEL 36 OK 4\r\n", "a: b"),
            frame("DEL 36 OK\r\n"), frame("QNG 42\r\n")),
        Sample(
            "NFY and SDG", .server,
            frame("NFY PUT 4\r\n", "a: b"), frame("NFY DEL 4\r\n", "\r\n\r\n"),
            frame("SDG 0 4\r\n", "\u{0}\u{1}\n\u{FF}"),
            frame("NFY 3 PUT 4\r\n", "abcd"), frame("QNG 42\r\n")),
        Sample(
            "PUT, DEL, SDG, ADL, RML, FQY, VAS from the client", .client,
            frame("PUT 1 2\r\n", "hi"), frame("DEL 2 2\r\n", "hi"), frame("SDG 3 2\r\n", "hi"),
            frame("ADL 4 2\r\n", "hi"),
            frame("RML 5 2\r\n", "hi"), frame("FQY 6 2\r\n", "hi"), frame("VAS 7 a@b.c 1 2 2\r\n", "hi"),
            frame("PNG\r\n")),
        Sample(
            "verbs that clients never send with a payload", .client,
            frame("NOT 5\r\n"), frame("UBX a@b.c 5\r\n"), frame("UBN a@b.c 1 5\r\n"), frame("IPG 5\r\n"),
            frame("NFY PUT 5\r\n")),
        Sample(
            "MSG on the notification server", .server, in: 8, role: .notification,
            frame("MSG Hotmail Hotmail 4\r\n", "a: b"), frame("MSG Other Sender 4\r\n", "a: b"),
            frame("QNG 50\r\n")),
        Sample(
            "numbers at the end that are no length", .server,
            frame("LST a@b.c nick 3 0\r\n"), frame("LSG 0 Name 0\r\n"), frame("SYN 8 27 5 4\r\n"),
            frame("REM 14 FL 31 a@b.c 1\r\n"),
            frame("RNG 117 203.0.113.20:1863 CKI 8.5 a@b.c A U messenger.hotmail.com 1\r\n"),
            frame("XFR 15 SB 203.0.113.20:1863 CKI 17.2 U messenger.msn.com 1\r\n"),
            frame("URL 11 /path url 2\r\n"),
            frame("BYE a@b.c 1\r\n"), frame("FLN a@b.c 1 0\r\n"), frame("CAL 2 RINGING 11752013\r\n"),
            frame("USR 7 OK a@b.c 1 0\r\n"),
            frame("CHG 9 NLN 268435456 0\r\n"), frame("ILN 9 AWY a@b.c A 24\r\n"), frame("IRO 1 1 2\r\n"),
            frame("ADG 11 28 Work 2 0\r\n"),
            frame("ADD 13 FL 30 a@b.c A 2\r\n"), frame("RMG 15 32 1\r\n"), frame("ACK 5\r\n"), frame("NAK 6\r\n"),
            frame("OUT RCT 5\r\n")),
        Sample(
            "numbers at the end that are no length, from the client", .client,
            frame("CHG 9 NLN 0\r\n"), frame("ANS 1 a@b.c 849.520 11752013\r\n"), frame("SYN 8 0\r\n"),
            frame("ADD 13 FL a@b.c A 2\r\n"),
            frame("BYE 16777989\r\n"), frame("CVR 9 0x0409 winnt 4.0\r\n")),
        Sample("soft reset", .server, frame("XFR 0 NS 0\r\n"), frame("VER 30 MSNP10\r\n")),
        Sample("MSNFTP", .server, frame("VER MSNFTP\r\n"), frame("FIL 4100\r\n"), frame("CCL\n")),
        Sample(
            "a message inside blocks of headers", .server, in: 21,
            frame("SDG 0 44\r\n", "Routing: 1.0\r\n\r\nReliability: 1.0\r\n\r\nM: 2\r\n\r\n"),
            frame("801 11 5\r\n", "0 6 6")),
    ]

    /// Streams that stop in the middle of something.
    static let unfinished: [Sample] = [
        Sample("OUT without a line end", .client, frame("MSG 3 N 2\r\n", "hi"), noise("OUT", .unfinishedLine)),
        Sample("half a line", .server, frame("QNG 50\r\n"), noise("NLN AWY a@b", .unfinishedLine)),
        Sample("a CR at the end", .server, frame("QNG 50\r\n"), noise("QNG 50\r", .unfinishedLine)),
        Sample("half a payload", .client, frame("PNG\r\n"), noise("MSG 3 N 5\r\nhell", .unfinishedPayload)),
        Sample("no byte of a payload", .client, noise("QRY 3 a 32\r\n", .unfinishedPayload)),
        Sample("nothing at all", .client),
    ]
}
