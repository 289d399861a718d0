// A stream whose right reading is known, and the ways in which it can arrive: every test of framing goes through here.

import MSNP
import Testing

/// Text as bytes, one for each character up to U+00FF: `\u{E9}` is the byte E9, which is no UTF-8.
func raw(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }

/// A stretch of a stream with what it has to be read as.
enum Part: Equatable {
    case frame(line: [UInt8], payload: [UInt8])
    case noise([UInt8], Noise.Reason)
    case hole(UInt64)

    var bytes: [UInt8] {
        switch self {
        case .frame(let line, let payload): line + payload
        case .noise(let bytes, _): bytes
        case .hole: []
        }
    }
}

/// A frame: its line with the line end, and its payload.
func frame(_ line: String, _ payload: String = "") -> Part { .frame(line: raw(line), payload: raw(payload)) }

/// Bytes that are no frame, with the reason given for the first of them.
func noise(_ text: String, _ reason: Noise.Reason) -> Part { .noise(raw(text), reason) }

/// One direction of a connection. The stream is the sum of its parts, so every sample also tests the partition law.
struct Sample: CustomTestStringConvertible {
    var name: String
    var side: Side
    var dialect: Dialect?
    var role = Role.unknown
    var startsMidStream = false
    var parts: [Part]

    init(
        _ name: String, _ side: Side, in dialect: UInt8? = nil, role: Role = .unknown, midStream: Bool = false,
        _ parts: Part...
    ) {
        self.name = name
        self.side = side
        self.dialect = dialect.map(Dialect.init)
        self.role = role
        startsMidStream = midStream
        self.parts = parts
    }

    var testDescription: String { name }

    var length: Int { parts.reduce(0) { $0 + $1.bytes.count } }

    /// The bytes between the holes.
    fileprivate var segments: [(bytes: [UInt8], hole: UInt64?)] {
        var segments: [(bytes: [UInt8], hole: UInt64?)] = []
        var bytes: [UInt8] = []
        for part in parts {
            if case .hole(let count) = part {
                segments.append((bytes, count))
                bytes = []
            } else {
                bytes += part.bytes
            }
        }
        return segments + [(bytes, nil)]
    }
}

/// How a stream arrives.
enum Cut: Equatable {
    case whole
    case at(Int)
    case drip(Int)
    case lengths([Int])
    /// In one piece, as a window of a bigger buffer with other bytes around it.
    case window

    func chunks(of bytes: [UInt8], from base: Int) -> [ArraySlice<UInt8>] {
        switch self {
        case .whole, .window: return [bytes[...]]
        case .at(let place):
            let index = min(max(place - base, 0), bytes.count)
            return [bytes[..<index], bytes[index...]]
        case .drip(let size): return Self.lengths([size]).chunks(of: bytes, from: base)
        case .lengths(let lengths):
            var chunks: [ArraySlice<UInt8>] = []
            var rest = bytes[...]
            var turn = 0
            while !rest.isEmpty {
                let length = max(lengths[turn % lengths.count], 1)
                chunks.append(rest.prefix(length))
                rest = rest.dropFirst(length)
                turn += 1
            }
            return chunks
        }
    }
}

/// What a decoder made of a stream, noise in a row put together, and the first law that it broke.
struct Outcome: Equatable {
    var parts: [Part] = []
    var offset: UInt64 = 0
    var fault: String?

    mutating func take(_ piece: Piece, decoderAt place: UInt64) {
        switch piece {
        case .frame(let frame):
            parts.append(.frame(line: Array(frame.bytes[..<frame.payloadStart]), payload: Array(frame.payload)))
            offset += UInt64(frame.bytes.count)
        case .noise(let noise):
            if noise.offset != offset { fault = fault ?? "noise says offset \(noise.offset), stands at \(offset)" }
            if noise.bytes.isEmpty { fault = fault ?? "empty noise at \(offset)" }
            if case .noise(let bytes, let reason) = parts.last {
                parts[parts.count - 1] = .noise(bytes + noise.bytes, reason)
            } else {
                parts.append(.noise(Array(noise.bytes), noise.reason))
            }
            offset += UInt64(noise.bytes.count)
        }
        if place != offset { fault = fault ?? "decoder says \(place) behind \(offset) bytes" }
    }
}

