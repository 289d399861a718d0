// Decides whether the relay can record. Pure.

/// What is known of the archive.
struct ArchiveFact: Sendable, Hashable {
    /// Whether the file is there.
    var exists = false
    /// Whether it, or the folder for a new one, can be written.
    var isWritable = false
    var freeBytes: UInt64 = 0
    /// The size of the file with its write-ahead log.
    var bytes: UInt64 = 0
    /// The number of the schema's version; nil if it could not be read.
    var version: Int?
    /// The processes that record into it now.
    var recordedBy: [Int] = []
    /// The time from the first to the last recorded event, in seconds.
    var seconds: Double = 0
    /// What `PRAGMA quick_check` says; empty if it is sound.
    var faults: [String] = []
    /// Why it cannot be read.
    var failure: String?

    /// For how many days the free space lasts at the rate of all recordings so far; nil if that is not known.
    var daysLeft: Int? {
        guard seconds >= 3_600, bytes > 0 else { return nil }
        return Int(exactly: (Double(freeBytes) / (Double(bytes) / seconds) / 86_400).rounded(.down))
    }

    /// Below this many bytes the disk is called full.
    static let fewBytes: UInt64 = 100 << 20
}

extension Check {
    static func archive(_ path: String?, _ fact: ArchiveFact) -> Check {
        guard let path else { return Check(.archive, .skipped, "Nothing will be recorded (--no-archive).") }
        if let failure = fact.failure {
            return Check(.archive, .failed, "\(failure).", ["--archive with another file, or --no-archive"])
        }
        guard fact.isWritable else {
            return Check(
                .archive, .failed, "\(path) cannot be written.", ["ls -ld \(path)", "--archive with another file"])
        }
        if let fault = fact.faults.first {
            return Check(
                .archive, .failed, "\(path) is damaged: \(fault).",
                ["sqlite3 \(path) .recover | sqlite3 recovered.sqlite"])
        }
        let free = "\(fact.freeBytes >> 20) MiB free"
        guard fact.freeBytes >= ArchiveFact.fewBytes else {
            return Check(.archive, .failed, "The disk of \(path) is nearly full: \(free).", ["df -h \(path)"])
        }
        guard fact.exists else { return Check(.archive, .ok, "\(path) will be created; \(free).") }
        let version = fact.version.map { ", version \($0)" } ?? ""
        let days = fact.daysLeft.map { ", enough for \($0) days at its present rate" } ?? ""
        let by = fact.recordedBy.map { "process \($0) records into it" }
        return Check(
            .archive, .ok,
            (["\(path) is sound (\(fact.bytes >> 10) KiB\(version)); \(free)\(days)"] + by).joined(separator: "; ")
                + ".")
    }
}
