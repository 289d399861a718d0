// A span of time with an optional beginning and end, to select events.

/// From a time on, up to a time; each end may be open.
package struct TimeSpan: Sendable, Hashable {
    /// The first time inside; nil if there is no earliest.
    package var since: Timestamp?
    /// The first time after the span; nil if there is no latest.
    package var until: Timestamp?

    /// All times.
    package static let always = TimeSpan()

    package init(since: Timestamp? = nil, until: Timestamp? = nil) {
        self.since = since
        self.until = until
    }

    /// Whether the span has neither a beginning nor an end.
    package var isAlways: Bool { since == nil && until == nil }

    /// Whether a time is in the span.
    package func contains(_ time: Timestamp) -> Bool { overlaps(time, time) }

    /// Whether something that lasted from one time to another was going on in the span.
    package func overlaps(_ first: Timestamp, _ last: Timestamp) -> Bool {
        (since.map { $0 <= last } ?? true) && (until.map { first < $0 } ?? true)
    }
}
