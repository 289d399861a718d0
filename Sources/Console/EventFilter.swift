// Applies a filter to events, including the keys that only their JSON has.

package import Events
package import Output
package import Query

/// A filter for events that can test every key of their JSON.
package struct EventFilter: Sendable {
    private let filter: Filter
    private var format: JSONFormat
    /// The JSON of the event that is tested, kept to avoid allocations.
    private var line: [UInt8] = []

    /// Parses an expression.
    ///
    /// - Parameters:
    ///   - presentation: how JSON shows secrets; a mask in the output can be filtered for.
    ///   - times: reads the times in the expression.
    /// - Throws: `FilterError` with the column of the error.
    package init(_ source: String, _ presentation: Presentation = Presentation(), times: TimeText = TimeText()) throws {
        filter = try Filter(source, keys: .ofEvents, times: times)
        var presentation = presentation
        presentation.includesBytes = source.lowercased().contains("raw_base64")
        format = JSONFormat(presentation)
    }

    /// Whether the filter tests the JSON of events, which needs all of their analysis and digests.
    package var readsJSON: Bool { filter.readsJSON }

    /// Whether the filter tests what only follows from earlier events of a connection, such as the recipients of a message.
    package var needsAnalysis: Bool {
        filter.readsJSON || !filter.fields.isDisjoint(with: [.to, .conversation, .text])
    }

    /// Whether only commands can match, not what follows from them.
    package var isOfCommands: Bool { filter.isOfCommands }

    /// Sets the key for masks from now on.
    package mutating func mask(with key: MaskKey) { format.mask(with: key) }

    /// Whether an event matches. Its JSON is made only if the filter tests it, and only if nothing else decides.
    package mutating func matches(_ event: Event) -> Bool {
        if let decision = filter.decision(on: event) { return decision }
        line.removeAll(keepingCapacity: true)
        format.append(event, to: &line)
        let json = line
        return filter.matches(event) { JSONValues.values(at: $0, in: json) }
    }
}

extension FilterKeys {
    /// The keys of events.
    package static let ofEvents = FilterKeys(
        kinds: JSONKeys.ofEvents, shortForms: JSONKeys.shortForms, kind: JSONKeys.kind, path: JSONKeys.path)
}
