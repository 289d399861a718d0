// The relay's decisions on one connection. Pure: bytes and times come in, what to do comes out.

internal import Events
internal import MSNP

/// One relayed connection.
///
///     opening ──(first line, foreign bytes or silence)──► dialling ──► relaying ──(a redirect)──► deciding ─┐
///                                                                         ▲───────────────────────────────┘
///
/// Every byte of the server stands in one queue until it is sent (`OutgoingQueue`). The decoder only names the place up
/// to which bytes may go, and what replaces a redirect; whatever it believes, no byte is lost, doubled or moved. All that
/// is ever held back is an unfinished line that may become a redirect, and what follows a redirect until its new
/// address is decided.
struct Session: Sendable {
    /// What the shell shall do, in this order.
    enum Output: Sendable {
        /// Find the server that this client wants, then call `dialled` or give up.
        case dial(FirstCommand)
        /// Forward the bytes of this call as they are to the other side.
        case forward
        /// Send these bytes to a side.
        case send([UInt8], to: Side)
        /// Decide where a redirected client is to go, then call `decided`. Nothing more comes from the server until then.
        case decide(Redirect)
        /// Say what happened, and what was known of the connection then.
        case record(Event.Kind, Role, Dialect?)
        /// The account became known.
        case identified(String)
    }

    /// Where a redirected client is to go.
    enum Decision: Sendable {
        /// To this address of the relay; `current` is how the client reached the relay.
        case rewrite(to: HostPort, current: HostPort)
        /// Where the server said.
        case leave(Finding)
    }

    private enum State {
        case opening([UInt8])
        case dialling([UInt8])
        case relaying
        /// A redirect at the front of the queue waits for its new address; what the server sent behind it waits with it.
        case deciding(Waiting)
    }

    /// A redirect that waits for its new address.
    private struct Waiting: Sendable {
        var frame: Frame
        var redirect: Redirect
        /// What is recorded of the frame, with what was known when it came.
        var record: Output
    }

    private(set) var tap: Tap
    private var state = State.opening([])
    /// The server's bytes that were not sent yet.
    private var outgoing = OutgoingQueue()
    private var knownAccount: String?
    /// What the first bytes said that the connection is for; HTTP and direct links hold no command that could say it.
    private var openingRole = Role.unknown

    init() { tap = Tap() }

    /// Whether bytes of this side can be taken now; while not, the shell does not read from it.
    func takes(from side: Side) -> Bool {
        switch state {
        case .opening: side == .client
        case .dialling: false
        case .relaying: true
        case .deciding: side == .client
        }
    }

    /// Bytes came.
    mutating func receive(_ bytes: Span<UInt8>, from side: Side) -> [Output] {
        switch state {
        case .opening(var begun):
            begun.append(copying: bytes)
            guard let opening = FirstCommand.read(begun) else {
                state = .opening(begun)
                return []
            }
            state = .dialling(begun)
            openingRole = opening.role
            return [.dial(opening)]
        case .dialling(var begun):
            begun.append(copying: bytes)
            state = .dialling(begun)
            return []
        case .deciding where side == .server:
            tap.count(bytes, from: .server)
            outgoing.append(bytes)
            return []
        case .relaying, .deciding: return side == .client ? fromClient(bytes) : fromServer(bytes)
        }
    }

    /// The client has been silent for so long that it is connected all the same, or it ended before it said a line.
    mutating func stopWaiting() -> [Output] {
        guard case .opening(let begun) = state else { return [] }
        state = .dialling(begun)
        return [.dial(begun.isEmpty ? .otherCommand : .foreign)]
    }

    /// The server is there.
    ///
    /// - Parameter dialect: what the notification connection that promised this one spoke.
    mutating func dialled(dialect: Dialect?) -> [Output] {
        guard case .dialling(let begun) = state else { return [] }
        state = .relaying
        tap.inherit(dialect: dialect, role: openingRole == .unknown ? nil : openingRole)
        // Only the Beta 2 client of MSNP2 opens a dispatch server like this, and says no VER.
        if openingRole == .dispatch { tap.inherit(dialect: Dialect(2)) }
        // "GET / HTTP/1.1" has the shape of a command; two in a row would have to look like one to be believed.
        if openingRole == .http { tap.joinMidStream(.client) }
        guard !begun.isEmpty else { return [] }
        let outputs = fromClient(begun.span)
        return [.send(begun, to: .server)]
            + outputs.filter {
                if case .forward = $0 { return false }
                return true
            }
    }

