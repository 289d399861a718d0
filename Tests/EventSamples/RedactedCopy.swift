// Copies of recordings for sharing.

package import Events
internal import Export
internal import Output
package import Redaction

/// The redacted copy of a recording, and its report.
package struct RedactedCopy {
    package private(set) var events: [Event]
    package private(set) var report: RedactionReport

    package init(of events: [Event], key: (UInt64, UInt64) = (11, 47)) {
        var first = Redaction(key: key)
        for event in events { first.copy(event) { _ in } }
        var redaction = first.secondPass()
        var copies: [Event] = []
        for event in events { redaction.copy(event) { copies.append($0) } }
        self.events = copies
        report = redaction.report
    }

    /// What both forms of an export hold.
    package var bytes: [UInt8] { exportedBytes(of: events) }
}

/// Events as pcapng and as JSON with all bytes and secrets.
package func exportedBytes(of events: [Event]) -> [UInt8] {
    var presentation = Presentation()
    presentation.includesBytes = true
    presentation.showsSecrets = true
    presentation.detail = 3
    var format = JSONFormat(presentation)
    var bytes = pcapng(events)
    for event in events { format.append(event, to: &bytes) }
    return bytes
}
