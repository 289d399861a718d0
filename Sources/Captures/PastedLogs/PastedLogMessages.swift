// Reads messages that stand in a pasted log without a command: requests to a gateway, MSNSLP. Pure.

internal import Doors
internal import Events
internal import MSNP

extension PastedLog {
    /// Reads a message and emits it.
    ///
    /// - Returns: the position behind it in the text; nil if the line does not begin one.
    mutating func readMessage(_ line: LogLine, _ next: Int) -> Int? {
        guard !line.key.isNumber, let message = LogMessage(text, line.content, next: next) else { return nil }
        let isGateways =
            switch message.kind {
            case .slp: true
            case .httpRequest: HTTPHead(message.head, isRequest: true)?.isToGateway == true
            case .httpAnswer: HTTPHead(message.head, isRequest: false)?.isOfGateway == true
            }
        guard isGateways else { return nil }
        var finding: Finding?
        let side: Side =
            message.kind == .httpAnswer ? .server : message.kind == .httpRequest ? .client : side(of: message)
        if let claimed = message.claimed, claimed != message.body.count {
            finding = Finding(
                .lengthMismatch,
                "The headers announce a body of \(claimed) bytes; the log has \(message.body.count).",
                side: side)
        }
        if message.kind == .slp {
            let key = LogKey.tag(Array("MSNSLP".utf8))
            let connection =
                open[key]?.index ?? begin(key, .opened(number: nil, role: .peerToPeer, client: nil, server: nil))
            send(.slp(message.head + message.body, side), on: connection)
            if let finding { send(.finding(finding), on: connection) }
        } else {
            let connection = carry(message.bytes, side, line)
            if message.missing > 0 { send(.carriedGap(message.missing, side), on: connection) }
            if let finding { send(.finding(finding), on: connection) }
        }
        return message.end
    }

    /// Emits bytes of an HTTP connection to a gateway.
    ///
    /// - Returns: the connection.
    @discardableResult
    mutating func carry(_ bytes: [UInt8], _ side: Side, _ line: LogLine) -> Int {
        let key = carrierKey(line.key)
        let host = Headers.value(of: "host", in: ByteSlice(bytes)).flatMap {
            HostPort(String(decoding: bytes[$0], as: UTF8.self), 80)
        }
        let connection =
            open[key]?.index ?? begin(key, .opened(number: nil, role: .http, client: nil, server: host))
        send(.carried(bytes, side), on: connection)
        return connection
    }

    /// The name of the HTTP connection that carries a connection with this name.
    func carrierKey(_ key: LogKey) -> LogKey {
        if case .tag(let tag) = key { return .tag(Array("HTTP ".utf8) + tag) }
        return .tag(Array("HTTP".utf8))
    }

    /// The side of an MSNSLP message: the sender of the first one is the client.
    private mutating func side(of message: LogMessage) -> Side {
        let sender = Headers.value(of: "from", in: ByteSlice(message.head)).map { Array(message.head[$0]) } ?? []
        let first = slpSender ?? sender
        slpSender = first
        return first == sender ? .client : .server
    }
}
