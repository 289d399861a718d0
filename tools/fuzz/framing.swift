// Fuzz target `framing`: passes random streams with gaps to the frame decoder; traps on a violated invariant.

@testable internal import MSNP

/// One side's stream: runs of bytes with gaps between them.
struct Stream {
    var parts: [(bytes: [UInt8], hole: UInt64)] = []
}

/// The pieces that a decoder produces from a stream.
struct Reading: Equatable {
    var pieces: [Piece] = []

    /// Decodes a stream in chunks with the lengths of `cuts`, alternately as borrowed memory and as parts of the stream.
    ///
    /// Checks that the pieces and gaps, in order, add up to the stream, and how many bytes the decoder holds back.
    init(_ stream: Stream, _ decoder: FrameDecoder, cuts: [Int], limits: DecoderLimits) {
        var decoder = decoder
        var chunkCount = 0
        var emitted: UInt64 = 0
        var received: UInt64 = 0
        var out: [UInt8] = []
        func take(_ piece: Piece, _ pieces: inout [Piece]) {
            let bytes =
                switch piece {
                case .frame(let frame): frame.bytes
                case .noise(let noise): noise.bytes
                }
            precondition(!bytes.isEmpty, "an empty piece")
            if case .noise(let noise) = piece { precondition(noise.offset == emitted, "noise at the wrong place") }
            emitted += UInt64(bytes.count)
            out += bytes
            pieces.append(piece)
        }
        for (bytes, hole) in stream.parts {
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + max(1, cuts[chunkCount % cuts.count]))
                chunkCount += 1
                let chunk = ByteSlice(bytes)[start..<end]
                let isBorrowed = chunkCount % 2 == 0
                start = end
                received += UInt64(chunk.count)
                var position = 0
                while let piece = isBorrowed
                    ? decoder.next(chunk, from: &position) : decoder.next(chunk.span, from: &position)
                {
                    take(piece, &pieces)
                }
                precondition(position == chunk.count, "bytes left in the input")
                precondition(emitted + UInt64(decoder.pending) == received, "bytes lost or made")
                precondition(decoder.offset == emitted, "a wrong offset")
                precondition(decoder.pending <= limits.line + limits.payload + 8_192, "held too much")
                _ = decoder.unfinishedCommand
            }
            if hole > 0 {
                for piece in decoder.lose(hole) { take(piece, &pieces) }
                precondition(decoder.pending == 0, "something is held over a hole")
                emitted += hole
                received += hole
            }
        }
        while let piece = decoder.finish() { take(piece, &pieces) }
        precondition(decoder.pending == 0 && emitted == received, "something is left")
        precondition(out == stream.parts.flatMap(\.bytes), "the pieces are not the stream")
        pieces = Reading.joined(pieces)
    }

    /// Joins adjacent noise: the decoder may emit it in any number of runs, of which only the first has a reason.
    private static func joined(_ pieces: [Piece]) -> [Piece] {
        var result: [Piece] = []
        for piece in pieces {
            if case .noise(let new) = piece, case .noise(let old)? = result.last,
                old.offset + UInt64(old.bytes.count) == new.offset
            {
                result[result.count - 1] = .noise(
                    Noise(bytes: Array(old.bytes) + new.bytes, reason: old.reason, offset: old.offset))
            } else {
                result.append(piece)
            }
        }
        return result
    }
}

/// Passes a frame to everything that reads frames, and checks the results.
func inspect(_ frame: Frame, _ side: Side, _ role: Role, _ dialect: Dialect?) {
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
        // With a blank at the line's end, some forms have an additional empty value.
        let empty = reading.names(of: frame).count - frame.argumentCount
        precondition(empty == 0 || empty == 1 && frame.argumentsEnd < frame.lineEnd, "arguments were lost")
    }
    _ = frame.transaction(from: side, in: dialect)
    _ = FirstCommand(frame)
    _ = Command(frame, from: side)
    _ = FileTransferCommand(frame)
    _ = Headers.value(of: "content-type", in: frame.payload)
    guard case .redirect(let redirect) = Command(frame, from: .server) else { return }
    let same = redirect.splice(frame, to: redirect.address, current: redirect.address)
    let other = redirect.splice(frame, to: HostPort("10.1.2.3", 4), current: HostPort("10.1.2.3", 5))
    guard let read = Frame(other), case .redirect(let again) = Command(read, from: .server), Frame(same) != nil else {
        preconditionFailure("a spliced redirect is none")
    }
    precondition(again.address == HostPort("10.1.2.3", 4), "the address did not arrive")
    precondition(again.destination == redirect.destination, "the destination changed")
    precondition(
        read.arguments.count == frame.arguments.count && read.terminator == frame.terminator,
        "more than a token changed")
}

/// The input: two bytes of settings, two of chunk lengths, then the stream. A byte 0x01 followed by N is a gap of N bytes.
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
    for case .frame(let frame) in whole.pieces { inspect(frame, side, role, dialect) }
    _ = FirstCommand.read(bytes)
    if let frame = Frame(bytes) { inspect(frame, side, role, dialect) }
    return 0
}
