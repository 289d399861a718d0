// The number of cores that the process may use.

import Glibc
internal import NIOCore

enum Cores {
    /// The number of cores that this process may use: `taskset` and the limits of containers count.
    static var available: Int {
        max(1, min(allowed(inStatus: status) ?? .max, System.coreCount))
    }

    /// The number of cores in the mask of a `/proc/self/status`; nil if it has none.
    static func allowed(inStatus status: String) -> Int? {
        let key = "Cpus_allowed:"
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(key) }) else { return nil }
        // Groups of hexadecimal digits, separated by commas.
        let count = line.dropFirst(key.count).reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
        return count > 0 ? count : nil
    }

    /// The C library's `sched_getaffinity` is not visible to Swift; the kernel has the same mask here.
    private static var status: String {
        let descriptor = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
