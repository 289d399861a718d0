// What `decode` prints: the selected events in one format.

import Captures
import Console
internal import Events
internal import Output

/// Prints the events of a capture that the options select.
struct DecodedEventWriter<Format: EventFormat & Sendable>: EventWriter {
    private var format: Format
    private var condition: EventFilter?
    private let times: TimeSpan
    /// The connections with the people of `--with`; nil for all.
    private let connections: Set<Int>?
    /// The kinds of `--events`; nil for all.
    private let kinds: Set<EventKind>?
    private let onlyFindings: Bool
    /// The printed findings, with `onlyFindings`.
    private(set) var summary = FindingSummary()
    /// The number of events that the options select.
    private(set) var count = 0

    /// - Parameters:
    ///   - format: a format that leaves dates to `appendDate`.
    ///   - condition: the filter; nil for all events.
    ///   - times: when printed events happened.
    ///   - connections: whose events are printed; nil for all.
    ///   - kinds: which kinds of events are printed; nil for all.
    ///   - onlyFindings: whether to print findings only.
    init(
        _ format: Format, where condition: EventFilter?, in times: TimeSpan, of connections: Set<Int>?,
        kinds: Set<EventKind>?, onlyFindings: Bool
    ) {
        self.format = format
        self.condition = condition
        self.times = times
        self.connections = connections
        self.kinds = kinds
        self.onlyFindings = onlyFindings
    }

    mutating func mask(with key: MaskKey) {
        format.mask(with: key)
        condition?.mask(with: key)
    }

    mutating func selects(_ event: Event) -> Bool {
        if let kinds, !kinds.contains(EventKind(event)) { return false }
        if let connections, !connections.contains(event.connection) { return false }
        if onlyFindings {
            if case .gap(let bytes, _, _) = event.kind { summary.countGap(of: bytes) }
            guard case .finding = event.kind else { return false }
        }
        guard times.contains(event.time), condition?.matches(event) ?? true else { return false }
        if onlyFindings, case .finding(let finding) = event.kind { summary.count(finding) }
        count += 1
        return format.shows(event)
    }

    mutating func append(_ event: Event, to bytes: inout [UInt8]) { format.append(event, to: &bytes) }

    mutating func headingDay(of time: Timestamp) -> Int64? { format.dateDay(of: time) }

    mutating func appendHeading(of time: Timestamp, to bytes: inout [UInt8]) {
        format.appendDate(of: time, to: &bytes)
    }

    mutating func addCounts(of other: Self) {
        summary.add(other.summary)
        count += other.count
    }
}
