// What is transferred, as events and findings: a thin layer between the followers and the connections that they follow.

internal import Events
internal import MSNP
internal import Payloads

/// Findings on what is transferred.
enum TransferFindings {
    /// The finding that an event of a transfer is, if any.
    static func kind(_ event: TransferEvent, _ side: Side?) -> Event.Kind? {
        switch event {
        case .piece, .arranged, .dropped, .joined, .invited: return nil
        case .finding(let name, let text):
            return .finding(Finding(name, text, side: side))
        case .ended(let transfer):
            guard !transfer.isComplete else { return nil }
            let size = transfer.expectedSize.map { "\($0)" } ?? "an unknown number of"
            let who = transfer.sender.isEmpty ? "somebody" : transfer.sender
            let text =
                transfer.isCancelled
                ? "\(who) had sent \(transfer.received.count) of \(size) bytes when it was"
                    + " \(transfer.reason ?? "cancelled"): \(transfer.kind)."
                : "\(transfer.received.count) of \(size) bytes were seen here of what \(who) sent: \(transfer.kind)."
            return .finding(Finding(.transferIncomplete, text))
        }
    }
}

extension Place {
    /// Where an event happened. The offset is not known here, and nobody asks for it.
    init(_ event: Event, _ side: Side) {
        self.init(
            connection: event.connection, role: event.role, side: side, time: event.time.nanoseconds, offset: 0)
    }
}
