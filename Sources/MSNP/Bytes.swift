// Copying bytes out of borrowed memory: the only place where the codec reaches for memory by address.

extension Array where Element == UInt8 {
    /// Copies bytes out of a window; the range is cut down to what is there.
    public init(copying window: Span<UInt8>, from start: Int = 0, count: Int = .max) {
        self = []
        append(copying: window, from: start, count: count)
    }

    /// Copies bytes of a window behind these; the range is cut down to what is there.
    public mutating func append(copying window: Span<UInt8>, from start: Int = 0, count: Int = .max) {
        guard start >= 0, start < window.count, count > 0 else { return }
        let end = start &+ Swift.min(count, window.count &- start)
        // The memory is borrowed for the length of this call and read only within the range checked above.
        unsafe window.extracting(start..<end).withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

extension UInt8 {
    static let space: UInt8 = 0x20
    static let carriageReturn: UInt8 = 0x0D
    static let lineFeed: UInt8 = 0x0A
}
