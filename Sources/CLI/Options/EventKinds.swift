// The option that selects kinds of events.

internal import Analysis
import ArgumentParser
import Events

/// A kind of event, by its name in JSON lines.
enum EventKind: String, CaseIterable, Sendable {
    case listening, opened, closed, frame, rewritten, noise, gap, finding, message, http, tunnel
    case notPrinted = "not_printed"

    init(_ event: Event) {
        self =
            switch event.kind {
            case .listening: .listening
            case .opened: .opened
            case .closed: .closed
            case .frame: .frame
            case .rewritten: .rewritten
            case .noise: .noise
            case .gap: .gap
            case .finding: .finding
            case .message: .message
            case .http: .http
            case .tunnel: .tunnel
            case .notPrinted: .notPrinted
            }
    }
}

/// Some kinds of events: `message,closed,finding`.
struct EventKinds: ExpressibleByArgument, Sendable {
    let kinds: Set<EventKind>

    init?(argument: String) {
        let words = argument.split(separator: ",", omittingEmptySubsequences: false)
        let kinds = words.compactMap { EventKind(rawValue: String($0)) }
        guard !kinds.isEmpty, kinds.count == words.count else { return nil }
        self.kinds = Set(kinds)
    }

    /// The names of those that captures have.
    static let names = "opened, frame, message, finding, http, noise, gap, closed"

    /// What the analysis must compute for these kinds.
    var analysis: AnalysisOptions {
        if !kinds.isDisjoint(with: [.frame, .noise]) { return .all }
        if kinds.contains(.finding) { return .events }
        var analysis: AnalysisOptions = kinds.contains(.message) ? .messages : []
        if kinds.contains(.http) { analysis.insert(.http) }
        return analysis
    }
}
