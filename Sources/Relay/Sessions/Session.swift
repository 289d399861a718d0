// The state machine of one relayed connection. Pure: takes bytes and decisions, returns actions for the socket layer.

internal import Events
internal import MSNP

/// One relayed connection.
///
///     opening ──(first line, foreign bytes or time-out)──► dialling ──► relaying ──(redirect)──► deciding ─┐
///                                                                          ▲───────────────────────────────┘
///
/// Every byte of the server passes through one queue (`OutgoingQueue`). The decoder only names the offset up to which
/// bytes may be sent, and the replacement of a redirect. A decoding error therefore cannot lose, repeat or reorder bytes.
/// The session holds back only an unfinished line that may become a redirect, and the bytes behind a redirect until its
/// new address is decided.
struct Session: Sendable {
    /// An action for the socket layer. Actions are carried out in order.
    enum Output: Sendable {
        /// Connect to the server that the first command asks for, then call `dialled`; on failure close the connection.
        case dial(FirstCommand)
        /// Forward the bytes of this call unchanged to the other side.
        case forward
        /// Send these bytes to a side.
        case send([UInt8], to: Side)
        /// Decide on a redirect, then call `decided`. Do not read from the server until then.
        case decide(Redirect)
        /// Record an event, with the role and dialect of the connection at this time.
        case record(Event.Kind, Role, Dialect?)
        /// The connection's account has become known.
        case identified(String)
    }

    /// The decision on a redirect.
    enum Decision: Sendable {
        /// Replace the address with one of the relay's; `current` is the address at which the client reached the relay.
        case rewrite(to: HostPort, current: HostPort)
        /// Send the redirect unchanged, and record why.
        case leave(Finding)
    }

    private enum State {
        case opening([UInt8])
        case dialling([UInt8])
        case relaying
        /// A redirect at the front of the queue waits for its decision; the bytes behind it wait, too.
        case deciding(PendingRedirect)
    }

    /// A redirect that waits for its decision.
    private struct PendingRedirect: Sendable {
        var frame: Frame
        var redirect: Redirect
        /// The record of the frame, with the role and dialect at the time of its arrival.
        var record: Output
    }

    private(set) var tap: Tap
    private var state = State.opening([])
    /// The server's unsent bytes.
    private var outgoing = OutgoingQueue()
    private var knownAccount: String?
    /// The role according to the first bytes. HTTP and direct connections have no command from which the tap could derive it.
    private var openingRole = Role.unknown

    init() { tap = Tap() }

    /// Whether the session accepts bytes from this side; while it does not, the socket layer does not read from it.
    func accepts(from side: Side) -> Bool {
        switch state {
        case .opening: side == .client
        case .dialling: false
        case .relaying: true
        case .deciding: side == .client
        }
    }

    /// Processes received bytes.
    mutating func receive(_ bytes: Span<UInt8>, from side: Side) -> [Output] {
        switch state {
        case .opening(var received):
            received.append(copying: bytes)
            guard let opening = FirstCommand.read(received) else {
                state = .opening(received)
                return []
            }
            state = .dialling(received)
            openingRole = opening.role
            return [.dial(opening)]
        case .dialling(var received):
            received.append(copying: bytes)
            state = .dialling(received)
            return []
        case .deciding where side == .server:
            tap.count(bytes, from: .server)
            outgoing.append(bytes)
            return []
        case .relaying, .deciding: return side == .client ? fromClient(bytes) : fromServer(bytes)
        }
    }

    /// Stops waiting for the client's first line: the time-out has passed, or the client ended before a whole line.
    mutating func stopWaiting() -> [Output] {
        guard case .opening(let received) = state else { return [] }
        state = .dialling(received)
        return [.dial(received.isEmpty ? .otherCommand : .foreign)]
    }

    /// Continues after the server's connection is established.
    ///
    /// - Parameter dialect: the dialect of the notification connection that led to this one; nil if unknown.
    mutating func dialled(dialect: Dialect?) -> [Output] {
        guard case .dialling(let received) = state else { return [] }
        state = .relaying
        tap.inherit(dialect: dialect, role: openingRole == .unknown ? nil : openingRole)
        // Only the Beta 2 client of MSNP2 begins like this on a dispatch server; it sends no VER.
        if openingRole == .dispatch { tap.inherit(dialect: Dialect(2)) }
        // "GET / HTTP/1.1" has the form of a command. In the middle of a stream, the decoder requires two commands in a row.
        if openingRole == .http { tap.joinMidStream(.client) }
        guard !received.isEmpty else { return [] }
        let outputs = fromClient(received.span)
        return [.send(received, to: .server)]
            + outputs.filter {
                if case .forward = $0 { return false }
                return true
            }
    }

    /// Continues after the decision on the pending redirect.
    mutating func decided(_ decision: Decision) -> [Output] {
        guard case .deciding(let pending) = state else { return [] }
        state = .relaying
        var outputs: [Output] = []
        switch decision {
        case .leave(let finding):
            outputs = sendUnchanged(pending) + [record(.finding(finding))]
        case .rewrite(let address, let current):
            let bytes = pending.redirect.splice(pending.frame, to: address, current: current)
            guard let sent = Frame(bytes), outgoing.remove(pending.frame.bytes) else {
                outputs = sendUnchanged(pending)
                break
            }
            let rewriting = Rewriting(
                original: pending.frame, sent: sent, from: pending.redirect.address.description,
                to: address.description)
            outputs = [.send(bytes, to: .client), pending.record, record(.rewritten(rewriting))]
        }
        return outputs + resume()
    }

