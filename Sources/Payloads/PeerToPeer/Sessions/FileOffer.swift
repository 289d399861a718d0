// What an INVITE for a file says of it, in its `Context` (p2p.md, file offer).

/// The binary description of a file that is offered, little-endian.
package struct FileOffer: Sendable, Hashable {
    /// 2 or 3.
    package var version: UInt32
    /// How long the file is said to be.
    package var size: UInt64
    /// 0 where a preview should follow; later clients have more bits.
    package var type: UInt32
    /// The file's name as its sender knows it. No path: what looks like one is part of the name.
    package var name: String
    /// Whether the offer is of a background.
    package var isBackground: Bool
    /// A small picture of the file.
    package var preview: [UInt8]

    /// How long the structure is up to the end of the name, and the longest header that any client was seen to send.
    private static let nameStart = 20
    private static let nameLength = 520

    /// Reads an offer; nil where it ends before the name does, or says of itself that it does.
    package init?(_ bytes: ArraySlice<UInt8>) {
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

    /// Whether the preview ends as pictures of its kind do; nil where it begins like none.
    var isPreviewWhole: Bool? {
        let kinds: [(beginning: [UInt8], end: [UInt8])] = [
            ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], Array("IEND".utf8) + [0xAE, 0x42, 0x60, 0x82]),
            ([0xFF, 0xD8, 0xFF], [0xFF, 0xD9]), (Array("GIF8".utf8), [0x3B]),
        ]
        guard let kind = kinds.first(where: { preview.starts(with: $0.beginning) }) else { return nil }
        let last = preview.lastIndex { $0 != 0 } ?? preview.startIndex
        return preview[...last].suffix(kind.end.count).elementsEqual(kind.end)
    }

    /// All of it, by name.
    package var fields: [Field] {
        [
            Field("version", version), Field("size", size), Field("type", type), Field("name", name),
            Field("is_background", .flag(isBackground)), Field("preview_bytes", preview.count),
        ]
    }
}
