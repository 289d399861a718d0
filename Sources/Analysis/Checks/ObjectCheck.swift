// Checks the digest (SHA1C) of MSN objects in presence commands (p2p.md, MSNObject).

internal import Crypto
internal import Events
internal import MSNP
internal import Payloads

/// Checks the MSN objects of one connection. Presence repeats them often, so each is checked once.
struct ObjectCheck: Sendable {
    /// Hashes of the objects that were checked.
    private var checked: Set<UInt64> = []
    /// A buffer for the decoded object, kept to avoid allocations.
    private var object: [UInt8] = []
    /// A buffer for the bytes that the digest covers, kept to avoid allocations.
    private var signed: [UInt8] = []

    /// The maximum number of hashes kept; a contact list has a few hundred contacts.
    private static let capacity = 1_024
    /// The usual attributes, in the order in which the digest covers them; the digest itself is last.
    private static let names: [StaticString] = ["Creator", "Size", "Type", "Location", "Friendly", "SHA1D", "SHA1C"]
    private static let nameBytes = names.map { Array($0.description.utf8) }

    /// Whether the command may carry an object to check.
    static func isNeeded(_ verb: Verb, _ side: Side) -> Bool {
        verb == "CHG" || side == .server && (verb == "NLN" || verb == "ILN")
    }

    /// The finding on the object in an argument; nil if it is correct or was checked before.
    mutating func check(_ frame: Frame, _ argument: Range<Int>, _ side: Side) -> Finding? {
        let token = frame.bytes.span.extracting(argument)
        // `0` means no object.
        guard token.count > 1 else { return nil }
        guard checked.insert(token.hash64).inserted else { return nil }
        if checked.count > Self.capacity { checked = [token.hash64] }
        PercentEncoding.decode(token, into: &object)
        return checkObject(frame.verb, side)
    }

    private mutating func checkObject(_ verb: Verb, _ side: Side) -> Finding? {
        switch verdict() {
        case .right: return nil
        case .noObject: return Finding(.argumentForm, "\(verb): msnobj is not an MSN object.", side: side)
        case .wrong:
            let text = "The SHA1C of the MSN object in \(verb) does not match its attributes."
            return Finding(.digestDiffers, text, side: side)
        }
    }

    private enum Verdict { case right, wrong, noObject }

    private mutating func verdict() -> Verdict {
        if let places = Self.values(in: object.span) {
            guard !places[6].isEmpty else { return .right }
            signed.removeAll(keepingCapacity: true)
            for index in 0..<6 where !places[index].isEmpty {
                signed.append(contentsOf: Self.nameBytes[index])
                signed.append(contentsOf: object[places[index]])
            }
            return isDigest(object.span.extracting(places[6])) ? .right : .wrong
        }
        guard let object = MSNObject(plain: ByteSlice(object)) else { return .noObject }
        guard let digest = object["SHA1C"] else { return .right }
        signed = object.signedText
        return isDigest(Array(digest.utf8).span) ? .right : .wrong
    }

    /// Whether this is the base64 SHA-1 of `signed`.
    private func isDigest(_ base64: Span<UInt8>) -> Bool {
        guard base64.count == 28 else { return false }
        var digest = InlineArray<20, UInt8>(repeating: 0)
        // Safe because the bytes are read only within this call; a SHA-1 has 20 bytes.
        unsafe Insecure.SHA1.hash(data: signed).withUnsafeBytes { bytes in
            for index in 0..<min(20, bytes.count) { digest[index] = unsafe bytes[index] }
        }
        return Base64.isEncoding(base64, of: digest.span)
    }

    /// The ranges of the attribute values of an object in the usual form, in the order of `names`; nil if only the
    /// slower `MSNObject` can parse it. A missing attribute has an empty range.
    private static func values(in object: Span<UInt8>) -> InlineArray<7, Range<Int>>? {
        guard object.count < 2_048, object.holds("<msnobj ", at: 0) else { return nil }
        var places = InlineArray<7, Range<Int>>(repeating: 0..<0)
        var index = 8
        var last = -1
        while index < object.count, object[index] != 0x2F, object[index] != 0x3E {
            guard object[index] != 0x20 else {
                index &+= 1
                continue
            }
            guard let place = place(of: object, index, after: last) else { return nil }
            last = place
            let start = index &+ names[place].utf8CodeUnitCount &+ 2
            let end = object.first(0x22, from: start, to: object.count)
            // Repeated or empty attributes and XML entities need `MSNObject`.
            guard end < object.count, end > start, places[place].isEmpty,
                object.first(0x26, from: start, to: end) == end
            else { return nil }
            places[place] = start..<end
            index = end &+ 1
        }
        return index < object.count ? places : nil
    }

    /// The index in `names` of the attribute that begins here, with its equals sign and quote; nil if it is another
    /// one.
    ///
    /// - Parameter last: the attribute before it; most objects have them in the usual order.
    private static func place(of object: Span<UInt8>, _ index: Int, after last: Int) -> Int? {
        for step in 1...names.count {
            let place = (last &+ step) % names.count
            guard object.holds(names[place], at: index) else { continue }
            let end = index &+ names[place].utf8CodeUnitCount
            guard object.count &- end > 2, object[end] == 0x3D, object[end &+ 1] == 0x22 else { return nil }
            return place
        }
        return nil
    }
}
