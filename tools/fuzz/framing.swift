// Fuzz target `framing`: random streams with holes through the decoder; traps where a promise is broken.

@testable internal import MSNP

/// One side's stream: stretches of bytes with holes between them.
struct Stream {
    var parts: [(bytes: [UInt8], hole: UInt64)] = []
}

/// What a decoder made of a stream, and how many bytes it may hold back.
struct Reading: Equatable {
    var pieces: [Piece] = []

    /// Reads a stream in chunks whose lengths follow `cuts`, and checks the partition law on the way.
    init(_ stream: Stream, _ decoder: FrameDecoder, cuts: [Int], limits: DecoderLimits) {
        var decoder = decoder
        var turn = 0
        var told: UInt64 = 0
        var given: UInt64 = 0
        var out: [UInt8] = []
        func take(_ piece: Piece, _ pieces: inout [Piece]) {
            let bytes =
                switch piece {
                case .frame(let frame): frame.bytes
                case .noise(let noise): noise.bytes
                }
            precondition(!bytes.isEmpty, "an empty piece")
            if case .noise(let noise) = piece { precondition(noise.offset == told, "noise at the wrong place") }
            told += UInt64(bytes.count)
            out += bytes
            pieces.append(piece)
        }
        for (bytes, hole) in stream.parts {
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + max(1, cuts[turn % cuts.count]))
                turn += 1
                let chunk = Array(bytes[start..<end])
                start = end
                given += UInt64(chunk.count)
                var position = 0
                while let piece = decoder.next(chunk.span, from: &position) { take(piece, &pieces) }
                precondition(position == chunk.count, "bytes left in the input")
                precondition(told + UInt64(decoder.pending) == given, "bytes lost or made")
                precondition(decoder.offset == told, "a wrong offset")
                precondition(decoder.pending <= limits.line + limits.payload + 8_192, "held too much")
                _ = decoder.unfinishedCommand
            }
            if hole > 0 {
                for piece in decoder.lose(hole) { take(piece, &pieces) }
                precondition(decoder.pending == 0, "something is held over a hole")
                told += hole
                given += hole
            }
        }
        while let piece = decoder.finish() { take(piece, &pieces) }
        precondition(decoder.pending == 0 && told == given, "something is left")
        precondition(out == stream.parts.flatMap(\.bytes), "the pieces are not the stream")
        pieces = Reading.joined(pieces)
    }

    /// Noise may come in any number of runs, and only the first run says why: adjacent ones are one.
    private static func joined(_ pieces: [Piece]) -> [Piece] {
        var result: [Piece] = []
        for piece in pieces {
            if case .noise(let new) = piece, case .noise(let old)? = result.last,
                old.offset + UInt64(old.bytes.count) == new.offset
            {
                result[result.count - 1] = .noise(
                    Noise(bytes: old.bytes + new.bytes, reason: old.reason, offset: old.offset))
            } else {
                result.append(piece)
            }
        }
        return result
    }
}

/// Everything that reads a frame must come through, whatever is in it.
func look(at frame: Frame, _ side: Side, _ role: Role, _ dialect: Dialect?) {
    precondition(frame.lineEnd < frame.payloadStart && frame.payloadStart <= frame.bytes.count, "a crooked frame")
    var last = 0
    for range in Secrets.ranges(in: frame, from: side) {
        precondition(range.lowerBound >= last && range.upperBound <= frame.bytes.count, "a secret out of place")
        last = range.upperBound
    }
    for reading in [
        CommandReading(frame, from: side, role: role, dialect: dialect),
        CommandReading(guessing: frame, from: side, role: role, dialect: dialect),
    ] {
        guard let reading else { continue }
        // Behind a blank at the line's end some forms have one value more, an empty one.
        let empty = reading.names(of: frame).count - frame.argumentCount
        precondition(empty == 0 || empty == 1 && frame.argumentsEnd < frame.lineEnd, "arguments were lost")
    }
    _ = frame.transaction(from: side, in: dialect)
    _ = FirstCommand(frame)
    _ = Headers.value(of: "content-type", in: frame.payload)
    guard case .redirect(let redirect) = Redirect.read(frame) else { return }
    let same = redirect.splice(frame, to: redirect.address, current: redirect.address)
    let other = redirect.splice(frame, to: HostPort("10.1.2.3", 4), current: HostPort("10.1.2.3", 5))
    guard let read = Frame(other), case .redirect(let again) = Redirect.read(read), Frame(same) != nil else {
        preconditionFailure("a spliced redirect is none")
    }
    precondition(again.address == HostPort("10.1.2.3", 4), "the address did not arrive")
    precondition(again.destination == redirect.destination, "the destination changed")
    precondition(
        read.arguments.count == frame.arguments.count && read.terminator == frame.terminator,
        "more than a token changed")
}

/// The input: two bytes of circumstances, two of cutting, then the stream; a byte 0x01 followed by N is a hole of N.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 4 else { return 0 }
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let side: Side = input[0] & 1 == 0 ? .client : .server
    let dialect = [nil, Dialect(2), Dialect(8), Dialect(12), Dialect(18)][Int(input[0] >> 1) % 5]
    let role = [Role.unknown, .notification, .switchboard, .dispatch][Int(input[0] >> 4) % 4]
    var limits = DecoderLimits()
    if input[1] & 1 == 1 {
        limits.line = 48
        limits.payload = 200
    }
    var decoder = FrameDecoder(side: side, startsMidStream: input[1] & 2 == 2, limits: limits)
    decoder.dialect = dialect
    decoder.role = role
    var stream = Stream()
    var bytes: [UInt8] = []
    var place = 4
    while place < count {
        if input[place] == 1, place + 1 < count {
            stream.parts.append((bytes, UInt64(input[place + 1])))
            bytes = []
            place += 2
        } else {
            bytes.append(input[place])
            place += 1
        }
    }
    stream.parts.append((bytes, 0))
    let whole = Reading(stream, decoder, cuts: [count], limits: limits)
    let cut = Reading(stream, decoder, cuts: [Int(input[2]), 1 + Int(input[3]) / 8, Int(input[3]) % 8], limits: limits)
    precondition(whole == cut, "the cuts show")
    for case .frame(let frame) in whole.pieces { look(at: frame, side, role, dialect) }
    _ = FirstCommand.read(bytes)
    if let frame = Frame(bytes) { look(at: frame, side, role, dialect) }
    return 0
}
