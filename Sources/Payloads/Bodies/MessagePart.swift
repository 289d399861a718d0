// What makes a message one of several (p2p.md section 1): the one rule for all who read messages.

package import MSNP

/// Which part of a longer message a message is (MSNP9 and later).
package struct MessagePart: Sendable, Hashable {
    /// How many parts there are; only the first one tells.
    package var count: Int?
    /// Which one this is, counted from 0.
    package var index: Int

    /// How many parts a message can have: ten times what clients send.
    package static let most = 1_000

    /// The part that a message is by its headers.
    ///
    /// - Returns: nil where it stands alone. A number of parts that is none, and a message of one part, make no part of it,
    ///   so that nobody can hide words behind them.
    init?(id: ArraySlice<UInt8>?, chunks: ArraySlice<UInt8>?, chunk: ArraySlice<UInt8>?) {
        guard id != nil else { return nil }
        if let chunks {
            guard let count = Decimal.value(of: chunks), count > 1, count <= Self.most else { return nil }
            (self.count, index) = (Int(count), 0)
        } else {
            guard let index = chunk.flatMap({ Decimal.value(of: $0) }), index > 0, index < Self.most else { return nil }
            (count, self.index) = (nil, Int(index))
        }
    }

    /// The part that a message is.
    ///
    /// - Parameters:
    ///   - bytes: those in which the headers lie.
    ///   - kind: the headers that tell.
    package init?(_ bytes: [UInt8], _ kind: Headers.Kind) {
        guard kind.messageID != nil else { return nil }
        self.init(
            id: kind.messageID.map { bytes[$0] }, chunks: kind.chunks.map { bytes[$0] },
            chunk: kind.chunk.map { bytes[$0] })
    }
}
