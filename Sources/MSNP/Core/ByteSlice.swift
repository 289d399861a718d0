// A range of shared bytes: what frames, payloads, headers and arguments are made of.

/// A range of bytes in shared storage, such as a batch of captured segments. A copy costs one reference.
///
/// Index 0 is the first byte of what the slice was cut out of with `part`, usually a frame. Slices of a slice keep its
/// indices, as those of an array do. An index outside of the slice stops the program, even if the storage has a byte
/// there.
///
/// A slice keeps all of its storage in memory. Whatever keeps bytes for longer than the work on their batch keeps
/// `detached()` ones.
@frozen
public struct ByteSlice: Sendable {
    @usableFromInline let storage: [UInt8]
    // 32 bits: no run of bytes is larger, and frames and events stay small. `start <= end`, and `base + end` is at most
    // the number of bytes of the storage.
    /// The place of index 0 in the storage.
    @usableFromInline let base: UInt32
    @usableFromInline let start: UInt32
    @usableFromInline let end: UInt32

    @inlinable
    init(_ storage: [UInt8], base: UInt32, start: UInt32, end: UInt32) {
        self.storage = storage
        self.base = base
        self.start = start
        self.end = end
    }

    /// All bytes of an array of less than 4 GiB.
    @inlinable
    public init(_ bytes: [UInt8]) { self.init(bytes, base: 0, start: 0, end: UInt32(bytes.count)) }

    /// A copy of bytes, such as those of a text.
    @inlinable
    public init(_ bytes: some Sequence<UInt8>) { self.init(Array(bytes)) }

    /// Bytes of an input: a part of its owner, or a copy if it has none.
    ///
    /// - Parameters:
    ///   - input: all bytes of the owner.
    ///   - position: the number of bytes of the input before them.
    package init(_ input: Span<UInt8>, of owner: ByteSlice?, from position: Int, count: Int) {
        if let owner {
            let start = owner.startIndex &+ position
            self = owner.part(start..<(start &+ count))
        } else {
            self.init([UInt8](copying: input, from: position, count: count))
        }
    }

    /// The bytes at these indices, with indices of their own that begin at 0.
    @inlinable
    public func part(_ bounds: Range<Int>) -> ByteSlice {
        check(bounds)
        return ByteSlice(
            storage, base: base &+ UInt32(truncatingIfNeeded: bounds.lowerBound), start: 0,
            end: UInt32(truncatingIfNeeded: bounds.count))
    }

    /// The same bytes in storage that has no others; the indices begin at 0.
    public func detached() -> ByteSlice { count == storage.count ? self : ByteSlice(Array(self)) }

    /// The bytes, borrowed.
    @inlinable
    public var span: Span<UInt8> {
        @inline(__always) @_lifetime(borrow self)
        get { storage.span.extracting(Int(base &+ start)..<Int(base &+ end)) }
    }

    @inlinable
    func check(_ bounds: Range<Int>) {
        precondition(bounds.lowerBound >= Int(start) && bounds.upperBound <= Int(end), "bytes outside of the slice")
    }
}

// MARK: - As a collection

extension ByteSlice: RandomAccessCollection {
    /// The index of the first byte.
    @inlinable public var startIndex: Int { Int(start) }
    /// The index behind the last byte.
    @inlinable public var endIndex: Int { Int(end) }
    /// The number of bytes.
    @inlinable public var count: Int { Int(end &- start) }
    /// Whether there are no bytes.
    @inlinable public var isEmpty: Bool { start == end }
    /// The next index.
    @inlinable public func index(after index: Int) -> Int { index &+ 1 }
    /// The index before.
    @inlinable public func index(before index: Int) -> Int { index &- 1 }

    /// The byte at an index.
    @inlinable
    public subscript(index: Int) -> UInt8 {
        precondition(index >= Int(start) && index < Int(end), "a byte outside of the slice")
        return storage[Int(base) &+ index]
    }

    /// The bytes at these indices, which stay the same.
    @inlinable
    public subscript(bounds: Range<Int>) -> ByteSlice {
        check(bounds)
        return ByteSlice(
            storage, base: base, start: UInt32(truncatingIfNeeded: bounds.lowerBound),
            end: UInt32(truncatingIfNeeded: bounds.upperBound))
    }

    /// The index of the first byte with this value.
    public func firstIndex(of byte: UInt8) -> Int? {
        let found = span.first(byte, from: 0, to: count)
        return found < count ? startIndex &+ found : nil
    }

    /// Whether any byte has this value.
    public func contains(_ byte: UInt8) -> Bool { span.first(byte, from: 0, to: count) < count }

    /// Iterates over the bytes.
    @frozen
    public struct Iterator: IteratorProtocol, Sendable {
        @usableFromInline let bytes: ByteSlice
        @usableFromInline var position: Int

        @inlinable
        init(_ bytes: ByteSlice, from position: Int) {
            self.bytes = bytes
            self.position = position
        }

        /// The next byte.
        @inlinable
        public mutating func next() -> UInt8? {
            guard position < bytes.endIndex else { return nil }
            defer { position &+= 1 }
            return bytes.storage[Int(bytes.base) &+ position]
        }
    }

    /// Starts at the first byte.
    @inlinable
    public func makeIterator() -> Iterator { Iterator(self, from: startIndex) }
}

// MARK: - As fast as an array

extension ByteSlice {
    /// Conversion to text, and others, in place.
    @inlinable
    public func withContiguousStorageIfAvailable<Result>(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result? {
        let range = Int(base &+ start)..<Int(base &+ end)
        // The range lies within the storage, and the pointer is valid during the call.
        return unsafe try storage.withUnsafeBufferPointer {
            unsafe try body(UnsafeBufferPointer(rebasing: $0[range]))
        }
    }

    /// Copies to arrays.
    @inlinable
    public func _copyContents(initializing target: UnsafeMutableBufferPointer<UInt8>) -> (Iterator, Int) {
        let copied = Swift.min(count, target.count)
        let range = Int(base &+ start)..<(Int(base &+ start) &+ copied)
        // The range lies within the storage, and the target has room for it.
        unsafe storage.withUnsafeBufferPointer {
            _ = unsafe target.initialize(fromContentsOf: $0[range])
        }
        return (Iterator(self, from: startIndex &+ copied), copied)
    }
}

// MARK: - By content

extension ByteSlice: Hashable {
    /// Slices with the same bytes are equal, whatever their indices.
    public static func == (left: ByteSlice, right: ByteSlice) -> Bool { left.span.isEqual(to: right.span) }

    /// Whether the bytes are those of an array.
    public static func == (left: ByteSlice, right: [UInt8]) -> Bool { left.span.isEqual(to: right.span) }

    /// Whether an array has these bytes.
    public static func == (left: [UInt8], right: ByteSlice) -> Bool { left.span.isEqual(to: right.span) }

    /// Equal slices have the same hash.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        // The pointer is valid during the call.
        unsafe span.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
}

extension ByteSlice: ExpressibleByArrayLiteral {
    /// The bytes of a literal.
    @inlinable
    public init(arrayLiteral elements: UInt8...) { self.init(elements) }
}

extension ByteSlice: CustomStringConvertible {
    /// As the description of an array.
    public var description: String { Array(self).description }
}
