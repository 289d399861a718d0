// Whether the MSN objects in presence are what they say (p2p.md, MSNObject).

internal import Crypto
internal import Events
internal import MSNP
internal import Payloads

/// Judges the objects that one connection shows, each once: presence is full of them.
struct ObjectCheck: Sendable {
    /// Objects that were judged, by a hash of their bytes.
    private var judged: Set<UInt64> = []
    /// The object that is looked at, and what its digest is made of; kept for their memory.
    private var object: [UInt8] = []
    private var signed: [UInt8] = []

    /// How many objects are remembered; a list has some hundred contacts.
    private static let most = 1_024
    /// What most objects say, in the order in which the digest takes it; the digest itself is the last.
    private static let names: [StaticString] = ["Creator", "Size", "Type", "Location", "Friendly", "SHA1D", "SHA1C"]

    /// What is wrong with the object in a line; nil where there is none, or where it was judged before.
    mutating func judge(_ frame: Frame, _ side: Side, _ reading: CommandReading) -> Finding? {
        for argument in reading.arguments(of: frame) where argument.meaning == .object {
            let token = frame.bytes[argument.range]
            // `0` stands for none.
            guard token.count > 1 else { return nil }
            let hash = token.span.hash64
            guard !judged.contains(hash) else { return nil }
            if judged.count == Self.most { judged.removeAll(keepingCapacity: true) }
            judged.insert(hash)
            PercentEncoding.decode(token.span, into: &object)
            return judge(frame.verb, side)
        }
        return nil
    }

    private mutating func judge(_ verb: Verb, _ side: Side) -> Finding? {
        switch verdict() {
        case .right: return nil
        case .noObject: return Finding(.argumentForm, "The msnobj of \(verb) is no MSN object.", side: side)
        case .wrong:
            let text = "The MSN object of \(verb) has another SHA1C than its words give."
            return Finding(.digestDiffers, text, side: side)
        }
    }

    private enum Verdict { case right, wrong, noObject }

    private mutating func verdict() -> Verdict {
        if let places = Self.values(in: object.span) {
            guard !places[6].isEmpty else { return .right }
            signed.removeAll(keepingCapacity: true)
            for index in 0..<6 where !places[index].isEmpty {
                signed.append(contentsOf: Self.names[index].description.utf8)
                signed.append(contentsOf: object[places[index]])
            }
            return isDigest(object[places[6]]) ? .right : .wrong
        }
        guard let object = MSNObject(plain: object[...]) else { return .noObject }
        guard let told = object["SHA1C"] else { return .right }
        signed = object.signedText
        return isDigest(Array(told.utf8)[...]) ? .right : .wrong
    }

    /// Whether this is the digest of what is signed, in base64.
    private func isDigest(_ told: ArraySlice<UInt8>) -> Bool {
        guard told.count == 28 else { return false }
        return Base64.encode(Array(Insecure.SHA1.hash(data: signed))).elementsEqual(told)
    }

    /// Where the values of an ordinary object stand; nil where `MSNObject` has to read it. An attribute that is missing or
    /// empty has no bytes.
    private static func values(in object: Span<UInt8>) -> InlineArray<7, Range<Int>>? {
        guard object.count < 2_048, object.holds("<msnobj ", at: 0) else { return nil }
        var places = InlineArray<7, Range<Int>>(repeating: 0..<0)
        var index = 8
        while index < object.count, object[index] != 0x2F, object[index] != 0x3E {
            guard object[index] != 0x20 else {
                index &+= 1
                continue
            }
            guard let place = place(of: object, index) else { return nil }
            let start = index &+ names[place].utf8CodeUnitCount &+ 2
            let end = object.first(0x22, from: start, to: object.count)
            // What is written otherwise, or twice, and what has no value, is for the other reader.
            guard end < object.count, end > start, places[place].isEmpty,
                object.first(0x26, from: start, to: end) == end
            else { return nil }
            places[place] = start..<end
            index = end &+ 1
        }
        return index < object.count ? places : nil
    }

    /// Which attribute begins here, with its equals sign and quote.
    private static func place(of object: Span<UInt8>, _ index: Int) -> Int? {
        for place in names.indices where object.holds(names[place], at: index) {
            let behind = index &+ names[place].utf8CodeUnitCount
            guard object.count &- behind > 2, object[behind] == 0x3D, object[behind &+ 1] == 0x22 else { return nil }
            return place
        }
        return nil
    }
}
