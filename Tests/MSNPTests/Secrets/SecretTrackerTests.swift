// No eight bytes of a secret are left, wherever a stream is cut and whichever part of it is missing.

import MSNP
import Testing

@Suite struct SecretTrackerTests {
    /// What is left to see of a side's bytes, piece by piece, as asterisks where a secret was found.
    ///
    /// - Parameters:
    ///   - segments: the bytes as they come; nil where a segment of so many bytes is missing.
    private func seen(
        _ segments: [(bytes: ArraySlice<UInt8>, isMissing: Bool)], _ side: Side, midStream: Bool = false
    ) -> [[UInt8]] {
        var decoder = FrameDecoder(side: side, startsMidStream: midStream)
        var tracker = SecretTracker(side: side)
        var result: [[UInt8]] = []
        func take(_ piece: Piece) {
            var bytes: [UInt8]
            let secrets: [Range<Int>]
            switch piece {
            case .frame(let frame): (bytes, secrets) = (Array(frame.bytes), tracker.ranges(in: frame))
            case .noise(let noise):
                (bytes, secrets) = (Array(noise.bytes), tracker.ranges(in: noise, role: .unknown))
            }
            for secret in secrets { for index in secret { bytes[index] = 0x2A } }
            result.append(bytes)
        }
        for segment in segments {
            if segment.isMissing {
                for piece in decoder.lose(UInt64(segment.bytes.count)) { take(piece) }
                tracker.lose()
                continue
            }
            let bytes = Array(segment.bytes)
            var position = 0
            while let piece = decoder.next(bytes.span, from: &position) { take(piece) }
            if decoder.settle() {
                position = bytes.count
                while let piece = decoder.next(bytes.span, from: &position) { take(piece) }
            }
        }
        while let piece = decoder.finish() { take(piece) }
        return result
    }

    private func leak(_ pieces: [[UInt8]], of windows: Set<[UInt8]>) -> String? {
        // A secret that lies in two pieces is shown in two pieces.
        for bytes in pieces + [pieces.flatMap(\.self)] {
            for start in bytes.indices.dropLast(7) where windows.contains(Array(bytes[start..<start + 8])) {
                return String(decoding: bytes, as: UTF8.self)
            }
        }
        return nil
    }

    @Test(arguments: SecretSample.all) func cutsShowNothing(_ sample: SecretSample) {
        let windows = sample.windows
        let bytes = sample.bytes
        #expect(!windows.isEmpty)
        for place in 0...bytes.count {
            let shown = seen([(bytes[..<place], false), (bytes[place...], false)], sample.side)
            if let leak = leak(shown, of: windows) { Issue.record("cut at \(place): \(leak)") }
        }
        for size in [1, 7, 37, 200] {
            let parts = stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
            let shown = seen(parts.map { ($0, false) }, sample.side)
            if let leak = leak(shown, of: windows) { Issue.record("pieces of \(size): \(leak)") }
            #expect(shown.reduce(0) { $0 + $1.count } == bytes.count)
        }
    }

    @Test(arguments: SecretSample.all) func lostSegmentsShowNothing(_ sample: SecretSample) {
        let windows = sample.windows
        let bytes = sample.bytes
        for size in [1, 3, 16, 100, 536] {
            for start in 0..<bytes.count {
                let end = min(start + size, bytes.count)
                let shown = seen(
                    [(bytes[..<start], false), (bytes[start..<end], true), (bytes[end...], false)], sample.side)
                if let leak = leak(shown, of: windows) { Issue.record("lost \(start)..<\(end): \(leak)") }
            }
        }
    }

    /// Segments of the size that real ones have, each of them missing once, the others in their own pieces.
    @Test(arguments: SecretSample.all, [23, 61]) func aLostSegmentAmongOthersShowsNothing(
        _ sample: SecretSample, _ size: Int
    ) {
        let windows = sample.windows
        let bytes = sample.bytes
        for first in 1...size {
            let starts = [0] + Array(stride(from: first, to: bytes.count, by: size))
            let parts = zip(starts, starts.dropFirst() + [bytes.count]).map { bytes[$0..<$1] }
            for missing in parts.indices {
                let segments = parts.enumerated().map { ($1, isMissing: $0 == missing) }
                if let leak = leak(seen(segments, sample.side), of: windows) {
                    Issue.record("lost \(parts[missing].indices): \(leak)")
                }
            }
        }
    }

    @Test(arguments: SecretSample.all) func capturesThatBeginAnywhereShowNothing(_ sample: SecretSample) {
        let windows = sample.windows
        let bytes = sample.bytes
        for start in 1..<bytes.count {
            for size in [37, bytes.count] {
                let parts = stride(from: start, to: bytes.count, by: size).map {
                    bytes[$0..<min($0 + size, bytes.count)]
                }
                let shown = seen(parts.map { ($0, false) }, sample.side, midStream: true)
                if let leak = leak(shown, of: windows) { Issue.record("begins at \(start), \(size): \(leak)") }
            }
        }
    }

