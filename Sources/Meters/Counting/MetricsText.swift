// All metrics of a relay as text. Pure. The names are documented in docs/metrics.md.

import Doors
import Events
import MSNP

/// Everything that the metrics show, as of one moment.
struct MetricsSnapshot: Sendable {
    var version = ""
    var events = EventCounts()
    var dials = DialCounts()
    /// Nil if nothing is recorded.
    var archive: ArchiveFigures?
    var process = ProcessFigures()

    /// The text for `/metrics`.
    var text: String {
        var out = Exposition()
        out.begin("butterflynet_build_info", .gauge, "The version of the program.")
        out.sample("butterflynet_build_info", [("version", version)], "1")
        connections(&out)
        traffic(&out)
        redirects(&out)
        servers(&out)
        if let archive { recording(archive, &out) }
        processFigures(&out)
        return out.text
    }

    private func connections(_ out: inout Exposition) {
        let open = events.openConnections
        for (name, kind, help, counts) in [
            ("butterflynet_connections", Exposition.Kind.gauge, "Open connections.", open),
            (
                "butterflynet_connections_total", .counter, "Connections that ended, by the role that they had then.",
                events.ended
            ),
        ] {
            out.begin(name, kind, help)
            for role in Role.allCases {
                for door in Door.allCases {
                    let labels = [("role", role.label), ("door", door.rawValue)]
                    out.sample(name, labels, "\(counts[.init(role: role, door: door)] ?? 0)")
                }
            }
        }
    }

    private func traffic(_ out: inout Exposition) {
        for (name, help, bytes) in [
            ("butterflynet_received_bytes_total", "Bytes that came from a side.", events.received),
            ("butterflynet_sent_bytes_total", "Bytes that were sent to a side.", events.sent),
        ] {
            out.begin(name, .counter, help)
            for side in Side.allCases { out.sample(name, [("side", side.label)], "\(bytes[side])") }
        }
        out.begin("butterflynet_frames_total", .counter, "Commands.")
        for role in Role.allCases {
            for side in Side.allCases {
                let count = events.frames[.init(role: role, side: side)] ?? 0
                out.sample("butterflynet_frames_total", [("role", role.label), ("side", side.label)], "\(count)")
            }
        }
        out.begin("butterflynet_noise_bytes_total", .counter, "Bytes that are no MSNP.")
        for reason in Noise.Reason.allCases {
            out.sample(
                "butterflynet_noise_bytes_total", [("reason", reason.rawValue)], "\(events.noise[reason] ?? 0)")
        }
        out.begin("butterflynet_findings_total", .counter, "Findings.")
        for name in FindingName.allCases {
            out.sample("butterflynet_findings_total", [("name", name.rawValue)], "\(events.findings[name] ?? 0)")
        }
        out.sample("butterflynet_findings_total", [("name", "other")], "\(events.otherFindings)")
    }

    private func redirects(_ out: inout Exposition) {
        out.begin("butterflynet_redirects_total", .counter, "Redirects, by whether the relay replaced the address.")
        for kind in EventCounts.RedirectKind.allCases {
            let all = events.redirects[kind] ?? 0
            let rewritten = events.rewritten[kind] ?? 0
            for (outcome, count) in [("rewritten", rewritten), ("passed", all > rewritten ? all - rewritten : 0)] {
                out.sample(
                    "butterflynet_redirects_total", [("kind", kind.rawValue), ("outcome", outcome)], "\(count)")
            }
        }
    }

    private func servers(_ out: inout Exposition) {
        out.begin("butterflynet_dial_duration_seconds", .histogram, "How long connections to servers took.")
        out.histogram("butterflynet_dial_duration_seconds", of: dials.durations)
        out.begin("butterflynet_dial_failures_total", .counter, "Connections to servers that failed.")
        for outcome in ProxyOutcome.allCases where outcome != .connected {
            out.sample(
                "butterflynet_dial_failures_total", [("reason", outcome.label)], "\(dials.failures[outcome] ?? 0)")
        }
        out.begin("butterflynet_reply_duration_seconds", .histogram, "How long servers took to answer a command.")
        for role in [Role.dispatch, .notification, .switchboard] {
            out.histogram(
                "butterflynet_reply_duration_seconds", [("role", role.label)],
                of: events.replies[role] ?? Histogram())
        }
    }

    private func recording(_ archive: ArchiveFigures, _ out: inout Exposition) {
        out.single(
            "butterflynet_archive_behind_seconds", .gauge, "Age of the oldest event that is not in the archive yet.",
            archive.behindSeconds)
        out.single(
            "butterflynet_archive_backlog_bytes", .gauge, "Memory of events that are not in the archive yet.",
            archive.backlogBytes)
        out.single(
            "butterflynet_archive_failures_total", .counter, "Failed attempts to write to the archive.",
            archive.failures)
        out.single(
            "butterflynet_archive_lost_bytes_total", .counter, "Bytes that were forwarded, but not recorded.",
            archive.lostBytes)
    }

    private func processFigures(_ out: inout Exposition) {
        out.single("process_cpu_seconds_total", .counter, "CPU time in seconds.", process.cpuSeconds)
        out.single("process_resident_memory_bytes", .gauge, "Resident memory in bytes.", process.residentBytes)
        out.single("process_open_fds", .gauge, "Open file descriptors.", process.openFiles)
        out.single(
            "process_start_time_seconds", .gauge, "Start time in seconds since 1970.", process.startSeconds)
    }
}

/// The state of the recording.
package struct ArchiveFigures: Sendable, Hashable {
    package var behindSeconds: Double
    package var backlogBytes: Int
    package var failures: Int
    package var lostBytes: UInt64
    package var isRecording: Bool

    package init(behindSeconds: Double, backlogBytes: Int, failures: Int, lostBytes: UInt64, isRecording: Bool) {
        self.behindSeconds = behindSeconds
        self.backlogBytes = backlogBytes
        self.failures = failures
        self.lostBytes = lostBytes
        self.isRecording = isRecording
    }
}

/// What the system says of this process.
struct ProcessFigures: Sendable, Hashable {
    var cpuSeconds = 0.0
    var residentBytes: UInt64 = 0
    var openFiles = 0
    var startSeconds = 0.0
}

extension Role {
    /// The role in a label.
    fileprivate var label: String { rawValue.lowercased() }
}

extension Side {
    fileprivate var label: String { self == .client ? "client" : "server" }
}
