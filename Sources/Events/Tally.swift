// Counts one direction of a connection: bytes, digest, verbs, holes.

internal import Crypto
package import MSNP

/// The running sums of one direction.
package struct Tally: Sendable {
    private var bytes: UInt64 = 0
    private var digest: SHA256?
    private var verbs: [Verb: Int] = [:]
    private var lastVerb = Verb.empty
    private var lastVerbCount = 0
    private var noiseBytes: UInt64 = 0
    private var gaps: [Hole] = []
    private var gapsLeftOut = 0
    private var missing: UInt64 = 0
    /// Bytes that the other side acknowledged, but that no packet holds and no hole explains.
    package var ackedUnseenBytes: UInt64 = 0

    /// A run of missing bytes.
    package struct Hole: Sendable, Hashable {
        /// Bytes before it, earlier holes counted in.
        package var offset: UInt64
        /// How many bytes are missing.
        package var length: UInt64

        /// A hole.
        package init(offset: UInt64, length: UInt64) {
            self.offset = offset
            self.length = length
        }
    }

    /// The sums at one moment.
    package struct Sums: Sendable, Hashable {
        /// Bytes seen.
        package var bytes: UInt64
        /// SHA-256 of the bytes seen, holes closed up; empty where it was not asked for.
        package var sha256: [UInt8]
        /// The holes between them, the first `Tally.mostGaps`.
        package var gaps: [Hole]
        /// See `Tally.ackedUnseenBytes`.
        package var ackedUnseenBytes: UInt64
        /// How often each command was said, sorted by name.
        package var verbs: [(verb: Verb, count: Int)] {
            counts.sorted { $0.key.packed < $1.key.packed }.map { ($0, $1) }
        }
        /// Bytes that belong to no command.
        package var noiseBytes: UInt64

        fileprivate var counts: [Verb: Int]
    }

    /// How many holes of a direction are listed; a capture with more is a ruin, and the list would grow without end.
    package static let mostGaps = 10_000

    /// Nothing counted yet.
    ///
    /// - Parameter hasDigest: whether the digest is wanted, which costs more than all else.
    package init(hasDigest: Bool = true) { digest = hasDigest ? SHA256() : nil }

    /// How far the direction has come, holes counted in.
    package var offset: UInt64 { bytes &+ missing }

    /// Counts bytes as they were seen.
    package mutating func count(_ input: Span<UInt8>) {
        bytes &+= UInt64(input.count)
        // The digest reads the borrowed bytes within this call.
        unsafe input.withUnsafeBytes { unsafe digest?.update(bufferPointer: $0) }
    }

    /// Counts a hole.
    package mutating func countGap(_ length: UInt64) {
        if gaps.count < Self.mostGaps {
            gaps.append(Hole(offset: offset, length: length))
        } else {
            gapsLeftOut += 1
        }
        missing &+= length
    }

    /// Replaces the holes by those known at the end.
    mutating func settle(_ holes: [Hole]) { gaps = Array(holes.prefix(Self.mostGaps)) }

    /// Counts a command.
    package mutating func count(_ frame: Frame) {
        // Runs of the same command are common; a run costs one look into the dictionary.
        if frame.verb == lastVerb {
            lastVerbCount += 1
        } else {
            settle()
            lastVerb = frame.verb
            lastVerbCount = 1
        }
    }

    /// Counts bytes that belong to no command.
    package mutating func count(_ noise: Noise) { noiseBytes &+= UInt64(noise.bytes.count) }

    /// The sums so far.
    package var sums: Sums {
        var copy = self
        copy.settle()
        return Sums(
            bytes: bytes, sha256: digest.map { Array($0.finalize()) } ?? [], gaps: gaps,
            ackedUnseenBytes: ackedUnseenBytes,
            noiseBytes: noiseBytes, counts: copy.verbs)
    }

    private mutating func settle() {
        guard lastVerbCount > 0 else { return }
        verbs[lastVerb, default: 0] += lastVerbCount
        lastVerbCount = 0
    }
}
