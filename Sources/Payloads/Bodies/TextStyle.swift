// Parses the style of a text: the header `X-MMS-IM-Format` (p2p.md section 1).

package import MSNP

/// A parsed `FN=MS%20Sans%20Serif; EF=BI; CO=ff; CS=0; PF=22; RL=1`.
package struct TextStyle: Sendable, Hashable {
    /// `FN`: the font's name; empty if the header names none.
    package var font = ""
    /// `EF`: the effects, such as bold.
    package var effects: Effects = []
    /// `CO`: the colour as 0xRRGGBB. On the wire it is hexadecimal 0xBBGGRR without leading zeros.
    package var color: UInt32?
    /// `CS`: the font's character set, by Windows' numbers.
    package var charsetNumber: UInt32?
    /// `PF`: the pitch in bits 0 and 1, the family in bits 4 to 7.
    package var pitchAndFamily: UInt32?
    /// `RL=1`: right-to-left text.
    package var isRightToLeft = false

    /// The effects of a font; several may apply at once.
    package struct Effects: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        /// `B`.
        package static let bold = Effects(rawValue: 1)
        /// `I`.
        package static let italic = Effects(rawValue: 2)
        /// `U`.
        package static let underlined = Effects(rawValue: 4)
        /// `S`.
        package static let struckThrough = Effects(rawValue: 8)
    }

    /// Creates a style without any values.
    package init() {}

    /// Parses the header's value; invalid parts are skipped.
    package init(_ header: ByteSlice) { self.init(header.span) }

    /// Parses the header's value; invalid parts are skipped.
    package init(_ header: Span<UInt8>) {
        var start = 0
        while start < header.count {
            let end = header.first(0x3B, from: start, to: header.count)
            while start < end, header[start] == 0x20 || header[start] == 0x09 { start += 1 }
            if end - start > 2, header[start + 2] == 0x3D { read(header, start, to: end) }
            start = end + 1
        }
    }

    /// Reads one part: `FN=MS%20Sans%20Serif`.
    private mutating func read(_ header: Span<UInt8>, _ start: Int, to end: Int) {
        var end = end
        while end > start + 3, header[end - 1] == 0x20 { end -= 1 }
        let value = header.extracting(start + 3..<end)
        // Without bit 5, letters are in upper case.
        switch (header[start] & 0xDF, header[start + 1] & 0xDF) {
        case (UInt8(ascii: "F"), UInt8(ascii: "N")):
            var name: [UInt8] = []
            PercentEncoding.decode(value, into: &name)
            font = String(decoding: name, as: UTF8.self)
        case (UInt8(ascii: "E"), UInt8(ascii: "F")): effects = Self.effects(value)
        case (UInt8(ascii: "C"), UInt8(ascii: "O")): color = Self.color(value)
        case (UInt8(ascii: "C"), UInt8(ascii: "S")): charsetNumber = Self.hex(value)
        case (UInt8(ascii: "P"), UInt8(ascii: "F")): pitchAndFamily = Self.hex(value)
        case (UInt8(ascii: "R"), UInt8(ascii: "L")): isRightToLeft = !value.isEmpty && value[0] == 0x31
        default: return
        }
    }

    /// The character set that `CS` names; nil if it names none.
    package var charset: Charset? { charsetNumber.flatMap(Charset.init(ofFont:)) }

    /// The colour as `#rrggbb`.
    package var colorText: String? {
        color.map { color in
            var text: [UInt8] = [0x23]
            for shift: UInt32 in [20, 16, 12, 8, 4, 0] {
                text.append(Hexadecimal.digit(UInt8(truncatingIfNeeded: color &>> shift) & 15))
            }
            return String(decoding: text, as: UTF8.self)
        }
    }

    /// The name of the pitch in `PF`.
    package var pitch: String? { pitchAndFamily.map { Self.pitches[Int($0 & 3)] } }

    /// The name of the family in `PF`; the number of an unknown one.
    package var family: String? {
        pitchAndFamily.map { number in
            let family = Int(number &>> 4 & 15)
            return Self.families.indices.contains(family) ? Self.families[family] : "\(family)"
        }
    }

    /// The style as named fields.
    package var fields: [Field] {
        var fields = FieldList()
        fields.add("font", font)
        let names = Self.names.filter { effects.contains($0.effect) }
        fields.add("effects", .list(names.map { .text($0.name) }))
        fields.add("color", colorText)
        fields.add("font_charset", charsetNumber)
        fields.add("pitch", pitch)
        fields.add("family", family)
        if isRightToLeft { fields.add("right_to_left", .flag(true)) }
        return fields.all
    }

    /// The names of the effects.
    package static let names: [(effect: Effects, name: String)] = [
        (.bold, "bold"), (.italic, "italic"), (.underlined, "underlined"), (.struckThrough, "struck_through"),
    ]
    /// The names in Windows' font functions.
    private static let pitches = ["default", "fixed", "variable", "3"]
    private static let families = ["any", "roman", "swiss", "modern", "script", "decorative"]

    private static func effects(_ letters: Span<UInt8>) -> Effects {
        var effects: Effects = []
        for index in 0..<min(letters.count, 8) {
            switch letters[index] | 0x20 {
            case UInt8(ascii: "b"): effects.insert(.bold)
            case UInt8(ascii: "i"): effects.insert(.italic)
            case UInt8(ascii: "u"): effects.insert(.underlined)
            case UInt8(ascii: "s"): effects.insert(.struckThrough)
            default: continue
            }
        }
        return effects
    }

    private static func color(_ digits: Span<UInt8>) -> UInt32? {
        hex(digits).map { value in
            (value & 0xFF) &<< 16 | value & 0xFF00 | value &>> 16 & 0xFF
        }
    }

    private static func hex(_ digits: Span<UInt8>) -> UInt32? {
        guard !digits.isEmpty, digits.count <= 8 else { return nil }
        var value: UInt32 = 0
        for index in digits.indices {
            guard let digit = Hexadecimal.value(of: digits[index]) else { return nil }
            value = value &<< 4 | UInt32(digit)
        }
        return value
    }
}