    /// The redirect that waited has its new address.
    mutating func decided(_ decision: Decision) -> [Output] {
        guard case .deciding(let waiting) = state else { return [] }
        state = .relaying
        var outputs: [Output] = []
        switch decision {
        case .leave(let finding):
            outputs = leave(waiting) + [record(.finding(finding))]
        case .rewrite(let address, let current):
            let bytes = waiting.redirect.splice(waiting.frame, to: address, current: current)
            guard let sent = Frame(bytes), outgoing.remove(waiting.frame.bytes) else {
                outputs = leave(waiting)
                break
            }
            let rewriting = Rewriting(
                original: waiting.frame, sent: sent, from: waiting.redirect.address.description,
                to: address.description)
            outputs = [.send(bytes, to: .client), waiting.record, record(.rewritten(rewriting))]
        }
        return outputs + resume()
    }

    /// A side will say no more.
    mutating func ended(_ side: Side) -> [Output] {
        var outputs: [Output] = []
        if side == .server {
            if case .deciding(let waiting) = state {
                outputs += leave(waiting)
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

    /// Whether the client has said anything yet.
    var hasBegun: Bool {
        if case .opening(let begun) = state { return !begun.isEmpty }
        return true
    }

    /// Whether a redirect waits for its new address: a close of the server must wait with it.
    var isDeciding: Bool {
        if case .deciding = state { return true }
        return false
    }
}

extension Session {
    private mutating func fromClient(_ bytes: Span<UInt8>) -> [Output] {
        tap.count(bytes, from: .client)
        var outputs: [Output] = [.forward]
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

    /// Bytes came from the server. Where none wait and none of these have to, they are forwarded without a copy.
    private mutating func fromServer(_ bytes: Span<UInt8>) -> [Output] {
        tap.count(bytes, from: .server)
        guard outgoing.isEmpty else {
            outgoing.append(bytes)
            return resume()
        }
        var records: [Output] = []
        var position = 0
        let redirect = decode(bytes, from: &position, &records)
        guard redirect == nil, mayGo(until: outgoing.offset &+ UInt64(bytes.count)) == nil else {
            outgoing.append(bytes)
            outgoing.markDecoded(position)
            return proceed(redirect, records)
        }
        outgoing.pass(bytes.count)
        return [.forward] + records
    }

    /// Decodes what waits in the queue, and sends what need not wait any longer.
    private mutating func resume() -> [Output] {
        var records: [Output] = []
        let bytes = outgoing.bytes
        var position = outgoing.decoded
        let redirect = decode(bytes.span, from: &position, &records)
        outgoing.markDecoded(position)
        return proceed(redirect, records)
    }

    /// Sends what stands in front of a redirect, or all that cannot become one.
    private mutating func proceed(_ redirect: (start: UInt64, Waiting)?, _ records: [Output]) -> [Output] {
        guard let (start, waiting) = redirect else {
            return send(until: mayGo(until: outgoing.end) ?? outgoing.end) + records
        }
        state = .deciding(waiting)
        return send(until: start) + records + [.decide(waiting.redirect)]
    }

    /// Asks for one piece after another, up to a redirect that is still in the queue.
    ///
    /// - Returns: that redirect and its place in the stream; nil when all bytes were decoded.
    private mutating func decode(
        _ bytes: Span<UInt8>, from position: inout Int, _ records: inout [Output]
    ) -> (start: UInt64, Waiting)? {
        while let kind = tap.next(bytes, from: &position, side: .server) {
            guard case .frame(let frame, _) = kind else {
                records.append(record(kind))
                continue
            }
            switch Redirect.read(frame) {
            case .other, .softReset: records.append(record(kind))
            case .notUnderstood:
                let text = "A \(frame.verb) in a form that no source knows was passed on as it is."
                records.append(record(kind))
                records.append(record(.finding(Finding(.redirectNotUnderstood, text, side: .server))))
            case .redirect(let redirect):
                let start = tap.offset(of: .server) &- UInt64(frame.bytes.count)
                if start >= outgoing.offset {
                    return (start, Waiting(frame: frame, redirect: redirect, record: record(kind)))
                }
                let text = "A \(frame.verb) came while the direction was out of step and was passed on as it is."
                records.append(record(kind))
                records.append(record(.finding(Finding(.redirectNotRewritten, text, side: .server))))
            }
        }
        return nil
    }

    /// The place in the stream up to which bytes may be sent, because a redirect may begin there; nil where all may go.
    private func mayGo(until end: UInt64) -> UInt64? {
        guard let command = tap.unfinishedCommand(of: .server), Redirect.mayBegin(command.bytes),
            command.offset >= outgoing.offset, command.offset < end
        else { return nil }
        return command.offset
    }

    /// Sends a redirect that waited as it came.
    private mutating func leave(_ waiting: Waiting) -> [Output] {
        send(until: outgoing.offset &+ UInt64(waiting.frame.bytes.count)) + [waiting.record]
    }

    private mutating func send(until place: UInt64) -> [Output] {
        let bytes = outgoing.take(until: place)
        return bytes.isEmpty ? [] : [.send(bytes, to: .client)]
    }

    private func record(_ kind: Event.Kind) -> Output { .record(kind, tap.role, tap.dialect) }
}
