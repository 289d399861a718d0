// Connects and listens for a moment, to see what clients would see.

internal import Glibc
internal import MSNP
internal import NIOCore
internal import NIOPosix
internal import Relay

/// Connection attempts on some event loops.
struct Network: Sendable {
    let group: any EventLoopGroup
    let patience: TimeAmount

    /// Listens at an address. The caller closes the channel.
    func listen(at address: HostPort) async -> (fact: ListenFact, channel: (any Channel)?) {
        guard let place = try? AddressLookup.addresses(of: address).first else {
            return (.failed("\(address.host) does not resolve"), nil)
        }
        do {
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { $0.close() }
                .bind(to: place).get()
            return (.free, channel)
        } catch let error as IOError {
            switch error.errnoCode {
            case EADDRINUSE: return (.taken(by: PortHolder.find(port: address.port)), nil)
            case EACCES: return (.denied, nil)
            case EADDRNOTAVAIL: return (.elsewhere, nil)
            default: return (.failed(String(cString: strerror(error.errnoCode)).lowercased()), nil)
            }
        } catch {
            return (.failed("\(error)"), nil)
        }
    }

    /// All addresses of a name.
    func addresses(of target: HostPort) async -> Result<[SocketAddress], RelayError> {
        // `getaddrinfo` blocks.
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        defer { pool.shutdownGracefully { _ in } }
        do {
            return .success(try await pool.runIfActive { try AddressLookup.addresses(of: target) })
        } catch let error as RelayError {
            return .failure(error)
        } catch {
            return .success([])
        }
    }

    /// Connects to an address, says something, and takes the beginning of the answer.
    ///
    /// - Parameters:
    ///   - local: the address of this machine to connect from; nil for any.
    ///   - words: what to say; nil to close the connection at once.
    func attempt(
        _ address: SocketAddress, from local: SocketAddress? = nil, saying words: String?
    ) async -> UpstreamFact.Attempt {
        let name = HostPort(address.ipAddress ?? "?", UInt16(clamping: address.port ?? 0))
        var result = UpstreamFact.Attempt(address: name)
        let begin = NIODeadline.now()
        let answer = group.next().makePromise(of: [UInt8].self)
        do {
            var bootstrap = ClientBootstrap(group: group)
                .connectTimeout(patience)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(AnswerHandler(answer))
                    }
                }
            if let local { bootstrap = bootstrap.bind(to: local) }
            let channel = try await bootstrap.connect(to: address).get()
            result.milliseconds = Int((NIODeadline.now() - begin).nanoseconds / 1_000_000)
            if let words {
                channel.writeAndFlush(ByteBuffer(string: words), promise: nil)
                channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
                result.answer = try await answer.futureResult.get()
            }
            try? await channel.close()
        } catch {
            result.failure = Self.describe(error)
        }
        answer.succeed([])
        return result
    }

    /// The IPv4 address of this machine from which a host is reached; nil if there is no route. Nothing is sent.
    func localAddress(towards host: String) async -> String? {
        guard case .success(let found) = await addresses(of: HostPort(host, 9)),
            let target = found.first(where: { $0.protocol == .inet }),
            let channel = try? await DatagramBootstrap(group: group).connect(to: target).get()
        else { return nil }
        let local = channel.localAddress?.ipAddress
        try? await channel.close()
        return local
    }

    private static func describe(_ error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode)).lowercased()
        case ChannelError.connectTimeout(let time): "no answer within \(time.nanoseconds / 1_000_000_000) s"
        default: "\(error)"
        }
    }
}

/// Takes the first line of an answer, or all of it up to the end.
private final class AnswerHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let answer: EventLoopPromise<[UInt8]>
    private let received = NIOLockedBytes()

    init(_ answer: EventLoopPromise<[UInt8]>) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = received.append(Array(unwrapInboundIn(data).readableBytesView))
        let isHTTP = bytes.starts(with: Array("HTTP/".utf8))
        if bytes.count >= ServerAnswer.most || !isHTTP && bytes.contains(0x0A) { answer.succeed(bytes) }
    }

    func channelInactive(context: ChannelHandlerContext) { answer.succeed(received.append([])) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
