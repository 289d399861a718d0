// What a finished series is recognised by.

internal import Captures
internal import Events
import Glibc
internal import MSNP

enum SeriesDigest {
    /// The number of bytes that are read of each file: enough to tell captures apart, whose first packets have times.
    private static let beginning = 65_536

    /// A digest of the names, sizes and beginnings of a series' files, the program's version, and what is asked for.
    static func of(_ series: CaptureSeries, settings: [String]) -> String {
        var digest = StreamDigest()
        func add(_ text: String) { digest.update(Array("\(text.utf8.count):\(text)".utf8).span) }
        add(ProgramInfo.version)
        for setting in settings { add(setting) }
        for file in series.files {
            add(file)
            guard let (size, bytes) = start(of: file) else { continue }
            add("\(size)")
            digest.update(bytes.span)
        }
        return Hexadecimal.text(digest.value)
    }

    /// The size and the first bytes of a file; nil if it cannot be read, as reading it will tell.
    private static func start(of path: String) -> (size: Int64, bytes: [UInt8])? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        var bytes = [UInt8](repeating: 0, count: beginning)
        // A regular file gives everything at once.
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        return (Int64(status.st_size), Array(bytes.prefix(max(0, count))))
    }
}
