// Converts MSN objects to JSON directly from their bytes. Presence has too many different ones for a cache.

internal import MSNP
internal import Payloads

/// A fast path for objects in the usual form: known attributes without characters to escape.
enum ObjectJSON {
    /// Appends the attributes of an object and their explanations; the output equals the fields of `MSNObject`.
    ///
    /// - Parameter object: the percent-decoded XML element.
    /// - Returns: false, with nothing appended, if the object needs `MSNObject`.
    static func append(_ object: [UInt8], to bytes: inout ByteWriter) -> Bool {
        let mark = bytes.count
        bytes.append(0x7B)
        guard append(object.span, to: &bytes) else {
            bytes.cut(to: mark)
            return false
        }
        bytes.append(0x7D)
        return true
    }

    private static func append(_ object: Span<UInt8>, to bytes: inout ByteWriter) -> Bool {
        guard object.count < 2_048, object.holds("<msnobj ", at: 0) else { return false }
        var index = 8
        var seen = 0
        var kind: Int?
        while index < object.count, object[index] != 0x2F, object[index] != 0x3E {
            guard object[index] != 0x20 else {
                index &+= 1
                continue
            }
            guard let (place, key) = attribute(object, index), seen & (1 &<< place) == 0 else { return false }
            let start = index &+ names[place].name.utf8CodeUnitCount
            // Characters that XML or JSON escapes need `MSNObject`.
            let end = object.first(from: start, to: object.count) { $0.needEscape .| $0.equal(0x26) }
            guard end < object.count, object[end] == 0x22 else { return false }
            if place == typePlace { kind = number(object, start, end) }
            if place == friendlyPlace, !(end &- start == 4 && object.holds("AAA=", at: start)) { return false }
            if seen != 0 { bytes.append(0x2C) }
            bytes.append(plain: key)
            bytes.append(object, start..<end)
            bytes.append(0x22)
            seen |= 1 &<< place
            index = end &+ 1
        }
        guard seen != 0, index < object.count else { return false }
        guard seen & (1 &<< typePlace) != 0 else { return true }
        guard let name = kind.flatMap(MSNObject.Kind.init)?.name else { return false }
        bytes.append(plain: ",\"type_name\":\"")
        bytes.append(name)
        bytes.append(0x22)
        return true
    }

    private static func attribute(_ object: Span<UInt8>, _ index: Int) -> (place: Int, key: StaticString)? {
        for place in names.indices where object[index] == names[place].letter {
            if object.holds(names[place].name, at: index) { return (place, names[place].key) }
        }
        return nil
    }

    /// The value of one or two digits; nil otherwise.
    private static func number(_ object: Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
        guard end &- start == 1 || end &- start == 2 else { return nil }
        var value = 0
        for index in start..<end {
            guard object[index] &- 0x30 < 10 else { return nil }
            value = value * 10 + Int(object[index] &- 0x30)
        }
        return value
    }

    private static let typePlace = 2
    private static let friendlyPlace = 4
    /// The attributes with their first letters, which rule most of them out.
    private static let names: [(letter: UInt8, name: StaticString, key: StaticString)] = [
        (UInt8(ascii: "C"), "Creator=\"", "\"creator\":\""), (UInt8(ascii: "S"), "Size=\"", "\"size\":\""),
        (UInt8(ascii: "T"), "Type=\"", "\"type\":\""), (UInt8(ascii: "L"), "Location=\"", "\"location\":\""),
        (UInt8(ascii: "F"), "Friendly=\"", "\"friendly\":\""), (UInt8(ascii: "S"), "SHA1D=\"", "\"sha1d\":\""),
        (UInt8(ascii: "S"), "SHA1C=\"", "\"sha1c\":\""),
    ]
}
