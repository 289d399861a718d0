// Faults, limits, holes and streams whose start was missed: what the decoder gives up and where it goes on.

import MSNP
import Testing

@Suite struct FaultTests {
    @Test(arguments: faults + midStream + holes + errors)
    func everySplitGivesTheSamePieces(_ sample: Sample) { expectEverySplit(sample) }

    /// The end of a segment confirms commands right behind a gap, but neither the tail of a message nor commands behind
    /// noise.
    @Test(arguments: [
        ("ILN 9 NLN a@b.c A\r\n", true), ("ILN on and off again\r\n", false), ("x\r\nILN 9 NLN a@b.c A\r\n", false),
    ])
    func aSegmentEndConfirmsOnlyCommandsBehindAGap(_ text: String, _ isConfirmed: Bool) {
        var decoder = FrameDecoder(side: .server, startsMidStream: true)
        let bytes = Array(text.utf8)
        var position = 0
        while let piece = decoder.next(bytes.span, from: &position) {
            if case .frame = piece { Issue.record("a frame before the end of the segment") }
        }
        #expect(decoder.pending > 0)
        let isSettled = decoder.settle()
        #expect(isSettled == isConfirmed)
    }

    @Test(arguments: [("801 45 5\r\nXF", 10), ("801 45 5\r\n0 6 6XF", 15)] as [(String, UInt64)])
    func theCommandBehindAnUndecidedErrorIsUnfinished(_ text: String, _ offset: UInt64) {
        var decoder = FrameDecoder(side: .server)
        let bytes = Array(text.utf8)
        var position = 0
        let piece = decoder.next(bytes.span, from: &position)
        #expect(piece == nil)
        let unfinished = decoder.unfinishedCommand
        #expect(unfinished?.offset == offset)
        #expect(unfinished.map { Array($0.bytes) } == Array("XF".utf8))
    }

    /// What is no command makes the direction opaque until two plausible commands stand in a row.
    static let faults: [Sample] = [
        Sample(
            "small letters", .client,
            frame("PNG\r\n"), noise("msg 1 N 2\r\n", .notMSNP), frame("OUT\r\n"), frame("PNG\r\n")),
        Sample(
            "two letters, four letters, a lone CR, a space first", .server,
            frame("QNG 50\r\n"), noise("AB\r\nABCD 1\r\n\rQNG 50\r\n QNG 50\r\n", .notMSNP), frame("QNG 50\r\n"),
            frame("OUT OTH\r\n")),
        Sample(
            "letters and digits mixed", .server, noise("2A0 1\r\n", .notMSNP), frame("QNG 5\r\n"), frame("UUX 4\r\n")),
        Sample(
            "a CR behind the verb that ends no line", .server,
            noise("QNG\r50\r\n", .notMSNP), frame("QNG 5\r\n"), frame("QNG 6\r\n")),
        Sample(
            "one plausible command is not enough", .server,
            noise("?\r\nQNG 50\r\n?\r\nQNG 50\r\n??\r\n", .notMSNP), frame("QNG 50\r\n"),
            frame("NLN AWY a@b.c A\r\n")),
        Sample("one at the end of the stream is", .server, noise("?\r\n", .notMSNP), frame("QNG 50\r\n")),
        Sample(
            "unknown verbs do not count", .server,
            noise("?\r\nZZZ 1\r\nZZY 2\r\n999 1\r\n", .notMSNP), frame("QNG 50\r\n"), frame("QNG 50\r\n")),
        Sample(
            "verbs of the other side do not count", .server,
            noise("?\r\nPNG\r\nPNG\r\n", .notMSNP), frame("QNG 50\r\n"), frame("QNG 50\r\n")),
        Sample(
            "commands with the wrong number of arguments do not count", .server,
            noise("?\r\nXFR\r\nXFR\r\nNOT\r\nNOT five\r\n", .notMSNP), frame("NOT 1\r\n", "x"), frame("QNG 50\r\n")),
        Sample(
            "commands that lack the argument before the length do not count", .client,
            noise("?\r\nQRY 5\r\nQRY 6\r\n?\r\n", .notMSNP), frame("PNG\r\n"), frame("OUT\r\n")),
        Sample("errors count", .server, in: 12, noise("?\r\n", .notMSNP), frame("913 31\r\n"), frame("217 32\r\n")),
        Sample(
            "a payload is no place to start", .client,
            noise("?\r\n", .notMSNP), frame("MSG 4 N 32\r\n", "PNG\r\nOUT\r\nMSG 1 N 2\r\nab\r\nPNG\r\n\r\n"),
            frame("PNG\r\n")),
        Sample(
            "a text that only looks like commands", .client,
            noise("torn text\r\nMSG from me\r\nADD up\r\nOUT of order\r\nSYN 1\r\nand so on\r\n", .notMSNP),
            frame("PNG\r\n"), frame("MSG 4 N 2\r\n", "hi")),
        Sample(
            "two faults", .server,
            frame("QNG 5\r\n"), noise("?\r\n", .notMSNP), frame("QNG 5\r\n"), frame("QNG 6\r\n"),
            noise("!\r\n", .notMSNP),
            frame("QNG 5\r\n"), frame("QNG 6\r\n")),
        Sample("nothing but noise", .client, noise("\u{0}\u{1}\u{2}abc\r\n\r\n\u{FF}\n\n\nxyz", .notMSNP)),
    ]

