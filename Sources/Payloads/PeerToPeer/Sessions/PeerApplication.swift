// What peer-to-peer sessions are for (p2p.md section 4).

/// The application that an INVITE's `EUF-GUID` names.
package enum PeerApplication: Sendable, Hashable {
    /// Pictures, emoticons, backgrounds and other objects.
    case object
    /// A file.
    case file
    /// Sending a camera's picture.
    case camera
    /// Watching a camera's picture.
    case viewCamera
    /// Looking at photos together.
    case photoSharing
    /// Games and the like.
    case activity
    /// Another one.
    case other(GUID)

    private static let known: [(text: String, application: PeerApplication)] = [
        ("A4268EEC-FEC5-49E5-95C3-F126696BDBF6", .object), ("5D3E02AB-6190-11D3-BBBB-00C04F795683", .file),
        ("4BD96FC0-AB17-4425-A14A-439185962DC8", .camera), ("1C9AA97E-9C05-4583-A3BD-908A196F1E92", .viewCamera),
        ("41D3E74E-04A2-4B37-96F8-08ACDB610874", .photoSharing), ("6A13AF9C-5308-4F35-923A-67E8DDA40C2F", .activity),
    ]

    /// What an identifier stands for.
    package init(_ guid: GUID) {
        self = Self.known.first { GUID($0.text) == guid }?.application ?? .other(guid)
    }

    /// What the number in `AppID` and in the footer of a packet stands for (p2p.md sections 2 and 4).
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

    /// Whether a packet's footer calls its data a file, or an object; nil for all else.
    static func isFile(footer number: UInt32) -> Bool? {
        switch number {
        case 2: true
        case 1, 11, 12: false
        default: nil
        }
    }

    /// Its name in fields.
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

    /// Its name, where it is one that has some.
    var known: String? { if case .other = self { nil } else { name } }

    /// Whether what is sent is a thing with a beginning and an end, not a stream.
    package var isTransfer: Bool { self == .object || self == .file }
}