/// Reads a sample that arrives in this way.
func read(_ sample: Sample, _ cut: Cut, limits: DecoderLimits = DecoderLimits()) -> Outcome {
    var decoder = FrameDecoder(side: sample.side, startsMidStream: sample.startsMidStream, limits: limits)
    decoder.dialect = sample.dialect
    decoder.role = sample.role
    // Reads the same as a part of shared bytes.
    var borrower = decoder
    var outcome = Outcome()
    var base = 0
    for segment in sample.segments {
        for chunk in cut.chunks(of: segment.bytes, from: base) {
            let around = cut == .window ? raw("OUT\r\nMSG 1 N 5\r\n") : []
            let buffer = around + chunk + around
            var position = around.count
            let window = buffer.span.extracting(..<(position + chunk.count))
            let slice = ByteSlice(buffer)[around.count..<window.count]
            var taken = 0
            while let piece = decoder.next(window, from: &position) {
                outcome.take(piece, decoderAt: decoder.offset)
                if borrower.next(slice, from: &taken) != piece { outcome.fault = "other bytes when borrowed" }
            }
            if borrower.next(slice, from: &taken) != nil || taken != chunk.count {
                outcome.fault = "other pieces when borrowed"
            }
            if position != window.count { outcome.fault = "left \(window.count - position) bytes of the input behind" }
        }
        base += segment.bytes.count
        guard let hole = segment.hole else { continue }
        let pieces = decoder.lose(hole)
        if borrower.lose(hole) != pieces { outcome.fault = "other pieces before a gap when borrowed" }
        var place = decoder.offset - hole - pieces.reduce(0) { $0 + UInt64(length(of: $1)) }
        for piece in pieces {
            // The pieces stand before the hole, the decoder already behind it.
            place += UInt64(length(of: piece))
            outcome.take(piece, decoderAt: place)
        }
        outcome.parts.append(.hole(hole))
        outcome.offset += hole
    }
    while let piece = decoder.finish() {
        outcome.take(piece, decoderAt: decoder.offset)
        if borrower.finish() != piece { outcome.fault = "other bytes at the end when borrowed" }
    }
    if decoder.pending != 0 { outcome.fault = "\(decoder.pending) bytes pending at the end" }
    return outcome
}

private func length(of piece: Piece) -> Int {
    switch piece {
    case .frame(let frame): frame.bytes.count
    case .noise(let noise): noise.bytes.count
    }
}

/// Feeds a sample in every way there is and demands the same pieces each time: whole, as a window of a bigger buffer,
/// cut at every byte, in drips, and glued to commands before and behind.
func expectEverySplit(
    _ sample: Sample, limits: DecoderLimits = DecoderLimits(), sourceLocation: SourceLocation = #_sourceLocation
) {
    var wrong: [String] = []
    func check(_ sample: Sample, _ cut: Cut) {
        let outcome = read(sample, cut, limits: limits)
        guard wrong.count < 3, outcome.parts != sample.parts || outcome.fault != nil else { return }
        wrong.append("\(sample.name), \(cut): \(outcome.fault ?? "") \(outcome.parts.map(\.description))")
    }
    let drips = (sample.length < 10_000 ? [1, 2, 3, 7] : [1_000, 4_096, 65_536]).map(Cut.drip)
    for cut in [.whole, .window] + drips + cutPlaces(of: sample).map(Cut.at) { check(sample, cut) }
    for cut in [.whole] + drips { check(glued(sample), cut) }
    #expect(wrong.isEmpty, sourceLocation: sourceLocation)
}

/// Every place in a short stream; in a long one those near the ends of its parts.
private func cutPlaces(of sample: Sample) -> [Int] {
    let length = sample.length
    guard length > 600 else { return Array(0...length) }
    var places: Set<Int> = []
    var end = 0
    for part in sample.parts {
        let line: Int = if case .frame(let line, _) = part { line.count } else { 0 }
        for place in [end, end + line, end + part.bytes.count] { places.formUnion(place - 3...place + 3) }
        end += part.bytes.count
    }
    return places.filter { $0 >= 0 && $0 <= length }.sorted()
}

/// The sample with commands in front and, where it ends in step with the stream, behind.
private func glued(_ sample: Sample) -> Sample {
    let neighbour = sample.side == .client ? frame("PNG\r\n") : frame("QNG 50\r\n")
    var glued = sample
    glued.name += ", glued"
    if !sample.startsMidStream { glued.parts.insert(neighbour, at: 0) }
    if case .frame? = sample.parts.last { glued.parts.append(neighbour) }
    return glued
}

extension Part: CustomStringConvertible {
    var description: String {
        switch self {
        case .frame(let line, let payload): "frame \(Self.text(line)) + \(Self.text(payload))"
        case .noise(let bytes, let reason): "noise \(reason.rawValue) \(Self.text(bytes))"
        case .hole(let count): "hole of \(count)"
        }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        let text = String(String.UnicodeScalarView(bytes.prefix(60).map(Unicode.Scalar.init))).debugDescription
        return bytes.count > 60 ? "\(text)… (\(bytes.count))" : text
    }
}
