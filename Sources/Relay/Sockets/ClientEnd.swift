// The client's side of a relayed connection: its socket, or a session of the HTTP gateway.

internal import NIOCore

/// Where a relayed connection's client is.
enum ClientEnd {
    case socket(any Channel)
    case gateway(GatewayClient)

    /// The socket; nil for a session of the gateway.
    var channel: (any Channel)? {
        if case .socket(let channel) = self { return channel }
        return nil
    }

    /// The session of the gateway; nil for a socket.
    var gateway: GatewayClient? {
        if case .gateway(let client) = self { return client }
        return nil
    }

    var loop: any EventLoop {
        switch self {
        case .socket(let channel): channel.eventLoop
        case .gateway(let client): client.loop
        }
    }

    /// The client's address; of a gateway's client, that of the connection that opened the session.
    var remoteAddress: SocketAddress? {
        switch self {
        case .socket(let channel): channel.remoteAddress
        case .gateway(let client): client.remoteAddress
        }
    }

    /// The address at which the client reached the relay.
    var localAddress: SocketAddress? {
        switch self {
        case .socket(let channel): channel.localAddress
        case .gateway(let client): client.localAddress
        }
    }

    var isActive: Bool {
        switch self {
        case .socket(let channel): channel.isActive
        case .gateway(let client): client.isActive
        }
    }

    var isWritable: Bool {
        switch self {
        case .socket(let channel): channel.isWritable
        case .gateway(let client): client.isWritable
        }
    }

    /// What the limits of clients know it by.
    var id: ObjectIdentifier {
        switch self {
        case .socket(let channel): ObjectIdentifier(channel)
        case .gateway(let client): ObjectIdentifier(client)
        }
    }

    func read() {
        switch self {
        case .socket(let channel): channel.read()
        case .gateway(let client): client.read()
        }
    }

    func close() {
        switch self {
        case .socket(let channel): channel.close(promise: nil)
        case .gateway(let client): client.close()
        }
    }
}
