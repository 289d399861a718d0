// An HTTP request or answer beside MSNP, as events contain it.

package import MSNP

/// A request of a client's sign-in, contact list or offline messages over plain HTTP, or the answer to one.
package struct HTTPMessage: Sendable, Hashable {
    /// The side that sent it.
    package var side: Side
    /// The head, then the beginning of the body without the framing of chunks.
    package var bytes: ByteSlice
    /// The index at which the body begins.
    package var bodyStart: Int
    /// The length of the whole body in bytes.
    package var bodyBytes: UInt64
    /// Whether no byte of it is missing.
    package var isComplete: Bool
    /// For an answer: method and path of the request, if it was seen.
    package var request: String?
    /// For an answer: the nanoseconds since the request; nil if unknown.
    package var latency: Int64?

    package init(
        side: Side, bytes: ByteSlice, bodyStart: Int, bodyBytes: UInt64, isComplete: Bool, request: String? = nil,
        latency: Int64? = nil
    ) {
        self.side = side
        self.bytes = bytes
        self.bodyStart = bodyStart
        self.bodyBytes = bodyBytes
        self.isComplete = isComplete
        self.request = request
        self.latency = latency
    }

    /// The part of the body that is kept.
    package var body: Range<Int> { min(bodyStart, bytes.count)..<bytes.count }

    /// Whether the body is longer than what is kept of it.
    package var isBodyCut: Bool { bodyBytes > UInt64(body.count) }

    /// The byte ranges of the start line and of each header line, without line ends.
    package var lines: [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        while start < body.lowerBound {
            let feed = bytes.span.first(0x0A, from: start, to: body.lowerBound)
            let end = feed > start && bytes[feed - 1] == 0x0D ? feed - 1 : feed
            if end > start { lines.append(start..<end) }
            start = feed + 1
        }
        return lines
    }

    /// The byte ranges of the three words of the start line; fewer if it has fewer. The third one may have blanks.
    package var words: [Range<Int>] {
        guard let line = lines.first else { return [] }
        return bytes[line].split(separator: 0x20, maxSplits: 2).map { $0.startIndex..<$0.endIndex }
    }

    /// A word of the start line as text; nil if there are fewer.
    package func word(_ index: Int) -> String? {
        let words = words
        return words.indices.contains(index) ? String(decoding: bytes[words[index]], as: UTF8.self) : nil
    }

    /// The method of a request; nil for answers.
    package var method: String? { side == .client ? word(0) : nil }

    /// The path of a request, without its query, which may hold a ticket; for an answer the method and path of its request.
    package var path: String? { side == .server ? request : word(1).map { String($0.prefix { $0 != "?" }) } }

    /// The status of an answer; nil for requests.
    package var status: Int? { side == .server ? word(1).flatMap { Int($0) } : nil }
}
