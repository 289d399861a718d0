// What a relay has recorded so far, in numbers, for the last message to the user.

internal import Events

/// The totals of one recording. Events that were only buffered are not counted.
package struct RecordingTotals: Sendable, Hashable {
    /// The identifier of the recording; nil until something was written.
    package internal(set) var recording: ArchiveID?
    /// The identifiers of its sign-ins, in the order in which they began.
    package internal(set) var signIns: [ArchiveID] = []
    /// The number of its connections.
    package private(set) var connections = 0
    /// The number of its commands.
    package private(set) var commands = 0
    /// The number of its text messages.
    package private(set) var messages = 0

    /// Counts an event.
    mutating func count(_ event: Event) {
        switch event.kind {
        case .opened: connections += 1
        case .frame: commands += 1
        case .message: messages += 1
        default: break
        }
    }
}
