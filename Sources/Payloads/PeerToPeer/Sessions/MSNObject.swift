// Parses the description of a picture, emoticon, wink or other object (p2p.md, MSNObject).

package import MSNP

/// A parsed `<msnobj Creator="a@b" Size="24539" Type="3" …/>`, from any encoding used on the wire. No value is trusted.
package struct MSNObject: Sendable, Hashable {
    /// The kind of an object; for values above 8 the sources disagree.
    package enum Kind: Int, Sendable, CaseIterable {
        /// An avatar, or an unknown kind.
        case avatar = 1
        case emoticon
        case picture
        case sharedFile
        case background
        case history
        /// An animated display picture.
        case dynamicPicture
        case wink
        case map
        /// An animated background.
        case dynamicBackground
        case voiceClip
        case plugInState
        case roamingObject
        case signatureSound

        /// The name in fields.
        package var name: String {
            switch self {
            case .avatar: "avatar"
            case .emoticon: "emoticon"
            case .picture: "picture"
            case .sharedFile: "shared_file"
            case .background: "background"
            case .history: "history"
            case .dynamicPicture: "dynamic_picture"
            case .wink: "wink"
            case .map: "map"
            case .dynamicBackground: "dynamic_background"
            case .voiceClip: "voice_clip"
            case .plugInState: "plug_in_state"
            case .roamingObject: "roaming_object"
            case .signatureSound: "signature_sound"
            }
        }
    }

    /// An attribute, its value without XML escapes.
    package struct Attribute: Sendable, Hashable {
        /// The name as written.
        package var name: String
        package var value: String
    }

    /// All attributes in order.
    package private(set) var attributes: [Attribute] = []

    /// The maximum length of a description in bytes, and of its attributes; real ones have about 400 bytes and ten
    /// attributes.
    private static let mostBytes = 8_192
    private static let mostAttributes = 32

    /// Parses the element without any encoding, as in the bodies of emoticon messages.
    package init?(plain bytes: ByteSlice) {
        let head = Array("<msnobj".utf8)
        guard bytes.count <= Self.mostBytes else { return nil }
        var rest = bytes.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        guard rest.prefix(head.count).map({ $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }) == head else { return nil }
        rest = rest.dropFirst(head.count)
        while attributes.count < Self.mostAttributes {
            rest = rest.drop { $0 <= 0x20 || $0 == 0x2F }
            let name = rest.prefix { $0 > 0x20 && $0 != 0x3D && $0 != 0x3E && $0 != 0x2F }
            rest = rest.dropFirst(name.count).drop { $0 == 0x20 }
            guard !name.isEmpty, rest.popFirst() == 0x3D else { break }
            rest = rest.drop { $0 == 0x20 }
            guard let quote = rest.popFirst(), quote == 0x22 || quote == 0x27 else { break }
            let value = rest.prefix { $0 != quote }
            guard value.count < rest.count else { break }
            rest = rest.dropFirst(value.count + 1)
            attributes.append(
                Attribute(name: String(decoding: name, as: UTF8.self), value: Self.unescape(value)))
        }
        if attributes.isEmpty { return nil }
    }

    /// Parses any encoding: none, percent-encoding (CHG, ILN, NLN), XML escapes (UBX, NFY) or base64 (`Context`).
    package init?(_ bytes: ByteSlice) {
        guard bytes.count <= 4 * Self.mostBytes else { return nil }
        switch bytes.first {
        case 0x3C: self.init(plain: bytes)
        case 0x25: self.init(plain: ByteSlice(PercentEncoding.decode(bytes)))
        case 0x26: self.init(plain: ByteSlice(Self.unescape(bytes).utf8))
        default:
            guard let decoded = Base64.decode(bytes) else { return nil }
            self.init(plain: ByteSlice(decoded))
        }
    }

    /// The first attribute with this name; ignores case.
    package subscript(name: String) -> String? {
        let name = name.lowercased()
        return attributes.first { $0.name.lowercased() == name }?.value
    }

    /// The creator's account, in lower case.
    package var creator: String? { self["Creator"]?.lowercased() }
    /// The size of the object's data in bytes.
    package var size: UInt64? { self["Size"].flatMap { UInt64($0) } }
    /// The kind; nil if it is missing or unknown.
    package var kind: Kind? { self["Type"].flatMap { Int($0) }.flatMap(Kind.init) }
    /// The file's name at the sender; not meaningful elsewhere, and never to be used as a path.
    package var location: String? { self["Location"] }
    /// The name for display.
    package var friendlyName: String? {
        self["Friendly"].flatMap { Base64.decode($0.utf8) }.map { WideText.decode(ByteSlice($0)) }
    }
    /// The announced SHA-1 of the data; nil if it is missing or does not have 20 bytes.
    package var dataDigest: [UInt8]? { digest("SHA1D") }
    /// The announced SHA-1 of `signedText`.
    package var ownDigest: [UInt8]? { digest("SHA1C") }
    /// The input of the digest in `SHA1C`: the names and values of six attributes, concatenated.
    package var signedText: [UInt8] {
        ["Creator", "Size", "Type", "Location", "Friendly", "SHA1D"].flatMap { name in
            self[name].map { Array((name + $0).utf8) } ?? []
        }
    }

    /// All attributes as named fields, with their meanings.
    package var fields: [Field] {
        var fields = FieldList()
        for attribute in attributes { fields.add(named: attribute.name.lowercased(), .text(attribute.value)) }
        fields.add("type_name", kind?.name)
        if let friendlyName, !friendlyName.isEmpty { fields.add("friendly_name", friendlyName) }
        return fields.all
    }

    private func digest(_ name: String) -> [UInt8]? {
        self[name].flatMap { Base64.decode($0.utf8) }.flatMap { $0.count == 20 ? $0 : nil }
    }

    private static let entities: [(name: String, byte: UInt8)] = [
        ("&amp;", 0x26), ("&lt;", 0x3C), ("&gt;", 0x3E), ("&quot;", 0x22), ("&apos;", 0x27), ("&#39;", 0x27),
        ("&#34;", 0x22),
    ]

    /// Replaces XML entities; an unknown entity stays as it is.
    private static func unescape(_ bytes: ByteSlice) -> String {
        guard bytes.contains(0x26) else { return String(decoding: bytes, as: UTF8.self) }
        var result: [UInt8] = []
        var rest = bytes
        while let byte = rest.first {
            if byte == 0x26, let entity = entities.first(where: { rest.starts(with: $0.name.utf8) }) {
                result.append(entity.byte)
                rest = rest.dropFirst(entity.name.utf8.count)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
