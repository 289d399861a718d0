// Reads pasted logs from files, and checks whether standard input is text without consuming it.

internal import CGzip
internal import Glibc

/// Reads complete texts.
enum PastedFile {
    /// The bytes of a file.
    ///
    /// - Parameter path: the file; `-` is standard input, read to its end.
    /// - Returns: nil if it cannot be read, is binary, or is larger than `PastedLog.mostBytes`.
    static func bytes(of path: String) -> [UInt8]? {
        let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { return bytes }
            bytes += piece[..<count]
            // Most files that are not captures are not text either.
            if bytes.count > PastedLog.mostBytes || bytes.prefix(4_096).contains(0) { return nil }
        }
    }

    /// Whether a file starts like a text: no control characters in its first 4 KiB except blanks, line ends and colours.
    /// Captures contain zero bytes there, compressed files others. An empty file is no text.
    static func isText(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return false }
        return bytes.prefix(count).allSatisfy { $0 >= 0x20 && $0 != 0x7F || 0x09...0x0D ~= $0 || $0 == 0x1B }
    }

    /// Whether standard input starts like a text. It does not consume any bytes, because standard input may be a
    /// capture. Works for pipes and files. What comes from a terminal is text; libpcap handles everything else.
    static func standardInputIsText() -> Bool {
        if isatty(STDIN_FILENO) == 1 { return true }
        var bytes = [UInt8](repeating: 0, count: 16)
        var count = pread(STDIN_FILENO, &bytes, bytes.count, lseek(STDIN_FILENO, 0, SEEK_CUR))
        if count <= 0 { count = butterflynet_peek(STDIN_FILENO, &bytes, bytes.count) }
        // Captures start with 0A 0D, D4 C3, A1 B2, 4D 3C or the like; compressed ones with 1F 8B.
        guard count > 3 else { return false }
        return bytes.prefix(count).allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
            && !bytes.starts(with: [0x4D, 0x3C, 0xB2, 0xA1]) && !bytes.starts(with: [0x0A, 0x0D, 0x0D, 0x0A])
            && !bytes.starts(with: [0xD4, 0xC3, 0xB2, 0xA1]) && !bytes.starts(with: [0xA1, 0xB2, 0xC3, 0xD4])
            && !bytes.starts(with: [0xA1, 0xB2, 0x3C, 0x4D])
    }
}
