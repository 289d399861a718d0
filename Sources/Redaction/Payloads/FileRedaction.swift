// Redacts the blocks of a file transfer between two clients: headers stay, content is filled (p2p.md section 5).

internal import MSNP

/// Redacts the bytes of a file transfer that are not commands.
struct FileRedaction: Sendable {
    private var blocks = FileBlocks()

    /// Returns the bytes with the file's content filled.
    mutating func fill(_ bytes: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0x2E, count: bytes.count)
        var position = 0
        var start = 0
        while let piece = blocks.next(bytes.span, from: &position) {
            if piece == .header || piece == .end { result[start] = bytes[start] }
            start = position
        }
        return result
    }

    /// Skips missing bytes.
    ///
    /// - Returns: false if the block boundaries are unknown from here on.
    mutating func skip(_ count: UInt64) -> Bool {
        blocks.lose(count)
        return blocks.offset != nil
    }
}
