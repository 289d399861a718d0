// What a file is, by its first bytes.

/// A kind of file that MSN's users sent each other. What it was called does not count.
package enum FileType: String, Sendable, CaseIterable {
    /// Pictures that browsers show.
    case png, gif
    /// A photo.
    case jpeg = "jpg"
    /// A picture of Windows.
    case bitmap = "bmp"
    /// A cabinet: winks and backgrounds come in them.
    case cabinet = "cab"
    /// A moving picture of Flash: old winks.
    case flash = "swf"
    /// Sound in Microsoft's container: voice clips.
    case wave = "wav"
    /// Sound of Windows Media.
    case windowsMedia = "wma"
    /// An archive.
    case zip
    /// Nothing of these.
    case other = "bin"

    private static let beginnings: [(bytes: [UInt8], type: FileType)] = [
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], .png), (Array("GIF87a".utf8), .gif),
        (Array("GIF89a".utf8), .gif), ([0xFF, 0xD8, 0xFF], .jpeg), (Array("MSCF".utf8), .cabinet),
        (Array("FWS".utf8), .flash), (Array("CWS".utf8), .flash), (Array("RIFF".utf8), .wave),
        ([0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11], .windowsMedia), ([0x50, 0x4B, 0x03, 0x04], .zip),
        (Array("BM".utf8), .bitmap),
    ]

    /// What begins with these bytes.
    package init(_ bytes: some Collection<UInt8>) {
        self = Self.beginnings.first { bytes.starts(with: $0.bytes) }?.type ?? .other
    }

    /// Whether browsers show it as a picture.
    package var isPicture: Bool {
        switch self {
        case .png, .gif, .jpeg, .bitmap: true
        default: false
        }
    }

    /// What it is called in addresses and mails.
    package var mediaType: String {
        switch self {
        case .png: "image/png"
        case .gif: "image/gif"
        case .jpeg: "image/jpeg"
        case .bitmap: "image/bmp"
        default: "application/octet-stream"
        }
    }
}
