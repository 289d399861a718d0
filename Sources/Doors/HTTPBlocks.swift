// Cuts one direction of an HTTP connection into blocks, always at the same places however the bytes arrive. Pure.

internal import MSNP

/// Cuts one side of an HTTP connection into blocks: each head, and each body in parts of 16 KiB.
///
/// The cuts depend on the bytes only, so a relay and a capture of the same connection have the same blocks.
package struct HTTPBlocks: Sendable {
    /// The maximum length of a block in bytes, and so of what is held.
    package static let mostBytes = 16 << 10

    private var stream: HTTPStream
    private var held: [UInt8] = []

    /// - Parameter isRequest: whether the side sends requests; otherwise it sends answers.
    package init(isRequest: Bool) { stream = HTTPStream(isRequest: isRequest, isStart: true) }

    /// The next complete block; nil if these bytes complete no further one.
    package mutating func next(_ input: Span<UInt8>, from position: inout Int) -> [UInt8]? {
        while true {
            let start = position
            let end = start + min(Self.mostBytes - held.count, input.count - start)
            let piece = stream.next(input.extracting(0..<end), from: &position)
            held.append(copying: input, from: start, count: position - start)
            switch piece {
            case .head?, .end?, .lost?: if !held.isEmpty { return take() }
            case .body?, .bodyGap?: if held.count >= Self.mostBytes { return take() }
            case nil:
                if held.count >= Self.mostBytes { return take() }
                return nil
            }
        }
    }

    /// Handles missing bytes. Returns the block before them, if any.
    package mutating func receiveGap(_ count: Int) -> [UInt8]? {
        _ = stream.receiveGap(count)
        return held.isEmpty ? nil : take()
    }

    /// Ends the direction. Returns the incomplete block, if any.
    package mutating func finish() -> [UInt8]? { held.isEmpty ? nil : take() }

    private mutating func take() -> [UInt8] {
        defer { held = [] }
        return held
    }
}
