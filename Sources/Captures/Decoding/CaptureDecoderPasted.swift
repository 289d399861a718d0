// Decodes the commands of pasted logs as if they had been captured.

internal import Analysis
internal import Events
internal import MSNP

extension CaptureDecoder {
    /// Decodes one entry of a pasted log. Addresses that a log does not contain are `unknown`; the sums of a connection
    /// are those of the text, with a CR LF after every line.
    mutating func receive(_ entry: PastedEntry, _ emit: (Event) -> Void) {
        if case .opened(let number, let role, let client, let server) = entry.kind {
            let ends = Endpoints(client: client ?? "unknown", server: server?.description ?? "unknown")
            let host = client.flatMap { HostPort($0)?.host } ?? "unknown"
            let connection = CapturedConnection(
                number: newNumber(preferred: number), ends: ends, clientHost: host,
                destination: server ?? HostPort("unknown", 0), time: entry.time, isStart: true, role: role,
                isExcerpt: true, detail, passwords: passwords)
            pasted[entry.connection] = connection
            hasHoles = true
            // Pasted logs are rarely complete.
            agreements.open(connection.number, to: connection.destination, isFromStart: false)
            report(.opened(ends), connection, entry.time, emit)
            return
        }
        guard let connection = pasted[entry.connection] else { return }
        connection.lastTime = max(connection.lastTime, entry.time)
        switch entry.kind {
        case .opened: return
        case .frame(let frame, let side): analyse(connection.tap.take(frame, from: side), connection, entry.time, emit)
        case .finding(let finding): report(.finding(finding), connection, entry.time, emit)
        case .closed(let reason):
            pasted[entry.connection] = nil
            end(connection, reason.map { CloseReason($0) } ?? .logEnds, connection.lastTime, emit)
        }
    }
}
