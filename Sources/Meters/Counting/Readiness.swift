// Decides whether a relay is ready for clients. Pure.

/// What readiness depends on.
struct Readiness: Sendable, Hashable {
    /// Whether the listeners accept clients now.
    var isAccepting = true
    /// Whether events are recorded; nil if nothing is to be recorded.
    var isRecording: Bool?
    /// Whether the upstream was reached at the last attempt; nil before the first.
    var upstreamIsReached: Bool?

    /// Why the relay is not ready; empty if it is. The names are documented.
    var reasons: [String] {
        [
            isAccepting ? nil : "not_accepting",
            isRecording == false ? "archive_not_written" : nil,
            upstreamIsReached == false ? "upstream_not_reached" : nil,
        ].compactMap(\.self)
    }

    /// The answer's body.
    var json: String {
        let list = reasons.map { "\"\($0)\"" }.joined(separator: ",")
        return "{\"ready\":\(reasons.isEmpty),\"reasons\":[\(list)]}\n"
    }
}
