// Says what the frames of one connection mean, in the order in which they come. Relay, captures and archive share it.

internal import MSNP

/// Explains the events of one connection.
///
///     var commentary = Commentary(connection: 3)
///     let further = commentary.take(&event)      // event has its remark; further events follow from it
public struct Commentary: Sendable {
    private var conversation: Conversation
    private var requests: Requests?
    private var inspection: Inspection

    /// A commentary on a connection.
    ///
    /// - Parameters:
    ///   - connection: its number.
    ///   - passwords: what the answers to `USR MD5` are checked against.
    public init(connection: Int, passwords: Passwords = .none) {
        conversation = Conversation(connection: connection)
        inspection = Inspection(passwords: passwords)
    }

    /// Explains an event.
    ///
    /// - Parameter event: gets its remark, if it is a frame.
    /// - Returns: what follows from it: messages that are whole now, findings.
    public mutating func take(_ event: inout Event) -> [Event.Kind] {
        switch event.kind {
        case .frame(let frame, let side):
            var remark = Remark()
            remark.reading = CommandReading(frame, from: side, role: event.role, dialect: event.dialect)
            var further: [Event.Kind] = []
            join(frame, side, event, &remark, &further)
            inspection.inspect(frame, side, event, &remark, &further)
            if let message = conversation.take(frame, from: side, role: event.role, odd: &further) {
                further.append(message)
            }
            event.remark = remark
            return further
        case .noise(let noise, let side):
            if side == .client { miss() }
            return inspection.inspect(noise, side)
        case .gap(_, _, let side):
            if side == .client { miss() }
            inspection.gap(side)
            return []
        default: return []
        }
    }

    /// What is left when the connection ends: messages that never became whole.
    public mutating func finish() -> [Event.Kind] { conversation.finish() }

    private mutating func miss() {
        if requests == nil { requests = Requests(isComplete: false) } else { requests?.miss() }
    }

    /// Joins replies to requests.
    private mutating func join(
        _ frame: Frame, _ side: Side, _ event: Event, _ remark: inout Remark, _ further: inout [Event.Kind]
    ) {
        if requests == nil {
            // A client speaks first: where it does not, what it said before was not heard.
            requests = Requests(isComplete: side == .client && Opening(frame).role != .unknown)
        }
        guard let transaction = frame.transaction(from: side, in: event.dialect) else { return }
        if side == .client {
            if requests?.note(frame.verb, transaction, at: event.time.nanoseconds) == true {
                further.append(
                    .finding(
                        Finding(
                            .transactionRepeated, "\(frame.verb) \(transaction) has the number of an earlier request.",
                            side: side)))
            }
        } else if let request = requests?.request(transaction) {
            remark.request = request.verb
            remark.delay = max(0, event.time.nanoseconds &- request.time)
        } else if requests?.isUnheardOf(transaction) == true {
            further.append(
                .finding(
                    Finding(
                        .replyWithoutRequest, "\(frame.verb) \(transaction) answers a request that was never made.",
                        side: side)))
        }
    }
}
