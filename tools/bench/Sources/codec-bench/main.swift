// How fast the frame decoder reads a mixed stream, in MB/s and frames/s on one core.
//
// usage: codec-bench [ROUNDS] [MEBIBYTES]

import MSNP

let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 9
let mebibytes = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 64

/// One run over a stream that arrives in pieces of this many bytes.
func decode(_ stream: [UInt8], from side: Side, inPiecesOf size: Int) -> (frames: Int, payload: Int) {
    var decoder = FrameDecoder(side: side)
    decoder.dialect = Dialect(12)
    var frames = 0
    var payload = 0
    var start = 0
    // Frames are parts of the stream, as in a capture; those that cross pieces own their bytes.
    let all = ByteSlice(stream)
    while start < stream.count {
        let end = min(start + size, stream.count)
        let piece = all[start..<end]
        var position = 0
        while let found = decoder.next(piece, from: &position) {
            guard case .frame(let frame) = found else { fatalError("noise in a sound stream at \(decoder.offset)") }
            frames += 1
            payload += frame.bytes.count - frame.payloadStart
        }
        start = end
    }
    guard decoder.offset == UInt64(stream.count) else { fatalError("bytes left over") }
    return (frames, payload)
}

/// Megabytes (10^6) and frames per second of each round.
func measure(_ title: String, _ stream: [UInt8], from side: Side, inPiecesOf size: Int) {
    let clock = ContinuousClock()
    var speeds: [Double] = []
    var frames = 0
    for _ in 0...rounds {
        var counted = (frames: 0, payload: 0)
        let time = clock.measure { counted = decode(stream, from: side, inPiecesOf: size) }
        frames = counted.frames
        speeds.append(Double(stream.count) / (time / .seconds(1)) / 1e6)
    }
    // The first round warms up.
    let sorted = speeds.dropFirst().sorted()
    let median = sorted[sorted.count / 2]
    let rate = median * 1e6 / Double(stream.count) * Double(frames) / 1e6
    let figures = [median, sorted[0], sorted[sorted.count - 1]].map { pad("\(Int($0 + 0.5))", 7) }.joined()
    print(pad(title, 34, left: true) + pad("\(size)", 7) + figures + pad("\(Double(Int(rate * 100 + 0.5)) / 100)", 10))
}

func pad(_ text: String, _ width: Int, left: Bool = false) -> String {
    let spaces = String(repeating: " ", count: max(width - text.count, 1))
    return left ? text + spaces : spaces + text
}

print(pad("stream", 34, left: true) + "  piece median    min    max  Mframes/s")
for mix in Mix.allCases {
    for side in [Side.server, .client] {
        let stream = mix.stream(from: side, bytes: mebibytes << 20)
        for size in [65_536, 1_460] { measure("\(mix.rawValue), \(side)", stream, from: side, inPiecesOf: size) }
    }
}
