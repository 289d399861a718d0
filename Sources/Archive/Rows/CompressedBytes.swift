// Compresses the bytes of a block where that pays, in the format of SQLite archives (`sqlar`).

internal import CGzip

/// A blob and the length of its content; a blob that is shorter than that is compressed by zlib.
struct CompressedBytes {
    var blob: ArraySlice<UInt8>
    var length: Int

    /// Below this many bytes compression gains too little.
    private static let fewest = 1_024
    /// The bytes of the sample that is compressed first.
    private static let sample = 4_096
    /// The maximum bytes of one side of a block, with a margin: blocks are cut at 64 KiB, and one frame may have 1 MiB.
    private static let longest = 16 << 20

    /// Bytes as they are, for a block that will be merged with others.
    init(plain bytes: ArraySlice<UInt8>) {
        blob = bytes
        length = bytes.count
    }

    /// Compresses bytes if that saves at least a quarter. For pictures and sounds, which cannot be compressed, only the
    /// sample is tried.
    init(_ bytes: ArraySlice<UInt8>) {
        blob = bytes
        length = bytes.count
        guard bytes.count >= Self.fewest else { return }
        if bytes.count > Self.sample * 2, Self.deflated(bytes.prefix(Self.sample), room: Self.sample * 3 / 4) == nil {
            return
        }
        if let smaller = Self.deflated(bytes, room: bytes.count * 3 / 4) { blob = smaller[...] }
    }

    /// The content of a row.
    init(blob: ArraySlice<UInt8>, length: Int64) {
        self.blob = blob
        self.length = Int(clamping: length)
    }

    /// The uncompressed bytes; nil if blob and length contradict each other.
    var bytes: [UInt8]? {
        guard length != blob.count else { return Array(blob) }
        guard length > blob.count, length <= Self.longest else { return nil }
        // zlib expands one byte to at most 1032.
        guard length / 1_032 <= blob.count else { return nil }
        var isWhole = false
        let result = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            isWhole =
                blob.withUnsafeBytes { butterflynet_inflate($0.baseAddress, $0.count, buffer.baseAddress, length) } == 1
            count = isWhole ? length : 0
        }
        return isWhole ? result : nil
    }

    private static func deflated(_ bytes: ArraySlice<UInt8>, room: Int) -> [UInt8]? {
        let result = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            count = bytes.withUnsafeBytes { butterflynet_deflate($0.baseAddress, $0.count, buffer.baseAddress, room) }
        }
        return result.isEmpty ? nil : result
    }
}
