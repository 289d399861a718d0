// TCP connections as captured packets.

/// A TCP connection between two IPv4 hosts; every packet can be changed before it is written.
package struct TCPConversation: Sendable {
    package var packets: [CapturedPacket] = []
    /// The time of the last packet, in nanoseconds since 1970.
    package var now: Int64 = 1_100_000_000_000_000_000
    /// Nanoseconds from packet to packet.
    package var interval: Int64 = 10_000_000
    package var client: (host: [UInt8], port: Int)
    package var server: (host: [UInt8], port: Int)
    /// The next sequence numbers.
    package var clientNext: UInt32
    package var serverNext: UInt32
    /// Wraps an IP packet for the link; in Ethernet unless changed.
    package var wrap: @Sendable ([UInt8]) -> [UInt8] = { [UInt8](repeating: 0xEE, count: 12) + [8, 0] + $0 }

    package static let fin = 0x01
    package static let syn = 0x02
    package static let rst = 0x04
    package static let ack = 0x10

    /// - Parameters:
    ///   - client: the client's port.
    ///   - clientHost: the client is 10.0.0.`clientHost`.
    ///   - server: the server's port.
    ///   - serverHost: the server is 10.0.0.`serverHost`.
    ///   - start: the sequence number of the client's first byte.
    ///   - serverStart: the sequence number of the server's first byte.
    package init(
        client: Int = 1025, from clientHost: UInt8 = 1, server: Int = 1863, at serverHost: UInt8 = 2,
        start: UInt32 = 1000, serverStart: UInt32 = 9000
    ) {
        self.client = ([10, 0, 0, clientHost], client)
        self.server = ([10, 0, 0, serverHost], server)
        clientNext = start
        serverNext = serverStart
    }

    package mutating func handshake() {
        clientNext &-= 1
        serverNext &-= 1
        send(fromClient: true, [], flags: Self.syn)
        clientNext &+= 1
        send(fromClient: false, [], flags: Self.syn | Self.ack)
        serverNext &+= 1
        send(fromClient: true, [])
    }

    /// A segment of the client or of the server.
    package mutating func c(_ text: String, captured: Int? = nil) {
        transmit(true, Array(text.utf8), captured: captured)
    }
    package mutating func s(_ text: String, captured: Int? = nil) {
        transmit(false, Array(text.utf8), captured: captured)
    }

    /// A segment with these bytes, of which the first `captured` are in the capture.
    package mutating func transmit(_ fromClient: Bool, _ bytes: [UInt8], captured: Int? = nil) {
        send(fromClient: fromClient, bytes, captured: captured)
        omit(fromClient, bytes.count)
    }

    /// Leaves bytes out of the capture.
    package mutating func omit(_ fromClient: Bool, _ count: Int) {
        if fromClient { clientNext &+= UInt32(count) } else { serverNext &+= UInt32(count) }
    }

    package mutating func close() {
        send(fromClient: true, [], flags: Self.fin | Self.ack)
        clientNext &+= 1
        send(fromClient: false, [], flags: Self.fin | Self.ack)
        serverNext &+= 1
        send(fromClient: true, [])
    }

    /// A packet that does not move the sequence numbers.
    package mutating func send(
        fromClient: Bool, _ payload: [UInt8], flags: Int = Self.ack, captured: Int? = nil
    ) {
        now += interval
        let (from, to) = fromClient ? (client, server) : (server, client)
        let sequence = fromClient ? clientNext : serverNext
        let acknowledged = flags & Self.ack == 0 ? 0 : fromClient ? serverNext : clientNext
        let tcp =
            big(from.port, 2) + big(to.port, 2) + big(Int(sequence), 4) + big(Int(acknowledged), 4) + [
                0x50, UInt8(flags),
            ]
            + big(8192, 2) + big(0, 4)
        let head: [UInt8] = [0x45, 0] + big(40 + payload.count, 2) + [0, 7, 0, 0, 64, 6, 0, 0]
        let bytes = wrap(head + from.host + to.host + tcp + payload)
        let kept = bytes.count - payload.count + min(payload.count, captured ?? payload.count)
        packets.append(CapturedPacket(time: now, bytes: Array(bytes.prefix(kept)), wireLength: bytes.count))
    }
}

extension TCPConversation {
    /// A switchboard with a handshake, two messages and an end.
    package static func switchboard(
        client: Int = 1025, text: String = "hello", dialogue: (inout TCPConversation) -> Void = { _ in }
    ) -> TCPConversation {
        var conversation = TCPConversation(client: client)
        conversation.handshake()
        conversation.c("USR 1 anna@example.com 17.4\r\n")
        conversation.s("USR 1 OK anna@example.com Anna\r\n")
        conversation.c("CAL 2 ben@example.com\r\n")
        conversation.s("CAL 2 RINGING 11\r\nJOI ben@example.com Ben\r\n")
        conversation.c(message(text, transaction: 3))
        conversation.s(message("hi", from: "ben@example.com Ben"))
        dialogue(&conversation)
        conversation.c("OUT\r\n")
        conversation.close()
        return conversation
    }

    /// A message command of the client, with its transaction identifier, or of the server, with its sender.
    package static func message(
        _ text: String, transaction: Int? = nil, from: String = "", headers: String = ""
    ) -> String {
        let payload = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\(headers)\r\n\(text)"
        let who = transaction.map { "\($0) N" } ?? from
        return "MSG \(who) \(payload.utf8.count)\r\n\(payload)"
    }

    package static let switchboardLines = [
        "C: USR 1 anna@example.com 17.4", "S: USR 1 OK anna@example.com Anna", "C: CAL 2 ben@example.com",
        "S: CAL 2 RINGING 11", "S: JOI ben@example.com Ben",
    ]
}
