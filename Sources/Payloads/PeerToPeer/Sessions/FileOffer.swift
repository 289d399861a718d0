// Parses the description of an offered file in the `Context` of an INVITE (p2p.md, file offer).

package import MSNP

/// The binary description of an offered file, little-endian.
package struct FileOffer: Sendable, Hashable {
    /// 2 or 3.
    package var version: UInt32
    /// The announced size of the file in bytes.
    package var size: UInt64
    /// 0 if a preview follows; later clients use more bits.
    package var type: UInt32
    /// The file's name at the sender. It is not a path, even if it looks like one.
    package var name: String
    /// Whether a background is offered.
    package var isBackground: Bool
    /// A preview picture of the file; may be empty.
    package var preview: [UInt8]

    /// The offset of the name, and the length of its field in bytes.
    private static let nameStart = 20
    private static let nameLength = 520

    /// Parses an offer; nil if it ends, or announces that it ends, before the end of the name.
    package init?(_ bytes: ByteSlice) {
        var cursor = ByteCursor(bytes)
        guard let length = cursor.little(UInt32.self), let version = cursor.little(UInt32.self),
            let size = cursor.little(UInt64.self), let type = cursor.little(UInt32.self),
            let name = cursor.take(Self.nameLength), Int(length) >= Self.nameStart + Self.nameLength
        else { return nil }
        self.version = version
        self.size = size
        self.type = type
        self.name = WideText.decode(name)
        var tail = ByteCursor(cursor.rest.dropFirst(30))
        isBackground = tail.little(UInt32.self) == 0xFFFF_FFFE
        preview = Array(bytes.dropFirst(Int(length)))
    }

    /// Whether the preview ends as its image format requires; nil if it is not in a known format.
    var isPreviewWhole: Bool? {
        let kinds: [(beginning: [UInt8], end: [UInt8])] = [
            ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], Array("IEND".utf8) + [0xAE, 0x42, 0x60, 0x82]),
            ([0xFF, 0xD8, 0xFF], [0xFF, 0xD9]), (Array("GIF8".utf8), [0x3B]),
        ]
        guard let kind = kinds.first(where: { preview.starts(with: $0.beginning) }) else { return nil }
        let last = preview.lastIndex { $0 != 0 } ?? preview.startIndex
        return preview[...last].suffix(kind.end.count).elementsEqual(kind.end)
    }

    /// The offer as named fields.
    package var fields: [Field] {
        [
            Field("version", version), Field("size", size), Field("type", type), Field("name", name),
            Field("is_background", .flag(isBackground)), Field("preview_bytes", preview.count),
        ]
    }
}
