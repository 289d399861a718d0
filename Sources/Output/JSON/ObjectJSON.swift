// MSN objects as JSON, straight from their bytes: presence is full of them, and hardly two are alike.

internal import MSNP
internal import Payloads

/// Writes what most objects are: seven attributes without anything to escape.
enum ObjectJSON {
    /// Appends the attributes of an object and what they mean, as `MSNObject` has its fields.
    ///
    /// - Parameter object: the element, as it stands behind its percent signs.
    /// - Returns: false, and nothing appended, where `MSNObject` has to read it.
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
            var end = start
            while end < object.count, object[end] != 0x22 {
                // Nothing that XML or JSON would write in another way.
                guard object[end] &- 0x20 < 0x5F, object[end] != 0x5C, object[end] != 0x26 else { return false }
                end &+= 1
            }
            guard end < object.count else { return false }
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
        for place in names.indices where object.holds(names[place].name, at: index) { return (place, names[place].key) }
        return nil
    }

    /// One or two digits.
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
    private static let names: [(name: StaticString, key: StaticString)] = [
        ("Creator=\"", "\"creator\":\""), ("Size=\"", "\"size\":\""), ("Type=\"", "\"type\":\""),
        ("Location=\"", "\"location\":\""), ("Friendly=\"", "\"friendly\":\""), ("SHA1D=\"", "\"sha1d\":\""),
        ("SHA1C=\"", "\"sha1c\":\""),
    ]
}
