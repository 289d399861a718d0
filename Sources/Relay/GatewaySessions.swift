// The sessions of the relay's HTTP gateway, found by the secret part of their SessionID.

internal import Doors
internal import MSNP
internal import NIOConcurrencyHelpers
internal import NIOCore

/// Finds the session of each request, on whichever connection it comes.
final class GatewaySessions: Sendable {
    /// The maximum number of sessions.
    private static let most = 4_096
    /// The number of digits of a secret: as many as 64 bits hold.
    private static let secretDigits = 19

    private let sessions = NIOLockedValueBox<[String: NIOLoopBound<GatewayClient>]>([:])

    /// Handles a request, and answers it on the connection that brought it.
    func handle(_ request: GatewayRequest, from carrier: RelayedConnection, _ relay: RelayServer) {
        let carrierLoop = carrier.loop
        let bound = NIOLoopBound(carrier, eventLoop: carrierLoop)
        let answer: @Sendable ([UInt8]) -> Void = { bytes in
            carrierLoop.execute { bound.value.answerRequest(bytes) }
        }
        let client: NIOLoopBound<GatewayClient>?
        if case .open(let server) = request.action {
            client = open(to: server, carrier, relay)
        } else {
            let secret = String(request.session.prefix { $0 != "." })
            client = sessions.withLockedValue { $0[secret] }
        }
        guard let client else { return answer(HTTPAnswer.refusal(.badRequest, closes: false)) }
        client.eventLoop.execute {
            if !client.value.handle(request, answer: answer) {
                answer(HTTPAnswer.refusal(.badRequest, closes: false))
            }
        }
    }

    private func open(
        to server: String?, _ carrier: RelayedConnection, _ relay: RelayServer
    ) -> NIOLoopBound<GatewayClient>? {
        let secret = Self.makeSecret()
        let session = GatewaySession(secret: secret, now: GatewayClient.now)
        let client = GatewayClient(session, carrier: carrier) { [sessions] in
            sessions.withLockedValue { $0[secret] = nil }
        }
        let bound = NIOLoopBound(client, eventLoop: client.loop)
        let hasRoom = sessions.withLockedValue { sessions in
            guard sessions.count < Self.most else { return false }
            sessions[secret] = bound
            return true
        }
        guard hasRoom, relay.acceptGateway(client, server) else {
            sessions.withLockedValue { $0[secret] = nil }
            return nil
        }
        return bound
    }

    /// Random digits, the first of which is not 0.
    private static func makeSecret() -> String {
        let digits = (0..<secretDigits).map { String(Int.random(in: $0 == 0 ? 1...9 : 0...9)) }
        return digits.joined()
    }
}

extension RelayServer {
    /// Begins the connection inside of a gateway session.
    ///
    /// - Parameter server: the host that the client asked for.
    /// - Returns: false if the relay is stopping.
    func acceptGateway(_ client: GatewayClient, _ server: String?) -> Bool {
        let arrival = Arrival(upstream: options.upstreamTarget, local: client.localAddress?.hostPort)
        var session = Session()
        session.isInGateway = true
        guard let connection = try? register(.gateway(client), arrival, session) else { return false }
        let promised = state.withLockedValue { state in
            server.flatMap { state.promises.address(ofHost: $0, for: connection.clientHost, now: Self.ticks()) }
        }
        if let promised {
            connection.destination = options.target(for: promised)
            connection.asked = promised
            connection.refusal = nil
        }
        client.connection = connection
        turnAway(clientLimits.arrived(connection.number, connection.client.id))
        connection.begin()
        return true
    }
}
