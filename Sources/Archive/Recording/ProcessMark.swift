// Identifies the process that writes a recording, so that interrupted recordings are recognised.

internal import Glibc

/// Identifies the process that makes a recording, so that a killed one can be distinguished from a running one.
enum ProcessMark {
    /// The mark of this process: its process identifier and start time.
    static let own = mark(of: getpid()) ?? "\(getpid())"

    /// Whether the process with this mark still runs.
    static func isAlive(_ mark: String) -> Bool {
        guard let number = mark.split(separator: " ").first.flatMap({ Int32($0) }), number > 0 else { return false }
        return Self.mark(of: number) == mark
    }

    /// The mark of a process; nil if it does not run.
    static func mark(of process: Int32) -> String? {
        guard let file = fopen("/proc/\(process)/stat", "r") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 1_024)
        let count = fread(&buffer, 1, buffer.count - 1, file)
        let text = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The name in parentheses may contain any characters; the fields after it do not.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19 else { return nil }
        return "\(process) \(fields[19])"
    }
}
