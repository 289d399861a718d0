// The file of --resume: which series are finished, and where in the output they end.

internal import Captures
internal import Events
import Glibc

/// Notes finished series. Each line is written whole and synchronized, after the results that it stands for.
///
/// What an interrupted run printed of an unfinished series is cut off the output file when the next run begins, so that the
/// output has each event once.
final class SeriesJournal {
    private static let heading = "butterflynet series 1\n"

    private let path: String
    private let descriptor: Int32
    /// The last record of each series by digest.
    private var finished: [String: SeriesRecord] = [:]
    /// The names of finished series.
    private var names: Set<String> = []
    private(set) var last: SeriesRecord?

    /// The numbers given so far.
    var numbers: CaptureNumbers { last?.numbers ?? CaptureNumbers() }

    /// Opens the file, or makes it.
    ///
    /// - Throws: `CommandError` if it cannot be written, another program uses it, or it is another file.
    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Self.failure("cannot write \(path)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw CommandError.failed("\(path) is in use by another program")
        }
        let bytes = try Self.contents(of: descriptor, path)
        // A line that a killed program did not finish is none.
        let whole = (bytes.lastIndex(of: 0x0A) ?? -1) + 1
        let text = String(decoding: bytes[..<whole], as: UTF8.self)
        if whole > 0, !text.hasPrefix(Self.heading) {
            throw CommandError.failed("\(path) is not a file of --resume; it stays as it is")
        }
        if whole == 0, !Self.heading.utf8.starts(with: bytes) {
            throw CommandError.failed("\(path) is not a file of --resume; it stays as it is")
        }
        if whole < bytes.count, ftruncate(descriptor, off_t(whole)) != 0 { throw Self.failure("cannot write \(path)") }
        if whole == 0 { try append(Self.heading) }
        for line in text.dropFirst(Self.heading.count).split(separator: "\n") {
            guard let record = SeriesRecord(line: line) else { continue }
            note(record)
        }
    }

    deinit { close(descriptor) }

    /// What is noted of a finished series; nil if it is not finished.
    func record(of digest: String) -> SeriesRecord? { finished[digest] }

    /// Whether a series of this name was read, with other files or options.
    func hasOther(_ name: String) -> Bool { names.contains(SeriesRecord.plain(name)) }

    /// Adds a record.
    ///
    /// - Throws: `CommandError` if it cannot be written.
    func add(_ record: SeriesRecord) throws {
        try append(record.line)
        note(record)
    }

    private func note(_ record: SeriesRecord) {
        last = record
        guard record.state == .read || record.state == .damaged else { return }
        finished[record.digest] = record
        names.insert(record.name)
    }

    private func append(_ text: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("cannot write \(path)") }
            rest = rest.dropFirst(count)
        }
        guard fdatasync(descriptor) == 0 else { throw Self.failure("cannot write \(path)") }
    }

    private static func contents(of descriptor: Int32, _ path: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("cannot read \(path)") }
            guard count > 0 else { return bytes }
            bytes += buffer.prefix(count)
        }
    }

    private static func failure(_ text: String) -> CommandError {
        .failed("\(text): \(String(cString: strerror(errno)))")
    }
}
