// `data:` addresses of images (RFC 2397).

internal import MSNP

/// Makes `data:` addresses.
enum DataURL {
    /// The address of an image with this media type, in base64.
    static func image(_ data: [UInt8], type: String) -> String {
        "data:\(type);base64," + String(decoding: Base64.encode(data), as: UTF8.self)
    }
}
