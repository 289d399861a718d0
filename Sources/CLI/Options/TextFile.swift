// Reads a small text file that an option names.

import Glibc

enum TextFile {
    /// The limit of such a file in bytes: a longer one is not what the option asks for.
    private static let mostBytes = 1 << 20

    /// The text of a file.
    ///
    /// - Throws: `CommandError` if it cannot be read.
    static func read(_ path: String, option: String) throws -> String {
        guard let file = fopen(path, "re") else { throw failure(path, option) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while bytes.count < mostBytes {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        guard ferror(file) == 0 else { throw failure(path, option) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func failure(_ path: String, _ option: String) -> CommandError {
        .failed("cannot read \(option) \(path): \(String(cString: strerror(errno)))")
    }
}
