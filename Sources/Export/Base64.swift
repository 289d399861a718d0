// Base64 without Foundation (RFC 4648), for what is hidden one layer down.

enum Base64 {
    static func digit(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: 0x41 + value
        case 26..<52: 0x47 + value
        case 52..<62: value - 4
        case 62: 0x2B
        default: 0x2F
        }
    }

    static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case 0x41...0x5A: digit - 0x41
        case 0x61...0x7A: digit - 0x61 + 26
        case 0x30...0x39: digit - 0x30 + 52
        case 0x2B: 62
        case 0x2F: 63
        default: nil
        }
    }

    /// The bytes of base64, with padding or without; nil for anything else.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        var padding = 0
        for digit in text {
            if digit == 0x3D {
                padding += 1
                continue
            }
            guard padding == 0, let value = value(of: digit) else { return nil }
            bits = bits &<< 6 | UInt32(value)
            count += 1
            if count % 4 == 0 {
                bytes += [UInt8(truncatingIfNeeded: bits &>> 16), UInt8(truncatingIfNeeded: bits &>> 8)]
                bytes.append(UInt8(truncatingIfNeeded: bits))
            }
        }
        guard count > 0, padding < 3, padding == 0 || (count + padding) % 4 == 0 else { return nil }
        switch count % 4 {
        case 1: return nil
        case 2: bytes.append(UInt8(truncatingIfNeeded: bits &>> 4))
        case 3: bytes += [UInt8(truncatingIfNeeded: bits &>> 10), UInt8(truncatingIfNeeded: bits &>> 2)]
        default: break
        }
        return bytes
    }

    /// As many digits as `decode` took.
    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let rest = min(3, bytes.count - index)
            var bits: UInt32 = 0
            for place in 0..<3 { bits = bits &<< 8 | (place < rest ? UInt32(bytes[index + place]) : 0) }
            for place in 0..<4 {
                let isPadding = place > rest
                text.append(isPadding ? 0x3D : digit(UInt8(truncatingIfNeeded: bits &>> UInt32(18 - 6 * place)) & 63))
            }
            index += 3
        }
        return text
    }
}