    /// A capture that begins anywhere.
    static let midStream: [Sample] = [
        Sample("starts at a command", .server, midStream: true, frame("NLN AWY a@b.c A 0\r\n"), frame("QNG 50\r\n")),
        Sample(
            "starts inside a line", .server, midStream: true,
            noise("Y a@b.c A 0\r\n", .unsynchronised), frame("NLN AWY a@b.c A 0\r\n"), frame("QNG 50\r\n")),
        Sample("starts at an error", .server, in: 12, midStream: true, frame("913 31\r\n"), frame("QNG 50\r\n")),
        Sample(
            "starts inside a payload", .client, midStream: true,
            noise("Content-Type: text/plain\r\n\r\nhello", .unsynchronised)),
        Sample(
            "starts inside a payload that ends in a line end", .client, midStream: true,
            noise("Type: a\r\n\r\n<x/>\r\n", .unsynchronised), frame("MSG 9 N 2\r\n", "hi"),
            frame("MSG 10 N 2\r\n", "hi")),
        Sample(
            "behind a text, which ends in no line end", .client, midStream: true,
            noise("hello.", .unsynchronised), frame("MSG 9 N 6\r\n", "hello\n"), frame("MSG 10 N 2\r\n", "hi"),
            frame("OUT\r\n")),
        Sample(
            "a command without payload in a text is none", .client, midStream: true,
            noise("I am OUT\r\n", .unsynchronised), frame("MSG 10 N 2\r\n", "hi"), frame("OUT\r\n")),
        Sample(
            "a lone command in a text is none", .client, midStream: true,
            noise("I typed MSG 9 N 6\r\nhello!? and nothing came\r\n", .unsynchronised),
            frame("MSG 10 N 2\r\n", "hi"), frame("OUT\r\n")),
        Sample("one command only", .client, midStream: true, noise("x\n", .unsynchronised), frame("PNG\r\n")),
        Sample(
            "cut off in a payload", .client, midStream: true,
            frame("PNG\r\n"), noise("MSG 9 N 6\r\nhel", .unfinishedPayload)),
        Sample("nothing that can be told", .client, midStream: true, noise("MSG 9 N 6\r\nhel", .unsynchronised)),
    ]

