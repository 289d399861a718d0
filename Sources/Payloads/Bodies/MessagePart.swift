// Decides from its headers whether a message is one part of a longer message (p2p.md section 1).

package import MSNP

/// The position of a message within a longer, split message (MSNP9 and later).
package struct MessagePart: Sendable, Hashable {
    /// The number of parts; nil except in the first part.
    package var count: Int?
    /// The index of this part, counted from 0.
    package var index: Int

    /// The maximum number of parts of one message: ten times what clients send.
    package static let most = 1_000

    /// Creates the part that the values of `Message-ID`, `Chunks` and `Chunk` describe.
    ///
    /// - Returns: nil if the message is not split. An invalid number of parts, or a single part, also gives nil:
    ///   otherwise such headers could hide a message's text from readers.
    init?(id: ByteSlice?, chunks: ByteSlice?, chunk: ByteSlice?) {
        guard id != nil else { return nil }
        if let chunks {
            guard let count = Decimal.value(of: chunks), count > 1, count <= Self.most else { return nil }
            (self.count, index) = (Int(count), 0)
        } else {
            guard let index = chunk.flatMap({ Decimal.value(of: $0) }), index > 0, index < Self.most else { return nil }
            (count, self.index) = (nil, Int(index))
        }
    }

    /// Creates the part that a message's headers describe.
    ///
    /// - Parameters:
    ///   - bytes: the frame that `kind` refers to.
    ///   - kind: the ranges of the headers in `bytes`.
    package init?(_ bytes: ByteSlice, _ kind: Headers.Kind) {
        guard kind.messageID != nil else { return nil }
        self.init(
            id: kind.messageID.map { bytes[$0] }, chunks: kind.chunks.map { bytes[$0] },
            chunk: kind.chunk.map { bytes[$0] })
    }
}
