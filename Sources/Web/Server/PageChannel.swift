// The pipeline of one connection of the page, with its limits.

import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Limits of connections and requests.
struct ServerLimits: Sendable {
    /// How long a connection may say nothing.
    var idle = TimeAmount.seconds(30)
    /// How long a client may take nothing of its answer.
    var write = TimeAmount.seconds(30)
    /// How long a body may take in all.
    var body = TimeAmount.seconds(10)
    var connections = 64
    var backlog = 64
    static let headerField = 8_192
    static let headers = 16_384
    static let headerCount = 64
    /// The largest body in bytes.
    static let mostBody = 4_096
}

/// Sets up connections. Hummingbird's own channel has no place for handlers below HTTP.
struct PageChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let http: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
        let presence: ClientPresence
        var channel: any Channel { http.channel }
    }

    let limits: ServerLimits
    let respond: @Sendable (Request, consuming ResponseWriter, ClientPresence) async throws -> Void

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            let presence = ClientPresence()
            try pipeline.addHandler(WriteTimeoutHandler(timeout: limits.write))
            try pipeline.addHandler(PresenceHandler(presence))
            var decoder = NIOHTTPDecoderLimitConfiguration()
            decoder.maxHeaderFieldSize = ServerLimits.headerField
            decoder.maxHeaderListSize = ServerLimits.headers
            decoder.maxHeaderFieldCount = ServerLimits.headerCount
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: true,
                withEncoderConfiguration: .init(), withDecoderLimitConfiguration: decoder)
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            try pipeline.addHandler(ParseErrorHandler())
            try pipeline.addHandler(
                HTTPConnectionStateHandler(idleTimeout: .nanoseconds(limits.idle.nanoseconds), logger: logger))
            let http = try NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>(
                wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
            return Value(http: http, presence: presence)
        }
    }

    func handle(value: Value, logger: Logger) async {
        let respond = respond
        let connection = HTTP1Channel(responder: { request, writer, _ in
            try await respond(request, writer, value.presence)
        })
        await connection.handleHTTP(asyncChannel: value.http, logger: logger)
    }
}
