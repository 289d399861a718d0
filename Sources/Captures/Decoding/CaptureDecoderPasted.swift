// Decodes the commands of pasted logs as if they had been captured.

internal import Analysis
internal import Doors
internal import Events
internal import MSNP

extension CaptureDecoder {
    /// Decodes one entry of a pasted log. Addresses that a log does not contain are `unknown`; the sums of a connection
    /// are those of the text, with a CR LF after every line.
    mutating func receive(_ entry: PastedEntry, _ emit: (Int, consuming DecodedStep) -> Void) {
        if case .opened(let number, let role, let client, let server) = entry.kind {
            let ends = Endpoints(
                client: client ?? "unknown", server: server?.description ?? "unknown", file: entry.file)
            let host = client.flatMap { HostPort($0)?.host } ?? "unknown"
            let connection = CapturedConnection(
                number: newNumber(preferred: number), ends: ends, clientHost: host,
                destination: server ?? HostPort("unknown", 0), time: entry.time, isStart: true, role: role,
                isExcerpt: true)
            pasted[entry.connection] = connection
            hasHoles = true
            if connection.isCarrier {
                connections[Self.slot(of: entry)] = connection
                gateway.open(carrier: Self.slot(of: entry), isStart: PerSide(both: true))
            }
            // Pasted logs are rarely complete.
            begin(connection, isFromStart: false, emit)
            report(.opened(ends), connection, entry.time, emit)
            return
        }
        guard let connection = pasted[entry.connection] else { return }
        connection.lastTime = max(connection.lastTime, entry.time)
        switch entry.kind {
        case .opened: return
        case .frame(let frame, let side):
            digest(frame.bytes, from: side, connection, emit)
            analyse(connection.tap.take(frame, from: side), connection, entry.time, emit)
        case .carried(let bytes, let side):
            receive(ByteSlice(bytes), from: side, connection, entry.time, emit)
            observe(gateway.take(bytes.span, from: side, carrier: Self.slot(of: entry)), entry.time, emit)
        case .carriedGap(let count, let side):
            receiveGap(Int64(clamping: count), from: side, connection, entry.time, emit)
            observe(gateway.lose(count, from: side, carrier: Self.slot(of: entry)), entry.time, emit)
        case .slp(let bytes, let side):
            count(ByteSlice(bytes), from: side, connection, emit)
            analyse(
                connection.tap.setAside(ByteSlice(bytes), from: side, as: .peerData), connection, entry.time, emit)
        case .finding(let finding): report(.finding(finding), connection, entry.time, emit)
        case .closed(let reason):
            pasted[entry.connection] = nil
            if connection.isCarrier {
                observe(gateway.end(carrier: Self.slot(of: entry)), entry.time, emit)
                connections[Self.slot(of: entry)] = nil
            }
            end(connection, reason.map { CloseReason($0) } ?? .logEnds, connection.lastTime, emit)
        }
    }

    /// The slot of an HTTP connection of a pasted log; those of TCP connections are not negative.
    private static func slot(of entry: PastedEntry) -> Int { -1 - entry.connection }
}
