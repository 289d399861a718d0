// Decodes the MSNP connections inside HTTP requests to a gateway, each as a connection of its own.

internal import Analysis
internal import Doors
internal import Events
internal import MSNP

/// Each session of a gateway is a connection with a number, a tap, and `opened` and `closed` events. Its client is the
/// endpoint that opened the session's first TCP connection. Its server is the one that the client asked for (port 1863,
/// since a gateway is given none), or the gateway if that was not captured. Its sums are those of the HTTP bodies. The
/// TCP connections that carry it are reported as well, with the role HTTP and their own bytes; these bytes are not
/// commands, but do not count as noise.
extension CaptureDecoder {
    /// Emits what happened in gateway sessions.
    mutating func observe(_ outcomes: [Gateway.Outcome], _ time: Int64, _ emit: (Int, consuming DecodedStep) -> Void) {
        for outcome in outcomes {
            switch outcome {
            case .opened(let session, let carrier, let server, let isStart):
                guard let carrierConnection = connections[carrier] else { continue }
                let destination = server ?? carrierConnection.destination
                let ends = Endpoints(
                    client: carrierConnection.ends.client, server: server?.description ?? carrierConnection.ends.server,
                    file: carrierConnection.ends.file)
                let connection = CapturedConnection(
                    number: newNumber(), ends: ends, clientHost: carrierConnection.clientHost, destination: destination,
                    time: time, isStart: isStart, isExcerpt: carrierConnection.isExcerpt)
                sessions[session] = connection
                begin(connection, isFromStart: isStart, emit)
                report(.opened(ends), connection, time, emit)
            case .bytes(let session, let side, let bytes):
                if let connection = sessions[session] { receive(ByteSlice(bytes), from: side, connection, time, emit) }
            case .gap(let session, let side, let count):
                if let connection = sessions[session] {
                    receiveGap(Int64(clamping: count), from: side, connection, time, emit)
                }
            case .refused(let session, let status):
                guard let connection = sessions[session] else { continue }
                let finding = Finding(.gatewayRefused, "The gateway answered \(status).", side: .server)
                report(.finding(finding), connection, time, emit)
            case .closed(let session, let reason):
                guard let connection = sessions.removeValue(forKey: session) else { continue }
                let isPast = reason == .endOfCapture || reason == .tooMany
                end(connection, Self.describe(reason), isPast ? connection.lastTime : time, emit)
            }
        }
    }

    /// Ends the sessions that are open at the end of the capture.
    mutating func finish(_ emit: (Int, consuming DecodedStep) -> Void) {
        observe(gateway.finish(), 0, emit)
    }

    private static func describe(_ end: Gateway.End) -> CloseReason {
        switch end {
        case .closed: .closed
        case .refused: .gatewayRefused
        case .tooMany: .tooManyConnections
        case .endOfCapture: .captureEnds
        }
    }
}
