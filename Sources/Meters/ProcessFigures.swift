// Reads what the system says of this process.

internal import Glibc

extension ProcessFigures {
    /// The figures of now.
    static func now() -> ProcessFigures {
        var figures = ProcessFigures()
        var usage = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            figures.cpuSeconds = seconds(usage.ru_utime) + seconds(usage.ru_stime)
        }
        let pages = read("/proc/self/statm").split(separator: " ").dropFirst().first.flatMap { UInt64($0) } ?? 0
        figures.residentBytes = pages &* UInt64(clamping: sysconf(Int32(_SC_PAGESIZE)))
        figures.openFiles = countFiles()
        figures.startSeconds = start
        return figures
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    /// The time at which this process started, in seconds since 1970.
    private static let start: Double = {
        // The name in parentheses may contain blanks; the fields behind it do not.
        let fields = read("/proc/self/stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 19, let ticks = Double(fields[19]) else { return 0 }
        let boot = read("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
        let booted = boot.flatMap { Double($0.dropFirst(6)) } ?? 0
        return booted + ticks / Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    }()

    private static func countFiles() -> Int {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Without `.`, `..` and the folder itself.
        return max(0, count - 3)
    }

    private static func read(_ path: String) -> String {
        guard let file = fopen(path, "re") else { return "" }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
