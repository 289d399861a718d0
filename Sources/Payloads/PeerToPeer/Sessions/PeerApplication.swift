// The applications of peer-to-peer sessions (p2p.md section 4).

/// The application that the `EUF-GUID` of an INVITE names.
package enum PeerApplication: Sendable, Hashable {
    /// Pictures, emoticons, backgrounds and other MSN objects.
    case object
    /// A file transfer.
    case file
    /// Sending a webcam's video.
    case camera
    /// Receiving a webcam's video.
    case viewCamera
    /// Photo sharing.
    case photoSharing
    /// Games and other activities.
    case activity
    /// An unknown application.
    case other(GUID)

    private static let known: [(guid: GUID, application: PeerApplication)] = [
        ("A4268EEC-FEC5-49E5-95C3-F126696BDBF6", .object), ("5D3E02AB-6190-11D3-BBBB-00C04F795683", .file),
        ("4BD96FC0-AB17-4425-A14A-439185962DC8", .camera), ("1C9AA97E-9C05-4583-A3BD-908A196F1E92", .viewCamera),
        ("41D3E74E-04A2-4B37-96F8-08ACDB610874", .photoSharing), ("6A13AF9C-5308-4F35-923A-67E8DDA40C2F", .activity),
    ].compactMap { text, application in GUID(text).map { ($0, application) } }

    /// The application with this identifier.
    package init(_ guid: GUID) {
        self = Self.known.first { $0.guid == guid }?.application ?? .other(guid)
    }

    /// The name of the number in `AppID` and in a packet's footer (p2p.md sections 2 and 4); nil if unknown.
    static func name(of number: UInt32) -> String? {
        switch number {
        case 0: "slp"
        case 1: "object"
        case 2: "file"
        case 4: "camera"
        case 11: "emoticon"
        case 12: "picture"
        case 33: "image"
        case 35: "photo_sharing"
        default: nil
        }
    }

    /// Whether a packet's footer marks the data as a file (true) or an object (false); nil for other footers.
    static func isFile(footer number: UInt32) -> Bool? {
        switch number {
        case 2: true
        case 1, 11, 12: false
        default: nil
        }
    }

    /// The name in fields.
    package var name: String {
        switch self {
        case .object: "object"
        case .file: "file"
        case .camera: "camera"
        case .viewCamera: "view_camera"
        case .photoSharing: "photo_sharing"
        case .activity: "activity"
        case .other(let guid): guid.description
        }
    }

    /// The name; nil for an unknown application.
    var known: String? { if case .other = self { nil } else { name } }

    /// Whether a session transfers finite data, not a stream.
    package var isTransfer: Bool { self == .object || self == .file }
}
