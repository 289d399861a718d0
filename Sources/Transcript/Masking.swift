// Secrets replaced by what may be shown.

internal import MSNP

/// Bytes with their secrets masked.
enum Masking {
    /// A part of some bytes with every secret in it replaced by its mask.
    static func masked(_ bytes: [UInt8], _ range: Range<Int>, _ secrets: [Range<Int>]) -> [UInt8] {
        var result: [UInt8] = []
        var done = range.lowerBound
        for secret in secrets where secret.overlaps(range) && secret.lowerBound >= done {
            let part = secret.clamped(to: range)
            result += bytes[done..<part.lowerBound]
            result += Secrets.mask(of: bytes[secret]).utf8
            done = part.upperBound
        }
        return result + bytes[done..<range.upperBound]
    }

    /// The same as text, U+FFFD for what is not UTF-8.
    static func text(_ bytes: [UInt8], _ range: Range<Int>, _ secrets: [Range<Int>]) -> String {
        String(decoding: masked(bytes, range, secrets), as: UTF8.self)
    }

    /// The bytes with every secret overwritten by asterisks, so that every length still fits.
    static func blank(_ bytes: [UInt8], _ secrets: [Range<Int>]) -> [UInt8] {
        guard !secrets.isEmpty else { return bytes }
        var result = bytes
        for secret in secrets { result.replaceSubrange(secret, with: repeatElement(0x2A, count: secret.count)) }
        return result
    }
}