    /// Bytes that the capture lost.
    static let holes: [Sample] = [
        Sample(
            "one whole command between two holes", .server, frame("QNG 1\r\n"), .hole(40),
            frame("MSG a@b.c A 2\r\n", "hi"), .hole(9), frame("QNG 2\r\n"), frame("QNG 3\r\n")),
        Sample(
            "a command and the start of another between two holes", .server, frame("QNG 1\r\n"), .hole(40),
            frame("MSG a@b.c A 2\r\n", "hi"), noise("MSG a@b.c A", .damagedFrame), .hole(9), frame("QNG 2\r\n"),
            frame("QNG 3\r\n")),
        Sample("at a boundary", .server, frame("QNG 1\r\n"), .hole(40), frame("QNG 2\r\n"), frame("QNG 3\r\n")),
        Sample(
            "at a boundary, into a line", .server,
            frame("QNG 1\r\n"), .hole(40), noise("b.c A\r\n", .unsynchronised), frame("QNG 2\r\n"),
            frame("QNG 3\r\n")),
        Sample(
            "inside a line", .server,
            noise("NLN AWY", .damagedFrame), .hole(4), noise("b.c A\r\n", .unsynchronised), frame("QNG 2\r\n"),
            frame("QNG 3\r\n")),
        Sample(
            "inside a payload, whose end stays known", .client,
            noise("MSG 1 N 20\r\nabc", .damagedFrame), .hole(4), noise("\r\nPNG\r\nOUT\r\n!", .damagedFrame),
            frame("MSG 2 N 2\r\n", "hi"),
            frame("PNG\r\n")),
        Sample(
            "behind the line of a payload", .client,
            noise("QRY 1 a 32\r\n", .damagedFrame), .hole(30), noise("ab", .damagedFrame), frame("PNG\r\n"),
            frame("OUT\r\n")),
        Sample(
            "to the very end of a payload", .client,
            noise("MSG 1 N 5\r\nabc", .damagedFrame), .hole(2), frame("OUT\r\n")),
        Sample(
            "to the very end of a payload, behind which one command is trusted", .client,
            noise("MSG 1 N 5\r\nabc", .damagedFrame), .hole(2), frame("OUT\r\n"), noise("?\r\n", .notMSNP)),
        Sample(
            "twice, to the very end of a payload", .client,
            noise("MSG 1 N 9\r\nabc", .damagedFrame), .hole(2), noise("fg", .damagedFrame), .hole(2),
            frame("OUT\r\n"), noise("?\r\n", .notMSNP)),
        Sample(
            "twice inside a payload", .client,
            noise("MSG 1 N 9\r\nabc", .damagedFrame), .hole(2), noise("f", .damagedFrame), .hole(1),
            noise("hi", .damagedFrame),
            frame("PNG\r\n"), frame("OUT\r\n")),
        Sample(
            "across commands", .client,
            noise("MSG 1 N 5\r\nabc", .damagedFrame), .hole(20), noise("c A\r\n", .unsynchronised),
            frame("OUT\r\n"), frame("PNG\r\n")),
        Sample(
            "out of a damaged payload", .client,
            noise("MSG 1 N 9\r\nabc", .damagedFrame), .hole(2), noise("fg", .damagedFrame), .hole(9),
            noise("c A\r\n", .unsynchronised), frame("OUT\r\n"), frame("PNG\r\n")),
        Sample(
            "while looking for a command", .server,
            noise("?\r\nQNG 5", .notMSNP), .hole(3), noise("c A\r\n", .unsynchronised), frame("QNG 2\r\n"),
            frame("QNG 3\r\n")),
        Sample("of nothing", .client, frame("PNG\r\n"), .hole(0), frame("ZZZ 1\r\n"), frame("PNG\r\n")),
        Sample("before the first byte", .client, .hole(1 << 40), frame("PNG\r\n"), frame("OUT\r\n")),
        Sample("behind the last byte", .client, frame("PNG\r\n"), .hole(5)),
        Sample(
            "then the end, inside a payload", .client,
            noise("MSG 1 N 9\r\nabc", .damagedFrame), .hole(2), noise("fg", .damagedFrame)),
    ]

    /// Rule E: errors with and without a payload.
    static let errors: [Sample] = [
        Sample(
            "MSNP12, no payload", .server, in: 12,
            frame("241 7\r\n"), frame("241 7 45\r\n"), frame("XFR 0 NS 0\r\n"), frame("604\r\n")),
        Sample(
            "MSNP15, payload", .server, in: 15,
            frame("241 7\r\n"), frame("241 7 0\r\n"),
            frame("241 7 43\r\n", "<ml><d n=\"\"><c n=\"x\" l=\"3\" t=\"1\"/></d></ml>"),
            frame("204 9 0\r\n"), frame("801 45 5\r\n", "0 6 6"), frame("604\r\n"), frame("ADL 10 OK\r\n")),
        Sample(
            "MSNP15, text and more arguments", .server, in: 15,
            frame("200 7 what is this\r\n"), frame("201 7 what 5\r\n"), frame("QNG 50\r\n")),
        Sample(
            "MSNP15 on a switchboard", .server, in: 15, role: .switchboard,
            frame("217 7\r\n"), frame("217 7 5\r\n"), frame("BYE a@b.c\r\n"), frame("282 8 1000\r\n")),
        Sample(
            "unknown dialect", .server,
            frame("801 45 5\r\n", "0 6 6"), frame("217 7 5\r\n"), frame("BYE a@b.c\r\n"), frame("204 9 0\r\n"),
            frame("ADL 10 OK\r\n")),
        Sample("unknown dialect, payload of a few bytes at the end", .server, frame("801 45 3\r\n", "abc")),
        Sample("unknown dialect, nothing behind", .server, frame("QNG 5\r\n"), frame("217 7 5\r\n")),
        Sample(
            "unknown dialect, a length beyond belief", .server, frame("217 7 9999999999\r\n"), frame("QNG 50\r\n")),
        Sample(
            "unknown dialect on a switchboard", .server, role: .switchboard, frame("217 7 5\r\n"), frame("BYE a\r\n")),
        Sample("errors are no business of clients", .client, in: 15, frame("801 45 5\r\n"), frame("PNG\r\n")),
    ]
}
