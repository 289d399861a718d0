// A file on its way between two clients: the blocks' headers stay, what is in them is filled (p2p.md section 5).

/// Goes over the bytes of a file transfer that are no commands.
struct FileRedaction: Sendable {
    private var header: [UInt8] = []
    private var left = 0

    /// Fills what belongs to the file.
    mutating func fill(_ bytes: [UInt8]) -> [UInt8] {
        bytes.map { byte in
            if left > 0 {
                left -= 1
                return 0x2E
            }
            header.append(byte)
            guard header.count == 3 else { return byte }
            left = header[0] == 0 ? Int(header[1]) | Int(header[2]) &<< 8 : 0
            header = []
            return byte
        }
    }

    /// Passes over bytes that are missing.
    ///
    /// - Returns: false where nobody knows any more where blocks begin.
    mutating func lose(_ count: UInt64) -> Bool {
        guard header.isEmpty, count <= UInt64(left) else { return false }
        left -= Int(count)
        return true
    }
}
