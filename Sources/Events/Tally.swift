// Running totals of one direction of a connection: bytes, SHA-256, commands by verb, gaps.

package import MSNP

/// The running totals of one direction.
package struct Tally: Sendable {
    private var bytes: UInt64 = 0
    private let hasDigest: Bool
    /// Nil before the first byte: many connections of a flood never have one.
    private var digest: StreamDigest?
    private var verbs: [Verb: Int] = [:]
    private var lastVerb = Verb.empty
    private var lastVerbCount = 0
    private var noiseBytes: UInt64 = 0
    private var gaps: [Hole] = []
    private var missing: UInt64 = 0
    /// Bytes that the other side acknowledged, but that are in no captured packet and no known gap.
    package var ackedUnseenBytes: UInt64 = 0

    /// A gap: a run of missing bytes.
    package struct Hole: Sendable, Hashable {
        /// The stream offset of the first missing byte, earlier gaps included.
        package var offset: UInt64
        /// The number of missing bytes.
        package var length: UInt64

        package init(offset: UInt64, length: UInt64) {
            self.offset = offset
            self.length = length
        }
    }

    /// The totals at one moment.
    package struct Sums: Sendable, Hashable {
        /// The number of bytes seen.
        package var bytes: UInt64
        /// The SHA-256 of the bytes seen, gaps skipped; empty if no digest was requested.
        package var sha256: [UInt8]
        /// The gaps in stream order, at most `Tally.mostGaps`.
        package var gaps: [Hole]
        /// See `Tally.ackedUnseenBytes`.
        package var ackedUnseenBytes: UInt64
        /// The number of commands for each verb, sorted by verb.
        package var verbs: [(verb: Verb, count: Int)] {
            counts.sorted { $0.key.packed < $1.key.packed }.map { ($0, $1) }
        }
        /// The number of bytes outside commands.
        package var noiseBytes: UInt64

        fileprivate var counts: [Verb: Int]
    }

    /// The maximum number of gaps listed for a direction. It bounds memory for badly damaged captures.
    package static let mostGaps = 10_000

    /// Creates totals of zero.
    ///
    /// - Parameter hasDigest: whether to compute the SHA-256, which costs more than all other totals.
    package init(hasDigest: Bool = true) { self.hasDigest = hasDigest }

    /// The stream offset of the next byte, gaps included.
    package var offset: UInt64 { bytes &+ missing }

    /// Counts received bytes.
    package mutating func count(_ input: Span<UInt8>) {
        bytes &+= UInt64(input.count)
        guard hasDigest else { return }
        if digest == nil { digest = StreamDigest() }
        digest?.update(input)
    }

    /// Counts a gap of this many bytes at the current offset.
    package mutating func countGap(_ length: UInt64) {
        if gaps.count < Self.mostGaps { gaps.append(Hole(offset: offset, length: length)) }
        missing &+= length
    }

    /// Replaces the gaps by the final list, known at the end of the connection.
    mutating func replaceGaps(by list: [Hole]) { gaps = Array(list.prefix(Self.mostGaps)) }

    /// Counts a command.
    package mutating func count(_ frame: Frame) {
        // Runs of the same verb are common; a run costs one dictionary access.
        if frame.verb == lastVerb {
            lastVerbCount += 1
        } else {
            flushLastVerb()
            lastVerb = frame.verb
            lastVerbCount = 1
        }
    }

    /// Counts bytes outside commands.
    package mutating func count(_ noise: Noise) { noiseBytes &+= UInt64(noise.bytes.count) }

    /// The totals so far.
    package var sums: Sums {
        var copy = self
        copy.flushLastVerb()
        return Sums(
            bytes: bytes, sha256: hasDigest ? (digest ?? StreamDigest()).value : [], gaps: gaps,
            ackedUnseenBytes: ackedUnseenBytes,
            noiseBytes: noiseBytes, counts: copy.verbs)
    }

    private mutating func flushLastVerb() {
        guard lastVerbCount > 0 else { return }
        verbs[lastVerb, default: 0] += lastVerbCount
        lastVerbCount = 0
    }
}
