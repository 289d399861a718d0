// Splits one direction of an HTTP/1.x connection into heads and bodies, incrementally. Pure.

internal import MSNP

/// One side of a connection that carries HTTP messages one after another (RFC 9112).
///
/// Bodies are returned as they arrive, so that their length needs no memory; heads are held until they are complete.
/// Bytes that are not HTTP, or that follow a gap of unknown content, are skipped up to the next start line.
package struct HTTPStream: Sendable {
    /// The next part of the stream.
    package enum Piece: Equatable, Sendable {
        /// A start line and its headers.
        case head(HTTPHead)
        /// Bytes of the body of the last head, with chunks joined.
        case body([UInt8])
        /// Missing bytes of that body.
        case bodyGap(Int)
        /// The end of the last head's message.
        case end
        /// Synchronisation was lost; at most this many bytes are missing that are in no `bodyGap`.
        case lost(atMost: Int)
    }

    /// The maximum length of a head in bytes.
    package static let mostHeadBytes = 64 << 10
    /// The maximum accepted body length in bytes; gateways never send more than a few KiB.
    package static let mostBodyBytes: UInt64 = 1 << 30
    /// The maximum length in bytes of a start line during a search, and of the line before a chunk.
    private static let mostLineBytes = 4_096

    private enum State: Sendable {
        case head
        case seeking
        case body(left: Int)
        case untilClose
        case chunkLine
        case chunk(left: Int)
        case chunkEnd
        case trailer
        /// The message ended, but `end` was not returned yet.
        case ended
    }

    private let isRequest: Bool
    private var state: State
    private var held: [UInt8] = []

    /// Creates the stream of one side.
    ///
    /// - Parameters:
    ///   - isRequest: whether the side sends requests; otherwise it sends answers.
    ///   - isStart: whether its first byte starts a message; otherwise the first start line is searched.
    package init(isRequest: Bool, isStart: Bool) {
        self.isRequest = isRequest
        state = isStart ? .head : .seeking
    }

    /// The next piece; nil if these bytes contain no further one.
    package mutating func next(_ input: Span<UInt8>, from position: inout Int) -> Piece? {
        while true {
            switch state {
            case .ended:
                state = .head
                return .end
            case .body(left: 0):
                state = .ended
            case .chunk(left: 0):
                state = .chunkEnd
            case .body(let left):
                guard let bytes = consume(left, input, from: &position) else { return nil }
                state = .body(left: left - bytes.count)
                return .body(bytes)
            case .chunk(let left):
                guard let bytes = consume(left, input, from: &position) else { return nil }
                state = .chunk(left: left - bytes.count)
                return .body(bytes)
            case .untilClose:
                return consume(.max, input, from: &position).map { .body($0) }
            case .head:
                if let piece = readHead(input, from: &position) { return piece }
                guard position < input.count else { return nil }
            case .seeking:
                guard seek(input, from: &position) else { return nil }
            case .chunkLine, .chunkEnd, .trailer:
                guard let line = readLine(input, from: &position) else {
                    guard held.count >= Self.mostLineBytes else { return nil }
                    return loseSynchronisation()
                }
                if let piece = read(chunkLine: line) { return piece }
            }
        }
    }

    /// Handles missing bytes at the current position.
    package mutating func receiveGap(_ count: Int) -> [Piece] {
        guard count > 0 else { return [] }
        switch state {
        case .body(let left) where count <= left:
            state = .body(left: left - count)
            return [.bodyGap(count)]
        case .chunk(let left) where count <= left:
            state = .chunk(left: left - count)
            return [.bodyGap(count)]
        case .untilClose: return [.bodyGap(count)]
        case .body(let left), .chunk(let left):
            held = []
            state = .seeking
            return (left > 0 ? [.bodyGap(left)] : []) + [.end, .lost(atMost: count - left)]
        case .ended:
            state = .seeking
            return [.end, .lost(atMost: count)]
        case .chunkLine, .chunkEnd, .trailer, .head, .seeking:
            held = []
            state = .seeking
            return [.lost(atMost: count)]
        }
    }

    /// Handles the end of the connection: completes the current message.
    package mutating func finish() -> [Piece] {
        defer { state = .seeking }
        switch state {
        case .body(let left) where left > 0, .chunk(let left) where left > 0: return [.bodyGap(left), .end]
        case .untilClose, .body, .chunk, .chunkLine, .chunkEnd, .trailer, .ended: return [.end]
        case .head, .seeking: return []
        }
    }

    private mutating func consume(_ most: Int, _ input: Span<UInt8>, from position: inout Int) -> [UInt8]? {
        guard position < input.count else { return nil }
        let bytes = [UInt8](copying: input, from: position, count: most)
        position += bytes.count
        return bytes
    }

    private mutating func loseSynchronisation() -> Piece {
        held = []
        state = .seeking
        return .lost(atMost: 0)
    }
}