    /// Processes the end of a side's stream.
    mutating func ended(_ side: Side) -> [Output] {
        var outputs: [Output] = []
        if side == .server {
            if case .deciding(let pending) = state {
                outputs += sendUnchanged(pending)
                state = .relaying
            }
            let bytes = outgoing.bytes
            var position = outgoing.decoded
            var records: [Output] = []
            while let kind = tap.next(bytes.span, from: &position, side: .server) { records.append(record(kind)) }
            outgoing.markDecoded(bytes.count)
            outputs += send(until: outgoing.end) + records
        }
        return outputs + tap.finish(side).map(record)
    }

    /// Whether the client has sent any byte.
    var hasClientBytes: Bool {
        if case .opening(let received) = state { return !received.isEmpty }
        return true
    }

    /// Whether a redirect waits for its decision; the server's end of stream must then wait, too.
    var isDeciding: Bool {
        if case .deciding = state { return true }
        return false
    }
}

extension Session {
    private mutating func fromClient(_ bytes: Span<UInt8>) -> [Output] {
        tap.count(bytes, from: .client)
        var outputs = Self.forwarding
        var position = 0
        while let kind = tap.next(bytes, from: &position, side: .client) {
            outputs.append(record(kind))
            if let account = tap.account, knownAccount == nil {
                knownAccount = account
                outputs.append(.identified(account))
            }
        }
        return outputs
    }

    /// Processes the server's bytes. If none are queued and none have to be held back, they are forwarded without a copy.
    private mutating func fromServer(_ bytes: Span<UInt8>) -> [Output] {
        tap.count(bytes, from: .server)
        guard outgoing.isEmpty else {
            outgoing.append(bytes)
            return resume()
        }
        var outputs = Self.forwarding
        var position = 0
        let redirect = decode(bytes, from: &position, &outputs)
        guard redirect == nil, heldBackOffset(before: outgoing.offset &+ UInt64(bytes.count)) == nil else {
            outputs.removeFirst()
            outgoing.append(bytes)
            outgoing.markDecoded(position)
            return proceed(redirect, outputs)
        }
        outgoing.countForwarded(bytes.count)
        return outputs
    }

    /// The action for bytes that are forwarded unchanged, with room for what they say.
    private static var forwarding: [Output] {
        var outputs: [Output] = []
        outputs.reserveCapacity(4)
        outputs.append(.forward)
        return outputs
    }

    /// Decodes the queued bytes, and sends those that need not be held back any longer.
    private mutating func resume() -> [Output] {
        var records: [Output] = []
        let bytes = outgoing.bytes
        var position = outgoing.decoded
        let redirect = decode(bytes.span, from: &position, &records)
        outgoing.markDecoded(position)
        return proceed(redirect, records)
    }

    /// Sends the bytes before a redirect, or all bytes that cannot become one.
    private mutating func proceed(_ redirect: (start: UInt64, PendingRedirect)?, _ records: [Output]) -> [Output] {
        guard let (start, pending) = redirect else {
            return send(until: heldBackOffset(before: outgoing.end) ?? outgoing.end) + records
        }
        state = .deciding(pending)
        return send(until: start) + records + [.decide(pending.redirect)]
    }

    /// Decodes piece by piece, up to a redirect that is still queued.
    ///
    /// - Returns: the redirect and its stream offset; nil if all bytes were decoded without one.
    private mutating func decode(
        _ bytes: Span<UInt8>, from position: inout Int, _ records: inout [Output]
    ) -> (start: UInt64, PendingRedirect)? {
        while let kind = tap.next(bytes, from: &position, side: .server) {
            guard case .frame(let frame, _) = kind else {
                records.append(record(kind))
                continue
            }
            switch Redirect.mayBe(frame.verb) ? Command(frame, from: .server) : nil {
            case .unknownRedirect:
                let text = "\(frame.verb) has an unknown form and was forwarded unchanged."
                records.append(record(kind))
                records.append(record(.finding(Finding(.redirectNotUnderstood, text, side: .server))))
            case .redirect(let redirect):
                let start = tap.offset(of: .server) &- UInt64(frame.bytes.count)
                if start >= outgoing.offset {
                    return (start, PendingRedirect(frame: frame, redirect: redirect, record: record(kind)))
                }
                let text = "\(frame.verb) arrived while the stream was out of step and was forwarded unchanged."
                records.append(record(kind))
                records.append(record(.finding(Finding(.redirectNotRewritten, text, side: .server))))
            default: records.append(record(kind))
            }
        }
        return nil
    }

    /// The stream offset of an unfinished line that may become a redirect; nil if all bytes up to `end` may be sent.
    private func heldBackOffset(before end: UInt64) -> UInt64? {
        guard let command = tap.unfinishedCommand(of: .server), Redirect.mayBegin(command.bytes),
            command.offset >= outgoing.offset, command.offset < end
        else { return nil }
        return command.offset
    }

    /// Sends the pending redirect unchanged.
    private mutating func sendUnchanged(_ pending: PendingRedirect) -> [Output] {
        send(until: outgoing.offset &+ UInt64(pending.frame.bytes.count)) + [pending.record]
    }

    private mutating func send(until offset: UInt64) -> [Output] {
        let bytes = outgoing.remove(until: offset)
        return bytes.isEmpty ? [] : [.send(bytes, to: .client)]
    }

    private func record(_ kind: Event.Kind) -> Output { .record(kind, tap.role, tap.dialect) }
}
