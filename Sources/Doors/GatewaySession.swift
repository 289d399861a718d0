// One session of the relay's HTTP gateway: requests and the server's bytes in, answers out. Pure.

/// A session of the gateway.
///
/// Times are seconds of a monotonic clock. The SessionID is `a.b`: `a` is a random secret that stays, `b` is new with every
/// answer, and the current and the last one are good.
package struct GatewaySession: Sendable {
    /// An action for the socket layer.
    package enum Output: Sendable, Hashable {
        /// Send this answer to the open request.
        case answer([UInt8])
        /// Pass these bytes of the client on.
        case deliver([UInt8])
        /// The session is over: the server's last bytes are sent.
        case over
    }

    /// The limit of bytes that wait for the client; beyond it the server is not read.
    package static let mostBytes = 1 << 20
    /// The length of a body at which it need not end at the end of a frame.
    static let mostPartBytes = 64 << 10
    /// How long an answer waits for the end of a frame, in seconds.
    static let partTimeout = 0.5
    /// How long an idle session lives, in seconds (addresses.md section 5).
    package static let idleTimeout = 60.0
    /// The longest wait of a poll, in seconds.
    static let mostLifespan = 60

    /// The secret part of its SessionIDs.
    package let secret: String
    private var serial: UInt32
    private var last: UInt32?
    private var bytes: [UInt8] = []
    /// The number of those bytes up to the end of the last whole frame.
    private var whole = 0
    private var isServerOver = false
    private var request: Open?
    private var lastUse: Double
    /// Since when the bytes end in a part of a frame.
    private var partSince: Double?
    private var isOver = false

    private struct Open: Sendable {
        var host: String
        var begin: Double
        /// Until when it waits for something.
        var deadline: Double
    }

    /// - Parameters:
    ///   - secret: random digits.
    ///   - serial: the first number of its SessionIDs.
    package init(secret: String, serial: UInt32 = 1, now: Double) {
        self.secret = secret
        self.serial = serial
        lastUse = now
    }

    /// Whether the server is to be read.
    package var isWritable: Bool { bytes.count < Self.mostBytes }

    /// Handles a request; `open` for a new session.
    ///
    /// - Returns: nil if it is refused with 400: a second request while one is open, or a SessionID that is not good.
    package mutating func handle(_ asked: GatewayRequest, host: String, now: Double) -> [Output]? {
        guard request == nil, !isOver else { return nil }
        var wait = 0
        switch asked.action {
        case .open: break
        case .send: guard isGood(asked.session) else { return nil }
        case .poll(let lifespan):
            guard isGood(asked.session) else { return nil }
            wait = min(max(lifespan ?? 0, 0), Self.mostLifespan)
        }
        lastUse = now
        request = Open(host: asked.host ?? host, begin: now, deadline: now + Double(wait))
        let delivered = asked.body.isEmpty ? [] : [Output.deliver(asked.body)]
        // The SessionID is needed before all else.
        if case .open = asked.action { return answer(0, now) + delivered }
        return delivered + proceed(now)
    }

    /// Handles bytes of the server.
    ///
    /// - Parameter part: the number of bytes at the end that belong to an incomplete frame.
    package mutating func receive(_ more: [UInt8], part: Int, now: Double) -> [Output] {
        bytes += more
        whole = max(whole, bytes.count - part)
        partSince = whole == bytes.count ? nil : partSince ?? now
        return proceed(now)
    }

    /// Handles the end of the server's connection.
    package mutating func serverEnded(now: Double) -> [Output] {
        isServerOver = true
        whole = bytes.count
        return proceed(now)
    }

    /// Handles the passing of time.
    package mutating func tick(now: Double) -> [Output] { proceed(now) }

    /// When `tick` is due; nil if nothing waits for time.
    package var due: Double? {
        guard let request else { return isOver ? nil : lastUse + Self.idleTimeout }
        return bytes.isEmpty ? request.deadline : partEnd(request)
    }

    /// Whether the client has not asked for too long.
    package func isIdle(now: Double) -> Bool { request == nil && now >= lastUse + Self.idleTimeout }

    /// Until when a request waits for the end of a frame.
    private func partEnd(_ request: Open) -> Double { max(partSince ?? 0, request.begin) + Self.partTimeout }

    private func isGood(_ name: String) -> Bool {
        [serial, last].compactMap(\.self).contains { name == "\(secret).\($0)" }
    }

    /// Answers the open request if there is something, or if it has waited long enough.
    private mutating func proceed(_ now: Double) -> [Output] {
        guard let request else { return [] }
        if whole > 0 { return answer(whole, now) }
        if isServerOver { return answer(bytes.count, now) }
        if !bytes.isEmpty {
            return now >= partEnd(request) || bytes.count >= Self.mostPartBytes ? answer(bytes.count, now) : []
        }
        return now >= request.deadline ? answer(0, now) : []
    }

    private mutating func answer(_ count: Int, _ now: Double) -> [Output] {
        guard let host = request?.host else { return [] }
        request = nil
        lastUse = now
        last = serial
        serial &+= 1
        let body = bytes.prefix(count)
        isOver = isServerOver && count == bytes.count
        let head =
            "HTTP/1.1 200 OK\r\nX-MSN-Messenger: SessionID=\(secret).\(serial); GW-IP=\(host)"
            + (isOver ? "; Session=close" : "")
            + "\r\nContent-Type: application/x-msn-messenger\r\nContent-Length: \(body.count)\r\n\r\n"
        let answer = Output.answer(Array(head.utf8) + body)
        bytes.removeFirst(count)
        whole = max(0, whole - count)
        partSince = bytes.count > whole ? partSince ?? now : nil
        return isOver ? [answer, .over] : [answer]
    }
}
