// How long a line and a payload may be, to the byte.

import MSNP
import Testing

@Suite struct LimitTests {
    private static let mebibyte = 1 << 20

    @Test(arguments: [
        Sample(
            "a payload of 1 MiB", .client,
            frame("MSG 1 N 1048576\r\n", String(repeating: "\u{FF}", count: mebibyte)), frame("PNG\r\n")),
        Sample(
            "a byte more is noise", .client,
            frame("PNG\r\n"), noise("MSG 1 N 1048577\r\nPNG is no command here\r\n", .payloadTooLong),
            frame("PNG\r\n"),
            frame("OUT\r\n")),
        Sample(
            "ten digits", .client,
            noise("QRY 1 a 9999999999\r\nabc\r\n", .payloadTooLong), frame("PNG\r\n"), frame("OUT\r\n")),
        Sample(
            "an unfinished payload of nearly 1 MiB", .client,
            noise("MSG 1 N 1048576\r\n" + String(repeating: "a", count: mebibyte - 1), .unfinishedPayload)),
        Sample(
            "a lie about the length while looking", .client,
            noise("?\r\nMSG 1 N 1048577\r\n", .notMSNP), frame("PNG\r\n"), frame("OUT\r\n")),
    ]) func payloads(_ sample: Sample) { expectEverySplit(sample) }

    @Test(arguments: [
        Sample(
            "exactly as long as a line may be", .server,
            frame("NLN AWY a@b.c A 123\r\n"), frame("QNG 50\r\n"), frame("QNG 50\r\n")),
        Sample(
            "a byte more", .server,
            frame("QNG 50\r\n"), noise("NLN AWY a@b.c AB 123\r\n", .lineTooLong), frame("QNG 50\r\n"),
            frame("OUT\r\n")),
        Sample(
            "no line end in sight", .server,
            noise("NLN AWY a@b.c " + String(repeating: "A", count: 100), .lineTooLong)),
        Sample("just no line end", .server, noise("NLN AWY a@b.c ABCD 1", .unfinishedLine)),
        Sample(
            "a long payload behind a short line", .server,
            frame("NOT 40\r\n", String(repeating: "x", count: 40)), frame("QNG 50\r\n")),
    ]) func lines(_ sample: Sample) {
        var limits = DecoderLimits()
        limits.line = 21
        expectEverySplit(sample, limits: limits)
    }

    @Test func theProgramsLimits() {
        #expect(DecoderLimits().line == 8_192)
        #expect(DecoderLimits().payload == Self.mebibyte)
    }

    /// A side that never ends its line is held up to the limit.
    @Test func whatIsHeldIsBounded() {
        var decoder = FrameDecoder(side: .server)
        var most = 0
        for _ in 0..<1_000 {
            let chunk = [UInt8](repeating: 0x41, count: 100)
            var position = 0
            while decoder.next(chunk.span, from: &position) != nil {}
            most = max(most, decoder.pending)
        }
        #expect(most <= DecoderLimits().line)
    }

    /// While looking for a command, a length beyond the limit is not waited for.
    @Test func aLieIsNotWaitedFor() {
        var decoder = FrameDecoder(side: .client)
        let bytes = raw("?\r\nMSG 1 N 1048577\r\nPNG\r\nOUT\r\n")
        var position = 0
        var frames = 0
        while let piece = decoder.next(bytes.span, from: &position) {
            if case .frame = piece { frames += 1 }
        }
        #expect(frames == 2)
    }

    /// The dialect may become known between two commands of one read.
    @Test func theDialectCountsFromTheNextCommandOn() {
        var decoder = FrameDecoder(side: .server)
        let bytes = raw("VER 1 MSNP12\r\n241 7 4\r\nQNG 50\r\n")
        var position = 0
        var lengths: [Int] = []
        while case .frame(let frame)? = decoder.next(bytes.span, from: &position) {
            if frame.verb == "VER" { decoder.dialect = Dialect(token: frame.arguments[1]) }
            lengths.append(frame.bytes.count)
        }
        #expect(lengths == [14, 9, 8])
    }

    @Test func seekingShows() {
        var decoder = FrameDecoder(side: .server)
        var position = 0
        _ = decoder.next(raw("QNG 50\r\n").span, from: &position)
        #expect(!decoder.isSeeking)
        position = 0
        _ = decoder.next(raw("nonsense\r\nQNG 50\r\n").span, from: &position)
        #expect(decoder.isSeeking)
        #expect(FrameDecoder(side: .client, startsMidStream: true).isSeeking)
    }
}
