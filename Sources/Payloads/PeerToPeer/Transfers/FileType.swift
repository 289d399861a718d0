// Recognises file types by their first bytes.

/// A file type that MSN clients transferred, by content; the file's name is ignored. The raw value is the extension.
package enum FileType: String, Sendable, CaseIterable {
    /// Pictures.
    case png, gif
    /// A JPEG photo.
    case jpeg = "jpg"
    /// A Windows bitmap.
    case bitmap = "bmp"
    /// A cabinet archive: winks and backgrounds.
    case cabinet = "cab"
    /// A Flash animation: older winks.
    case flash = "swf"
    /// RIFF audio: voice clips.
    case wave = "wav"
    /// Windows Media audio.
    case windowsMedia = "wma"
    /// A ZIP archive.
    case zip
    /// Any other type.
    case other = "bin"

    private static let signatures: [(bytes: [UInt8], type: FileType)] = [
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], .png), (Array("GIF87a".utf8), .gif),
        (Array("GIF89a".utf8), .gif), ([0xFF, 0xD8, 0xFF], .jpeg), (Array("MSCF".utf8), .cabinet),
        (Array("FWS".utf8), .flash), (Array("CWS".utf8), .flash), (Array("RIFF".utf8), .wave),
        ([0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11], .windowsMedia), ([0x50, 0x4B, 0x03, 0x04], .zip),
        (Array("BM".utf8), .bitmap),
    ]

    /// The type of a file that begins with these bytes; `other` if unknown.
    package init(_ bytes: some Collection<UInt8>) {
        self = Self.signatures.first { bytes.starts(with: $0.bytes) }?.type ?? .other
    }

    /// Whether browsers display it as a picture.
    package var isPicture: Bool {
        switch self {
        case .png, .gif, .jpeg, .bitmap: true
        default: false
        }
    }

    /// The media type.
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
