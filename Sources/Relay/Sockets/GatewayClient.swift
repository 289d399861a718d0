// A session of the HTTP gateway as the client of a relayed connection.

internal import Doors
internal import MSNP
internal import NIOCore

/// Carries out what a `GatewaySession` decides. Used on one event loop only; the connections that bring requests may be on
/// others.
final class GatewayClient {
    /// The most bytes of the client that wait for the server; beyond it requests are refused.
    private static let mostWaiting = 1 << 20

    let loop: any EventLoop
    let remoteAddress: SocketAddress?
    let localAddress: SocketAddress?
    /// The host that the last request named.
    private(set) var host: String
    /// The connection inside.
    var connection: RelayedConnection?

    private var session: GatewaySession
    private var written: [UInt8] = []
    private var waiting: [ByteBuffer] = []
    private var waitingBytes = 0
    private var wantsMore = false
    private var isDelivering = false
    private var hasServerEnded = false
    private var timer: Scheduled<Void>?
    private var answer: (([UInt8]) -> Void)?
    /// Called once, when no further request can be answered.
    private var whenOver: (() -> Void)?

    init(_ session: GatewaySession, carrier: RelayedConnection, whenOver: @escaping () -> Void) {
        self.session = session
        loop = carrier.loop
        remoteAddress = carrier.client.remoteAddress
        localAddress = carrier.client.localAddress
        host = carrier.localHost ?? ""
        self.whenOver = whenOver
    }

    /// The gateway's clock, in seconds.
    static var now: Double { Double(NIODeadline.now().uptimeNanoseconds) / 1e9 }

    var isActive: Bool { !hasServerEnded && whenOver != nil }
    var isWritable: Bool { session.isWritable }

    /// Handles a request.
    ///
    /// - Parameter answer: called once with the answer.
    /// - Returns: false if the request is refused with 400.
    func handle(_ request: GatewayRequest, answer: @escaping ([UInt8]) -> Void) -> Bool {
        let isRoom = waitingBytes + request.body.count <= Self.mostWaiting
        guard isRoom, let outputs = session.handle(request, host: host, now: Self.now) else { return false }
        host = request.host ?? host
        self.answer = answer
        perform(outputs)
        return true
    }

    /// Takes bytes of the server; `flush` hands them over.
    func write(_ buffer: ByteBuffer) { written += buffer.readableBytesView }

    /// Hands over what was written.
    ///
    /// - Parameter part: the number of bytes at the end that belong to an incomplete frame.
    func flush(part: Int) {
        guard !written.isEmpty else { return }
        let bytes = written
        written = []
        perform(session.receive(bytes, part: part, now: Self.now))
    }

    /// The relayed connection wants bytes of the client.
    func read() {
        wantsMore = true
        deliver()
    }

    /// The server's connection has ended.
    func serverEnded() {
        guard !hasServerEnded else { return }
        hasServerEnded = true
        perform(session.serverEnded(now: Self.now))
    }

    /// The relayed connection is over; what is left goes to the client when it asks.
    func close() {
        serverEnded()
        connection = nil
    }

    private func perform(_ outputs: [GatewaySession.Output]) {
        for output in outputs {
            switch output {
            case .answer(let bytes):
                let answer = answer
                self.answer = nil
                answer?(bytes)
            case .deliver(let bytes):
                guard connection != nil else { continue }
                waiting.append(ByteBuffer(bytes: bytes))
                waitingBytes += bytes.count
            case .over: end()
            }
        }
        schedule()
        deliver()
        // The answer may have made room for more of the server.
        if let connection, session.isWritable { connection.writabilityChanged(.client) }
    }

    /// Gives the relayed connection what it wants, one body at a time.
    private func deliver() {
        guard !isDelivering, let connection else { return }
        isDelivering = true
        while wantsMore, !waiting.isEmpty {
            wantsMore = false
            let buffer = waiting.removeFirst()
            waitingBytes -= buffer.readableBytes
            connection.countHandshake(buffer.readableBytes)
            connection.receive(buffer, from: .client)
            connection.readCompleted(.client)
        }
        isDelivering = false
    }

    private func schedule() {
        timer?.cancel()
        timer = nil
        guard whenOver != nil, let due = session.due else { return }
        let delay = TimeAmount.nanoseconds(Int64(max(0.001, due - Self.now) * 1e9))
        timer = loop.assumeIsolated().scheduleTask(in: delay) { [self] in
            let now = Self.now
            if session.isIdle(now: now) {
                connection?.endIdleGateway()
                return end()
            }
            perform(session.tick(now: now))
        }
    }

    private func end() {
        timer?.cancel()
        timer = nil
        let whenOver = whenOver
        self.whenOver = nil
        whenOver?()
        connection?.closed(.client)
    }
}
