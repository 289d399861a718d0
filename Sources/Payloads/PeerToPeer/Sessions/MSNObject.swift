// The description of a picture, emoticon, wink and the like (p2p.md, MSNObject).

internal import MSNP

/// `<msnobj Creator="a@b" Size="24539" Type="3" …/>`, in any of the forms in which it travels. Nothing in it is trusted.
package struct MSNObject: Sendable, Hashable {
    /// What an object can be; names above 8 vary between sources.
    package enum Kind: Int, Sendable, CaseIterable {
        /// An avatar, or nobody knows.
        case avatar = 1
        /// A custom emoticon.
        case emoticon
        /// A display picture.
        case picture
        /// A shared file.
        case sharedFile
        /// A background.
        case background
        /// A history.
        case history
        /// A display picture that moves.
        case dynamicPicture
        /// A wink.
        case wink
        /// A map.
        case map
        /// A background that moves.
        case dynamicBackground
        /// A voice clip.
        case voiceClip
        /// The state of a plug-in.
        case plugInState
        /// A roaming object.
        case roamingObject
        /// The sound of a person.
        case signatureSound

        /// Its name in fields.
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

    /// One attribute, its value without XML's escapes.
    package struct Attribute: Sendable, Hashable {
        /// The name as it was written.
        package var name: String
        /// The value.
        package var value: String
    }

    /// All attributes in their order.
    package private(set) var attributes: [Attribute] = []

    /// How long a description may be, and how many attributes it may have: real ones have some 400 bytes and ten.
    private static let mostBytes = 8_192
    private static let mostAttributes = 32

    /// Reads the element itself, as it stands in bodies of emoticons.
    package init?(plain bytes: ArraySlice<UInt8>) {
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

    /// Reads any form: plain, percent-encoded (CHG, ILN, NLN), XML-escaped (UBX, NFY) or base64 (`Context`).
    package init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count <= 4 * Self.mostBytes else { return nil }
        switch bytes.first {
        case 0x3C: self.init(plain: bytes)
        case 0x25: self.init(plain: PercentEncoding.decode(bytes)[...])
        case 0x26: self.init(plain: Array(Self.unescape(bytes).utf8)[...])
        default:
            guard let decoded = Base64.decode(bytes) else { return nil }
            self.init(plain: decoded[...])
        }
    }

    /// The first attribute with this name, in any case.
    package subscript(name: String) -> String? {
        let name = name.lowercased()
        return attributes.first { $0.name.lowercased() == name }?.value
    }

    /// Who made it.
    package var creator: String? { self["Creator"]?.lowercased() }
    /// How long its data is.
    package var size: UInt64? { self["Size"].flatMap { UInt64($0) } }
    /// What it is.
    package var kind: Kind? { self["Type"].flatMap { Int($0) }.flatMap(Kind.init) }
    /// The name of the file that the sender has it in; of no meaning to others, and of no use as a path.
    package var location: String? { self["Location"] }
    /// Its name for people.
    package var friendlyName: String? {
        self["Friendly"].flatMap { Base64.decode($0.utf8) }.map { WideText.decode($0[...]) }
    }
    /// The SHA-1 that its data should have; nil where there is none, or none of twenty bytes.
    package var dataDigest: [UInt8]? { digest("SHA1D") }
    /// The SHA-1 that `signedText` should have.
    package var ownDigest: [UInt8]? { digest("SHA1C") }
    /// What `SHA1C` is the digest of: names and values of six attributes, one after the other.
    package var signedText: [UInt8] {
        ["Creator", "Size", "Type", "Location", "Friendly", "SHA1D"].flatMap { name in
            self[name].map { Array((name + $0).utf8) } ?? []
        }
    }

    /// All attributes by name, and what they mean.
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

    /// Replaces XML's entities; what is none stays as it is.
    private static func unescape(_ bytes: ArraySlice<UInt8>) -> String {
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
