// What is counted of connection attempts to servers. Pure.

import Doors
import MSNP

/// The attempts to connect to servers.
struct DialCounts: Sendable {
    private(set) var durations = Histogram()
    private(set) var failures: [ProxyOutcome: UInt64] = [:]
    /// Whether the last attempt to reach the upstream succeeded; nil before the first.
    var upstreamIsReached: Bool?

    mutating func add(seconds: Double, _ outcome: ProxyOutcome) {
        if outcome == .connected { durations.add(seconds: seconds) } else { failures[outcome, default: 0] &+= 1 }
    }
}

extension ProxyOutcome {
    /// The name of a failure in a label.
    var label: String {
        switch self {
        case .connected: "none"
        case .forbidden: "forbidden"
        case .hostUnreachable: "host_unreachable"
        case .timedOut: "timed_out"
        case .networkUnreachable: "network_unreachable"
        case .refused: "refused"
        case .failed: "failed"
        }
    }
}
