// What waits to be recorded, and, when nothing can be written for long, what was lost of it.

internal import MSNP
internal import Transcript

/// Events in order, up to a size; behind them, in numbers only, those for which there was no more room.
struct Backlog {
    /// How much is kept while the archive cannot be written, and how much may wait at most while it can.
    static let most = 8 << 20
    /// How many connections are kept apart when events are lost.
    private static let mostLosses = 10_000

    private(set) var events: [Event] = []
    private(set) var losses: [Int: Loss] = [:]
    /// How much waits, together with what is being written just now.
    private(set) var size = 0
    private var handedOut = 0
    /// Commands that were lost on connections beyond those kept apart.
    private(set) var uncounted = 0

    /// What was lost of one connection.
    struct Loss {
        var opened: Event?
        var closed: Event?
        var last: Event
        var first: Timestamp
        var client: UInt64 = 0
        var server: UInt64 = 0
        var commands = 0
    }

    /// Takes events; what does not fit is counted where it may be lost.
    mutating func append(_ new: [Event], mayLose: Bool) {
        for event in new {
            let cost = Self.cost(of: event)
            if mayLose, !losses.isEmpty || size + cost > Self.most {
                lose(event)
            } else {
                events.append(event)
                size += cost
            }
        }
    }

    /// Hands out everything; its size counts until `settle`.
    mutating func take() -> (events: [Event], losses: [Int: Loss], size: Int) {
        defer {
            events = []
            losses = [:]
            handedOut = size
        }
        return (events, losses, size - handedOut)
    }

    /// What was handed out is written.
    mutating func settle(_ written: Int) {
        size -= written
        handedOut -= written
    }

    private mutating func lose(_ event: Event) {
        guard event.connection > 0 else { return }
        if losses[event.connection] == nil {
            guard losses.count < Self.mostLosses else {
                uncounted += 1
                return
            }
            losses[event.connection] = Loss(last: event, first: event.time)
        }
        guard var loss = losses.removeValue(forKey: event.connection) else { return }
        switch event.kind {
        case .opened: loss.opened = event
        case .closed: loss.closed = event
        case .frame(let frame, let side):
            loss.commands += 1
            if side == .client {
                loss.client += UInt64(frame.bytes.count)
            } else {
                loss.server += UInt64(frame.bytes.count)
            }
        case .noise(let noise, let side):
            if side == .client {
                loss.client += UInt64(noise.bytes.count)
            } else {
                loss.server += UInt64(noise.bytes.count)
            }
        case .gap(let bytes, _, let side):
            if side == .client { loss.client &+= bytes } else { loss.server &+= bytes }
        case .listening, .rewritten, .finding, .message: break
        }
        loss.last = event
        loss.last.kind = .finding(Finding(recorded: "", "", side: nil))
        losses[event.connection] = loss
    }

    private static func cost(of event: Event) -> Int {
        switch event.kind {
        case .frame(let frame, _): frame.bytes.count + 160
        case .noise(let noise, _): noise.bytes.count + 160
        case .message(let message): message.text.utf8.count + 160
        default: 160
        }
    }
}

extension Backlog.Loss {
    /// What is written in place of what was lost: holes of the right length, and a finding that says why.
    var events: [Event] {
        var result = opened.map { [$0] } ?? []
        func add(_ kind: Event.Kind) {
            var event = last
            event.kind = kind
            result.append(event)
        }
        if client > 0 { add(.gap(bytes: client, offset: 0, from: .client)) }
        if server > 0 { add(.gap(bytes: server, offset: 0, from: .server)) }
        add(
            .finding(
                Finding(
                    .notRecorded,
                    "The archive could not be written: \(commands) commands, \(client) bytes of the client and "
                        + "\(server) bytes of the server, from \(first.rfc3339) to \(last.time.rfc3339), were passed on "
                        + "but not recorded.")))
        if let closed { result.append(closed) }
        return result
    }
}
