// Random streams: commands, junk, torn ends and holes, cut at random.

import MSNP
import TestSupport
import Testing

@Suite struct RandomTests {
    /// Any bytes: the same pieces however they are cut, and together exactly the stream.
    @Test(arguments: 0..<300) func anyStreamReadsTheSameHoweverItIsCut(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let side = Side.allCases[Int(seed % 2)]
        var sample = Sample("seed \(seed)", side, midStream: seed % 5 == 0)
        sample.dialect = [nil, Dialect(8), Dialect(12), Dialect(15)].randomElement(using: &generator) ?? nil
        if seed % 7 == 0 { sample.role = .switchboard }
        for _ in 0..<Int.random(in: 1...12, using: &generator) {
            sample.parts.append(.noise(stretch(from: side, using: &generator), .notMSNP))
            if Int.random(in: 0..<12, using: &generator) == 0 {
                sample.parts.append(.hole(UInt64.random(in: 0...60, using: &generator)))
            }
        }
        let whole = read(sample, .whole)
        #expect(whole.fault == nil, "seed \(seed)")
        #expect(whole.parts.flatMap(\.bytes) == sample.parts.flatMap(\.bytes), "partition law, seed \(seed)")
        for turn in 0..<12 {
            let longest = [2, 20, 300][turn % 3]
            let lengths = (0..<9).map { _ in Int.random(in: 1...longest, using: &generator) }
            expectSame(read(sample, .lengths(lengths)), whole, "seed \(seed), cut into \(lengths)")
        }
        expectSame(read(sample, .drip(1)), whole, "seed \(seed), byte by byte")
    }

    /// Sound streams: every frame comes out as it went in.
    @Test(arguments: 0..<150) func soundStreamsGiveTheirFrames(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed &+ 1_000_000)
        let side = Side.allCases[Int(seed % 2)]
        var sample = Sample("seed \(seed)", side, in: 15)
        for _ in 0..<20 { sample.parts.append(command(from: side, using: &generator)) }
        for _ in 0..<8 {
            let lengths = (0..<9).map { _ in Int.random(in: 1...90, using: &generator) }
            #expect(read(sample, .lengths(lengths)).parts == sample.parts, "seed \(seed), cut into \(lengths)")
        }
    }

    /// Bytes of no meaning at all must be read, bounded and without a trap, by everything that reads lines.
    @Test(arguments: 0..<100) func noBytesAreTooStrange(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed &+ 2_000_000)
        for _ in 0..<60 {
            let line = stretch(from: .server, using: &generator)
            _ = FirstCommand.read(line)
            _ = HostPort(String(decoding: line, as: UTF8.self))
            guard let frame = Frame(line) else { continue }
            for side in Side.allCases {
                let ranges = Secrets.ranges(in: frame, from: side)
                let sound = ranges.allSatisfy { $0.upperBound <= frame.bytes.count && !$0.isEmpty }
                #expect(sound, "seed \(seed)")
                _ = CommandReading(frame, from: side, role: .notification, dialect: nil)
                _ = frame.transaction(from: side, in: nil)
            }
            if case .redirect(let redirect) = Command(frame, from: .server) {
                let spliced = redirect.splice(frame, to: redirect.address, current: redirect.address)
                #expect(Frame(spliced) != nil, "seed \(seed)")
            }
        }
    }

    private func expectSame(_ outcome: Outcome, _ whole: Outcome, _ comment: String) {
        guard outcome != whole else { return }
        let place = zip(outcome.parts, whole.parts).first { $0 != $1 }
        Issue.record(
            "\(comment): \(outcome.fault ?? ""), \(place as Any), \(outcome.parts.count) of \(whole.parts.count)")
    }

    /// A command, a torn command, junk, or text.
    private func stretch(from side: Side, using generator: inout SeededGenerator) -> [UInt8] {
        let command = command(from: side, using: &generator).bytes
        switch Int.random(in: 0..<12, using: &generator) {
        case 0..<7: return command
        case 7: return Array(command.prefix(Int.random(in: 0...command.count, using: &generator)))
        case 8: return Array(command.dropFirst(Int.random(in: 0...command.count, using: &generator)))
        case 9:
            return (0..<Int.random(in: 1...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
        case 10:
            let alphabet = raw("AMSG 019\r\n\n@:")
            return (0..<Int.random(in: 1...60, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
        default:
            guard !command.isEmpty else { return [] }
            var bent = command
            bent[Int.random(in: 0..<bent.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            return bent
        }
    }

    private func command(from side: Side, using generator: inout SeededGenerator) -> Part {
        let alphabet = raw("ab\r\nMSG 1 N 5\r\nQNG 50\r\nPNG\r\n\u{0}\u{FF}")
        let payload = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
            alphabet.randomElement(using: &generator) ?? 0
        }
        let number = Int.random(in: 0...4_000, using: &generator)
        let end = ["\r\n", "\r\n", "\r\n", "\n"].randomElement(using: &generator) ?? "\n"
        let bare: [String]
        let carrying: [String]
        if side == .client {
            bare = [
                "PNG", "OUT", "CHG \(number) NLN 0", "XFR \(number) SB", "ANS 1 a@b.c 8.5 \(number)",
                "GCF 9 Shields.xml", "ZZZ 5",
            ]
            carrying = [
                "MSG \(number) N", "QRY \(number) PROD0038W!61ZTF9", "UUX \(number)", "UUM 1 a@b.c 32 1",
                "SDG \(number)",
            ]
        } else {
            bare = [
                "QNG \(number)", "NLN AWY a@b.c A \(number)", "CHL 0 99999999999999999999", "UUX 9", "",
                "217 \(number)", "ADL 7 OK",
            ]
            carrying = [
                "MSG a@b.c A\u{C3}\u{28}", "UBX a@b.c", "UBX a@b.c 1", "NOT", "801 \(number)", "PUT 5 OK", "GCF 0",
            ]
        }
        if Bool.random(using: &generator) { return frame((bare.randomElement(using: &generator) ?? "") + end) }
        let line = (carrying.randomElement(using: &generator) ?? "") + " \(payload.count)" + end
        return .frame(line: raw(line), payload: payload)
    }
}