// MARK: - Heads

extension HTTPStream {
    /// Reads bytes up to the empty line after a head.
    private mutating func readHead(_ input: Span<UInt8>, from position: inout Int) -> Piece? {
        while position < input.count {
            let byte = input[position]
            // Some clients send a line end after a body that its length does not count.
            if held.isEmpty, byte == 0x0D || byte == 0x0A {
                position += 1
                continue
            }
            held.append(byte)
            position += 1
            if byte == 0x0A, isHeadWhole {
                guard let head = HTTPHead(held, isRequest: isRequest) else { return loseSynchronisation() }
                return begin(head)
            }
            if held.count >= Self.mostHeadBytes { return loseSynchronisation() }
            if held.count == 8, !mayStart { return loseSynchronisation() }
        }
        return nil
    }

    private var isHeadWhole: Bool { held.suffix(2) == [0x0A, 0x0A] || held.suffix(3) == [0x0A, 0x0D, 0x0A] }

    /// Whether the first bytes held can begin a start line.
    private var mayStart: Bool {
        if !isRequest { return held.starts(with: "HTTP/1.".utf8) }
        let method = held.prefix { $0 != 0x20 }
        return !method.isEmpty && method.allSatisfy { $0 &- 0x41 < 26 }
    }

    /// Decides how the body after a head ends (RFC 9112 section 6.3).
    private mutating func begin(_ head: HTTPHead) -> Piece {
        held = []
        if !isRequest, head.status < 200 || head.status == 204 || head.status == 304 {
            state = .ended
        } else if head.isChunked {
            state = .chunkLine
        } else if let length = head.contentLength {
            guard length <= Self.mostBodyBytes else { return loseSynchronisation() }
            state = .body(left: Int(length))
        } else {
            state = isRequest ? .ended : .untilClose
        }
        return .head(head)
    }

    /// Searches the next start line, also in the middle of a line: a body needs no line end.
    ///
    /// - Returns: whether one was found.
    private mutating func seek(_ input: Span<UInt8>, from position: inout Int) -> Bool {
        while position < input.count {
            held.append(input[position])
            position += 1
            if held.last == 0x0A {
                if let start = HTTPHead.startLine(in: held, isRequest: isRequest) {
                    held.removeFirst(start)
                    state = .head
                    return true
                }
                held.removeAll(keepingCapacity: true)
            } else if held.count >= 2 * Self.mostLineBytes {
                held.removeFirst(Self.mostLineBytes)
            }
        }
        return false
    }
}

// MARK: - Chunks

extension HTTPStream {
    private mutating func readLine(_ input: Span<UInt8>, from position: inout Int) -> [UInt8]? {
        while position < input.count, held.count < Self.mostLineBytes {
            held.append(input[position])
            position += 1
            guard held.last == 0x0A else { continue }
            defer { held = [] }
            return Array(held.dropLast(held.suffix(2) == [0x0D, 0x0A] ? 2 : 1))
        }
        return nil
    }

    /// Handles a line between chunks: the next chunk's size, the end of the last one, or a trailer (RFC 9112 section
    /// 7.1).
    private mutating func read(chunkLine line: [UInt8]) -> Piece? {
        switch state {
        case .chunkEnd:
            guard line.isEmpty else { return loseSynchronisation() }
            state = .chunkLine
        case .trailer:
            if line.isEmpty { state = .ended }
        default:
            let digits = line.prefix { $0 != 0x3B && $0 != 0x20 && $0 != 0x09 }
            guard digits.count <= 8, let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0,
                UInt64(size) <= Self.mostBodyBytes, digits.first != 0x2B
            else { return loseSynchronisation() }
            state = size == 0 ? .trailer : .chunk(left: size)
        }
        return nil
    }
}
