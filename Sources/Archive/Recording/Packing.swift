// Bytes of a block made smaller where that pays, in the way of SQLite's own archives (`sqlar`).

internal import CGzip

/// A blob and the length of what is in it; where the blob is shorter, it is compressed by zlib.
struct Packed {
    var blob: [UInt8]
    var length: Int

    /// Below this nothing is gained that counts.
    private static let fewest = 1_024
    /// How many bytes are tried before all are.
    private static let sample = 4_096
    /// No side of a block is longer: blocks are cut at 64 KiB, and one frame may have 1 MiB.
    private static let longest = 16 << 20

    /// Bytes, packed if they can be made much smaller. Pictures and sounds cannot, and cost but a look.
    init(_ bytes: [UInt8]) {
        blob = bytes
        length = bytes.count
        guard bytes.count >= Self.fewest else { return }
        if bytes.count > Self.sample * 2, Self.deflated(bytes[..<Self.sample], room: Self.sample * 3 / 4) == nil {
            return
        }
        if let smaller = Self.deflated(bytes[...], room: bytes.count * 3 / 4) { blob = smaller }
    }

    /// What a row holds.
    init(blob: [UInt8], length: Int64) {
        self.blob = blob
        self.length = Int(clamping: length)
    }

    /// The bytes; nil where the row lies about them.
    var bytes: [UInt8]? {
        guard length != blob.count else { return blob }
        guard length > blob.count, length <= Self.longest else { return nil }
        // zlib makes at most a thousand bytes of one.
        guard length / 1_032 <= blob.count else { return nil }
        var isWhole = false
        let result = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            isWhole = butterflynet_inflate(blob, blob.count, buffer.baseAddress, length) == 1
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
