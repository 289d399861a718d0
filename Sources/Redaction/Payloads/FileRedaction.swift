// A file on its way between two clients: the blocks' headers stay, their content is filled (p2p.md section 5).

internal import MSNP

/// Goes over the bytes of a file transfer that are no commands.
struct FileRedaction: Sendable {
    private var blocks = FileBlocks()

    /// Fills what belongs to the file.
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

    /// Passes over bytes that are missing.
    ///
    /// - Returns: false where the beginnings of blocks are unknown from here on.
    mutating func lose(_ count: UInt64) -> Bool {
        blocks.lose(count)
        return blocks.offset != nil
    }
}
