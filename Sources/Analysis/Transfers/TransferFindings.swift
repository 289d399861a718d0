// Converts the transfer events of `Payloads` to findings.

internal import Events
internal import MSNP
internal import Payloads

/// Makes findings of transfer events.
enum TransferFindings {
    /// The finding for a transfer event; nil if it is not one.
    static func kind(_ event: TransferEvent, _ side: Side?) -> Event.Kind? {
        switch event {
        case .piece, .arranged, .dropped, .joined, .invited, .offered: return nil
        case .finding(let name, let text):
            return .finding(Finding(name, text, side: side))
        case .ended(let transfer):
            guard !transfer.isComplete else { return nil }
            let size = transfer.expectedSize.map { "\($0)" } ?? "an unknown number of"
            let who = transfer.sender.isEmpty ? "an unknown sender" : transfer.sender
            let text =
                transfer.isCancelled
                ? "\(who) had sent \(transfer.received.count) of \(size) bytes of a transfer when it was"
                    + " \(transfer.reason ?? "cancelled"): \(transfer.kind)."
                : "\(transfer.received.count) of \(size) bytes were seen of a transfer from \(who): \(transfer.kind)."
            return .finding(Finding(.transferIncomplete, text))
        }
    }
}

extension Place {
    /// The place of an event. The offset is 0: it is unknown here, and no caller uses it.
    init(_ event: Event, _ side: Side) {
        self.init(
            connection: event.connection, role: event.role, side: side, time: event.time.nanoseconds, offset: 0)
    }
}
