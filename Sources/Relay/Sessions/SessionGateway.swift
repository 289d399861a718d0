// The session of a connection that carries requests to the relay's HTTP gateway. Pure.

internal import Doors
internal import Events
internal import MSNP

extension Session {
    /// Whether the connection carries requests to the gateway.
    var isCarrier: Bool {
        if case .carrier = state { return true }
        return false
    }

    /// The number of bytes at the end of what the client was sent that belong to an incomplete frame.
    mutating func unfinishedServerBytes() -> Int {
        let unsent = Int(clamping: outgoing.end &- outgoing.offset)
        return max(0, tap.unfinishedBytes(of: .server) - unsent)
    }

    /// Begins to read requests.
    mutating func beginRequests(_ received: [UInt8]) -> [Output] {
        receiveRequests(received, GatewayCarrier(forwards: doors.forwards))
    }

    /// Reads requests.
    mutating func receiveRequests(_ bytes: [UInt8], _ carrier: GatewayCarrier) -> [Output] {
        var carrier = carrier
        tap.count(bytes.span, from: .client)
        let outputs = carrier.receive(bytes)
        state = .carrier(carrier)
        return outputs.flatMap { carryOut($0) }
    }

    /// Sends the answer to the open request, and reads the next one.
    mutating func answered(_ bytes: [UInt8]) -> [Output] {
        guard case .carrier(var carrier) = state, carrier.isAnswering else { return [] }
        let (closes, outputs) = carrier.answered()
        state = .carrier(carrier)
        tap.count(bytes.span, from: .server)
        return [.send(bytes, to: .client)] + (closes ? [.hangUp] : outputs.flatMap { carryOut($0) })
    }

    private mutating func carryOut(_ output: GatewayCarrier.Output) -> [Output] {
        let isFirst = tap.role != .http
        tap.inherit(dialect: nil, role: .http)
        switch output {
        case .request(let request): return (isFirst ? [.serve] : []) + [.request(request)]
        case .refuse(let bytes, let why):
            tap.count(bytes.span, from: .server)
            return [.send(bytes, to: .client), .end(Self.failure(why + "."))]
        case .hangUp: return [.hangUp]
        }
    }
}
