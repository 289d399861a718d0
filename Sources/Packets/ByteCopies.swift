// Bulk copies between bounds-checked byte ranges: the only unsafe code of this module.

extension [UInt8] {
    /// Adds all bytes of a span behind the last element.
    mutating func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { source in
            unsafe append(contentsOf: source)
        }
    }

    /// Overwrites existing elements from `index` on with all bytes of a span, which must fit.
    mutating func overwrite(at index: Int, with bytes: Span<UInt8>) {
        precondition(index >= 0 && bytes.count <= count - index)
        unsafe bytes.withUnsafeBufferPointer { source in
            unsafe withUnsafeMutableBufferPointer { target in
                let part = unsafe UnsafeMutableBufferPointer(rebasing: target[index...])
                _ = unsafe part.update(fromContentsOf: source)
            }
        }
    }
}