    /// Unsynchronised bytes in pieces of every size.
    @Test(arguments: SecretSample.all) func noiseShowsNothing(_ sample: SecretSample) {
        let windows = sample.windows
        for size in 1...80 {
            var tracker = SecretTracker(side: sample.side)
            var shown: [[UInt8]] = []
            for start in stride(from: 0, to: sample.bytes.count, by: size) {
                var bytes = Array(sample.bytes[start..<min(start + size, sample.bytes.count)])
                let noise = Noise(bytes: bytes, reason: .unsynchronised, offset: UInt64(start))
                for secret in tracker.ranges(in: noise, role: .unknown) { for index in secret { bytes[index] = 0x2A } }
                shown.append(bytes)
            }
            if let leak = leak(shown, of: windows) { Issue.record("pieces of \(size): \(leak)") }
        }
    }

    /// What is no secret stays to be seen: masks that hide everything would be easy.
    @Test func theRestStays() {
        for sample in SecretSample.all {
            let shown = seen([(sample.bytes[...], false)], sample.side).flatMap(\.self)
            let hidden = zip(sample.bytes, shown).count { $0 != $1 }
            let secret = sample.secrets.reduce(0) { $0 + $1.count }
            #expect(hidden <= secret, "\(sample.name): \(String(decoding: shown, as: UTF8.self))")
        }
        // The rest of a chat message whose beginning identifies it.
        let text = "Content-Type: text/plain\r\n\r\nthe beginning is here and the end is here too"
        let message = Array("MSG 5 N \(text.utf8.count)\r\n\(text)OUT\r\n".utf8)
        let shown = seen([(message[..<60], false), (message[60..<64], true), (message[64...], false)], .client)
        #expect(shown.contains { $0.elementsEqual(message[64..<(message.count - 5)]) })
    }

    /// A packet is read as such; other bytes are searched, and ranges that overlap are joined in order.
    @Test func noncesOfDirectLinks() {
        func ranges(_ bytes: [UInt8]) -> [Range<Int>] {
            Secrets.ranges(in: Noise(bytes: bytes, reason: .peerData, offset: 0), from: .client, role: .peerToPeer)
        }
        let nonce = [UInt8](repeating: 7, count: 16)
        let handshake: [UInt8] = [48, 0, 0, 0] + [UInt8](repeating: 0, count: 29) + [1, 0, 0] + nonce
        #expect(handshake.count == 52)
        #expect(ranges([16, 0, 0, 0] + nonce) == [4..<20] && ranges(handshake) == [36..<52])
        // Other packets have no nonce, whatever they contain.
        #expect(ranges([20, 0, 0, 0] + [16, 0, 0, 0] + nonce) == [])
        #expect(ranges([48, 0, 0, 0] + [UInt8](repeating: 0, count: 48)) == [])
        #expect(ranges([16, 0, 0, 0] + nonce + handshake) == [4..<20, 56..<72])
        let inside: [UInt8] = [48, 0, 0, 0, 16, 0, 0, 0] + [UInt8](repeating: 0, count: 25) + [1, 0, 0] + nonce + [9]
        #expect(ranges(inside) == [8..<24, 36..<52])
    }

    /// A direct link's handshake that lost a part.
    @Test func lostPartsOfANonceAreHidden() {
        let nonce = Array("0123456789abcdef".utf8)
        for lost in 1..<20 {
            var stream = LinkStream()
            var tracker = SecretTracker(side: .client)
            let packet = [16, 0, 0, 0] + nonce
            var shown: [UInt8] = []
            func take(_ noise: Noise) {
                var bytes = Array(noise.bytes)
                for secret in tracker.ranges(in: noise, role: .peerToPeer) {
                    for index in secret { bytes[index] = 0x2A }
                }
                shown += bytes
            }
            var position = 0
            while let noise = stream.next(Array(packet[..<lost]).span, from: &position) { take(noise) }
            for noise in stream.lose(1) { take(noise) }
            tracker.lose()
            position = 0
            let rest = Array(packet[(lost + 1)...]) + [4, 0, 0, 0, 1, 2, 3, 4]
            while let noise = stream.next(rest.span, from: &position) { take(noise) }
            for noise in stream.finish() { take(noise) }
            for start in nonce.indices.dropLast(3) {
                let part = nonce[start..<start + 4]
                let isShown = shown.indices.dropLast(3).contains { shown[$0..<$0 + 4].elementsEqual(part) }
                #expect(!isShown, "\(lost)")
            }
        }
    }
}
