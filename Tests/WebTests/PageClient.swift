// A small HTTP client of its own: it sends exactly what a test wants, and reads one answer.

import MSNP
import NIOCore
import NIOPosix
import Testing

@testable import Web

/// An answer as it came.
struct Reply: Sendable {
    var status = 0
    var fields: [(name: String, value: String)] = []
    var body: [UInt8] = []

    var text: String { String(decoding: body, as: UTF8.self) }

    func value(_ name: String) -> String? { fields.first { $0.name.lowercased() == name.lowercased() }?.value }

    /// Reads an answer from bytes; nil while it is not complete.
    ///
    /// - Parameter isClosed: whether nothing more comes.
    init?(_ bytes: [UInt8], isClosed: Bool, hasBody: Bool = true) {
        let end: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        guard let split = bytes.firstRange(of: end) else { return nil }
        let lines = String(decoding: bytes[..<split.lowerBound], as: UTF8.self).split(separator: "\r\n")
        status = Int(lines.first?.split(separator: " ").dropFirst().first ?? "") ?? 0
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            fields.append((String(parts[0]), parts.count > 1 ? parts[1].drop { $0 == " " }.description : ""))
        }
        body = Array(bytes[split.upperBound...])
        if value("transfer-encoding") == "chunked" {
            guard isClosed || body.suffix(5) == [0x30, 0x0D, 0x0A, 0x0D, 0x0A] else { return nil }
            body = Self.joined(body)
        } else if hasBody, let length = value("content-length").flatMap({ Int($0) }) {
            guard body.count >= length || isClosed else { return nil }
        } else if hasBody, status != 204, status != 304 {
            guard isClosed else { return nil }
        }
    }

    private static func joined(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes[...]
        while let end = rest.firstRange(of: [0x0D, 0x0A]) {
            let count = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16) ?? 0
            guard count > 0 else { break }
            result += rest[end.upperBound...].prefix(count)
            rest = rest[end.upperBound...].dropFirst(count + 2)
        }
        return result
    }
}

/// One connection to a page.
final class RawConnection: Sendable {
    private let channel: any Channel
    private let received: AsyncStream<[UInt8]>

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let continuation: AsyncStream<[UInt8]>.Continuation

        init(_ continuation: AsyncStream<[UInt8]>.Continuation) { self.continuation = continuation }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            continuation.yield(Array(unwrapInboundIn(data).readableBytesView))
        }

        func channelInactive(context: ChannelHandlerContext) { continuation.finish() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    init(port: Int) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        received = stream
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    deinit { channel.close(promise: nil) }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

    /// Stops and starts reading, for a client that takes nothing.
    func setReads(_ reads: Bool) async throws {
        try await channel.setOption(.autoRead, value: reads).get()
    }

    /// Reads one answer; nil if the connection ended before it was complete.
    func reply(hasBody: Bool = true) async -> Reply? {
        var bytes: [UInt8] = []
        for await part in received {
            bytes += part
            if let reply = Reply(bytes, isClosed: false, hasBody: hasBody) { return reply }
        }
        return Reply(bytes, isClosed: true, hasBody: hasBody)
    }

    /// Waits for a text; false if the connection ends before.
    func wait(for text: String) async -> Bool {
        var bytes: [UInt8] = []
        for await part in received {
            bytes += part
            if bytes.firstRange(of: Array(text.utf8)) != nil { return true }
        }
        return false
    }

    /// Waits until the other side closes the connection.
    func waitForEnd() async { for await _ in received {} }

    func close() async { try? await channel.close() }
}

/// Sends requests to a page as one of its readers.
struct PageClient: Sendable {
    let port: Int
    /// Sent with each request, unless it is replaced.
    var fields: [String: String]

    /// A client that gives the token with each request.
    init(_ page: TestPage) { self.init(port: Int(page.server.address.port), token: page.token) }

    init(port: Int, token: String) {
        self.port = port
        fields = ["Host": "127.0.0.1:\(port)", "Authorization": "Bearer \(token)"]
    }

    func with(_ changes: [String: String?]) -> PageClient {
        var copy = self
        for (name, value) in changes { copy.fields[name] = value }
        return copy
    }

    func get(_ path: String) async throws -> Reply { try await send("GET", path) }

    func send(_ method: String, _ path: String, body: String? = nil) async throws -> Reply {
        var text = "\(method) \(path) HTTP/1.1\r\nConnection: close\r\n"
        for (name, value) in fields { text += "\(name): \(value)\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        let connection = try await RawConnection(port: port)
        try await connection.send("\(text)\r\n\(body ?? "")")
        return try #require(await connection.reply(hasBody: method != "HEAD"))
    }

    /// A JSON object.
    func object(_ path: String) async throws -> [String: Any] {
        let reply = try await get(path)
        #expect(reply.status == 200, "\(path): \(reply.text)")
        return try json(reply.body)
    }
}
