// Contrast of text colours, and their adjustment to a background (WCAG 2.2, contrast minimum).

/// Computes with colours as `0xRRGGBB`. Without the C library's `pow`: this module is pure.
enum TextContrast {
    /// The least ratio for text of normal size.
    static let least = 4.5

    /// The contrast ratio of two colours, from 1 to 21.
    static func ratio(_ one: UInt32, _ other: UInt32) -> Double {
        let (a, b) = (luminance(one), luminance(other))
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    /// The colour made as much darker (on a light background) or lighter (on a dark one) as `least` needs; hue and
    /// order of its channels stay.
    static func adjusted(_ color: UInt32, on background: UInt32) -> UInt32 {
        guard ratio(color, background) < least else { return color & 0xFFFFFF }
        // Below this luminance white has more contrast than black.
        let target: UInt32 = luminance(background) > 0.179 ? 0x000000 : 0xFFFFFF
        var (low, high): (UInt32, UInt32) = (0, 255)
        while low < high {
            let middle = (low + high) / 2
            if ratio(mixed(color, target, middle), background) >= least { high = middle } else { low = middle + 1 }
        }
        return mixed(color, target, high)
    }

    /// The relative luminance, from 0 to 1.
    private static func luminance(_ color: UInt32) -> Double {
        0.2126 * linear(color &>> 16) + 0.7152 * linear(color &>> 8) + 0.0722 * linear(color)
    }

    /// The colour moved by `step` of 255 towards another.
    private static func mixed(_ color: UInt32, _ target: UInt32, _ step: UInt32) -> UInt32 {
        var result: UInt32 = 0
        for shift in [16, 8, 0] as [UInt32] {
            let (from, to) = (color &>> shift & 0xFF, target &>> shift & 0xFF)
            result |= ((from * (255 - step) + to * step + 127) / 255) &<< shift
        }
        return result
    }

    private static func linear(_ channel: UInt32) -> Double { linearValues[Int(channel & 0xFF)] }

    /// The linear values of the 256 values of an sRGB channel.
    private static let linearValues: [Double] = (0...255).map { value in
        let part = Double(value) / 255
        guard part > 0.04045 else { return part / 12.92 }
        let base = (part + 0.055) / 1.055
        // base ^ 2.4; the fifth root by Newton's method.
        var root = 1.0
        for _ in 0..<30 { root -= (root * root * root * root * root - base * base) / (5 * root * root * root * root) }
        return base * base * root
    }
}
