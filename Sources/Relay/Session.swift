// The relay's decisions on one connection. Pure: bytes and times come in, what to do comes out.

internal import MSNP
internal import Transcript

/// One relayed connection.
///
///     opening ──(first line, foreign bytes or silence)──► dialling ──► relaying ──(a redirect)──► deciding ─┐
///                                                                         ▲───────────────────────────────┘
///
/// Bytes are forwarded as they come. All that is ever held back is an unfinished line of the server that may become
/// a redirect, and what follows a redirect until its new address is decided.
struct Session: Sendable {
    /// What the shell shall do, in this order.
    enum Output: Sendable {
        /// Find the server that this client wants, then call `dialled` or give up.
        case dial(Opening)
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
        /// A redirect waits for its new address; bytes of the server that came behind it wait with it.
        case deciding(Frame, Redirect, waiting: ArraySlice<UInt8>)
    }

    private(set) var tap: Tap
    /// The last transaction identifier that the client used.
    private(set) var lastTransaction: UInt32?
    private var state = State.opening([])
    /// How many bytes of the server were sent on or dropped for a rewritten line.
    private var passed: UInt64 = 0
    /// Bytes of the server that are held back.
    private var held: [UInt8] = []
    private var received: UInt64 = 0
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
            guard let opening = Opening.read(begun) else {
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
        case .deciding(let frame, let redirect, var waiting) where side == .server:
            waiting += [UInt8](copying: bytes)
            state = .deciding(frame, redirect, waiting: waiting)
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
        guard case .deciding(let frame, let redirect, let waiting) = state else { return [] }
        state = .relaying
        var outputs: [Output] = []
        switch decision {
        case .leave(let finding): outputs = [.send(frame.bytes, to: .client), record(.finding(finding))]
        case .rewrite(let address, let current):
            let bytes = redirect.splice(frame, to: address, current: current)
            outputs.append(.send(bytes, to: .client))
            if let sent = Frame(bytes) {
                let rewriting = Rewriting(
                    original: frame, sent: sent, from: redirect.address.description, to: address.description)
                outputs.append(record(.rewritten(rewriting)))
            }
        }
        return outputs + fromServer(waiting.span, waiting: waiting)
    }

    /// A side will say no more.
    mutating func ended(_ side: Side) -> [Output] {
        var outputs: [Output] = []
        if side == .server {
            if case .deciding(let frame, _, let waiting) = state {
                outputs.append(.send(frame.bytes + waiting, to: .client))
                state = .relaying
                tap.count(waiting.span, from: .server)
                var position = 0
                while let kind = tap.next(waiting.span, from: &position, side: .server) { outputs.append(record(kind)) }
            }
            if !held.isEmpty { outputs.append(.send(held, to: .client)) }
            held = []
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
            guard case .frame(let frame, _) = kind else { continue }
            if let transaction = frame.transaction(from: .client, in: tap.dialect) { lastTransaction = transaction }
            if let account = tap.account, knownAccount == nil {
                knownAccount = account
                outputs.append(.identified(account))
            }
        }
        return outputs
    }

    /// - Parameter waiting: the same bytes where they do not come from the socket just now, but from behind a decided
    ///   redirect; handed on without a copy, for a chunk may hold thousands of redirects.
    private mutating func fromServer(_ bytes: Span<UInt8>, waiting: ArraySlice<UInt8>? = nil) -> [Output] {
        let start = received
        received &+= UInt64(bytes.count)
        var outputs: [Output] = []
        var position = 0
        defer { tap.count(bytes.extracting(..<position), from: .server) }
        while let kind = tap.next(bytes, from: &position, side: .server) {
            outputs.append(record(kind))
            guard case .frame(let frame, _) = kind else { continue }
            switch Redirect.read(frame) {
            case .other, .softReset: continue
            case .notUnderstood:
                let text = "A \(frame.verb) in a form that no source knows was passed on as it is."
                outputs.append(record(.finding(Finding(.redirectNotUnderstood, text, side: .server))))
            case .redirect(let redirect):
                let frameEnd = tap.offset(of: .server)
                let frameStart = frameEnd &- UInt64(frame.bytes.count)
                guard frameStart >= passed else {
                    let text = "A \(frame.verb) came while the direction was out of step and was passed on as it is."
                    outputs.append(record(.finding(Finding(.redirectNotRewritten, text, side: .server))))
                    continue
                }
                // What came before the redirect goes out now, the redirect when it is decided.
                if let before = unsent(until: frameStart, in: bytes, from: start) {
                    outputs.insert(.send(before, to: .client), at: 0)
                }
                held = []
                passed = frameEnd
                let rest = waiting?.dropFirst(position) ?? [UInt8](copying: bytes, from: position)[...]
                received = frameEnd
                state = .deciding(frame, redirect, waiting: rest)
                outputs.append(.decide(redirect))
                return outputs
            }
        }
        let line = tap.unfinishedLine(of: .server).flatMap { Redirect.mayBegin($0) ? $0.count : nil } ?? 0
        let end = received &- UInt64(line)
        if line == 0, held.isEmpty, passed == start, waiting == nil {
            outputs.insert(.forward, at: 0)
        } else if let part = unsent(until: end, in: bytes, from: start) {
            outputs.insert(.send(part, to: .client), at: 0)
        }
        held = line == 0 ? [] : Array(tap.unfinishedLine(of: .server) ?? [])
        passed = end
        return outputs
    }

    private func record(_ kind: Event.Kind) -> Output { .record(kind, tap.role, tap.dialect) }

    /// The bytes of the server that were not sent on yet, up to a place in the stream; nil for none.
    private func unsent(until end: UInt64, in bytes: Span<UInt8>, from start: UInt64) -> [UInt8]? {
        guard end > passed else { return nil }
        var result: [UInt8] = []
        if passed < start { result += held.prefix(Int(clamping: end &- passed)) }
        let first = max(passed, start) &- start
        if end > start {
            result.append(copying: bytes, from: Int(clamping: first), count: Int(clamping: end &- start &- first))
        }
        return result.isEmpty ? nil : result
    }
}
