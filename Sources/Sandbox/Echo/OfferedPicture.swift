// A picture with the description by which clients request it (p2p.md, MSNObject).

import Crypto
import MSNP
import Payloads

/// A picture that the echo contact offers.
struct OfferedPicture: Sendable {
    /// The file's content.
    let data: [UInt8]
    /// The SHA-1 of `data`.
    let digest: [UInt8]
    /// The element `<msnobj …/>`. Its values need no XML escapes.
    let element: String

    init(kind: MSNObject.Kind, creator: String, name: String, data: [UInt8]) {
        self.data = data
        digest = Array(Insecure.SHA1.hash(data: data))
        // `AAA=` is the empty name for display.
        let values = [
            ("Creator", creator), ("Size", "\(data.count)"), ("Type", "\(kind.rawValue)"), ("Location", name),
            ("Friendly", "AAA="), ("SHA1D", Self.base64(digest)),
        ]
        let signature = Insecure.SHA1.hash(data: Array(values.map { $0.0 + $0.1 }.joined().utf8))
        let attributes = (values + [("SHA1C", Self.base64(Array(signature)))]).map { "\($0.0)=\"\($0.1)\"" }
        element = "<msnobj \(attributes.joined(separator: " "))/>"
    }

    /// The description as an argument of `NLN` and `ILN`.
    var percentEncoded: String {
        let bytes = element.utf8.flatMap { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: [byte]
            default: PercentEncoding.triple(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func base64(_ bytes: [UInt8]) -> String { String(decoding: Base64.encode(bytes), as: UTF8.self) }
}
