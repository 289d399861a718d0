// Puts the HTTP messages of a connection together from their recorded blocks.

internal import Doors
internal import Events
internal import MSNP

/// Reads requests and answers of one connection. Relay, capture reader and archive pass the same blocks.
struct HTTPReader: Sendable {
    /// The maximum bytes that are kept of a body. Longer ones are counted; the recording has all of them.
    static let mostBodyBytes = PerSide(client: 64 << 10, server: 256 << 10)
    /// The maximum number of requests that wait for their answers.
    private static let mostRequests = 64

    /// A message whose end has not been seen yet.
    private struct Draft: Sendable {
        var message: HTTPMessage
        var bytes: [UInt8]
    }

    private struct Request: Sendable {
        var name: String
        var time: Timestamp
    }

    private var streams = PerSide(
        client: HTTPStream(isRequest: true, isStart: true), server: HTTPStream(isRequest: false, isStart: true))
    private var drafts = PerSide<Draft?>(both: nil)
    private var requests: [Request] = []
    /// Whether answers can no longer be matched with their requests.
    private var isOutOfStep = false

    /// Reads the next block of a side.
    ///
    /// - Returns: the messages that it completes.
    mutating func take(_ bytes: ByteSlice, from side: Side, at time: Timestamp) -> [HTTPMessage] {
        var messages: [HTTPMessage] = []
        var position = 0
        while let piece = streams[side].next(bytes.span, from: &position) {
            if let message = take(piece, from: side, at: time) { messages.append(message) }
        }
        return messages
    }

    /// Handles missing bytes of a side.
    ///
    /// - Returns: the messages that they end.
    mutating func lose(_ count: UInt64, from side: Side, at time: Timestamp) -> [HTTPMessage] {
        streams[side].receiveGap(Int(clamping: count)).compactMap { take($0, from: side, at: time) }
    }

    /// Ends the connection.
    ///
    /// - Returns: the messages that end with it.
    mutating func finish() -> [HTTPMessage] {
        var messages: [HTTPMessage] = []
        for side in Side.allCases {
            for piece in streams[side].finish() {
                if let message = take(piece, from: side, at: nil) { messages.append(message) }
            }
        }
        return messages
    }

    private mutating func take(_ piece: HTTPStream.Piece, from side: Side, at time: Timestamp?) -> HTTPMessage? {
        switch piece {
        case .head(let head):
            var message = HTTPMessage(
                side: side, bytes: [], bodyStart: head.bytes.count, bodyBytes: 0, isComplete: true)
            if side == .client { note(head, at: time) } else { match(head, at: time, &message) }
            drafts[side] = Draft(message: message, bytes: head.bytes)
        case .body(let bytes):
            guard var draft = drafts[side] else { return nil }
            drafts[side] = nil
            draft.message.bodyBytes &+= UInt64(bytes.count)
            let room = Self.mostBodyBytes[side] - (draft.bytes.count - draft.message.bodyStart)
            // Behind missing bytes the rest would be in the wrong place.
            if draft.message.isComplete, room > 0 { draft.bytes += bytes.prefix(room) }
            drafts[side] = draft
        case .bodyGap(let count):
            drafts[side]?.message.bodyBytes &+= UInt64(count)
            drafts[side]?.message.isComplete = false
        case .lost: isOutOfStep = true
        case .end:
            guard let draft = drafts[side] else { return nil }
            drafts[side] = nil
            if side == .client, let time, let last = requests.indices.last { requests[last].time = time }
            var message = draft.message
            message.bytes = ByteSlice(draft.bytes)
            return message
        }
        return nil
    }

    private mutating func note(_ head: HTTPHead, at time: Timestamp?) {
        guard requests.count < Self.mostRequests, let time else {
            isOutOfStep = true
            return
        }
        // The query may hold a ticket.
        requests.append(Request(name: "\(head.method) \(head.target.prefix { $0 != "?" })", time: time))
    }

    /// Names the request that an answer belongs to. Answers come in the order of their requests.
    private mutating func match(_ head: HTTPHead, at time: Timestamp?, _ message: inout HTTPMessage) {
        guard !isOutOfStep, let request = requests.first else { return }
        message.request = request.name
        if let time, !time.isStandIn, !request.time.isStandIn {
            message.latency = max(0, time.nanoseconds &- request.time.nanoseconds)
        }
        // An interim answer is followed by the final one.
        if head.status >= 200 || head.status == 101 { requests.removeFirst() }
    }
}
