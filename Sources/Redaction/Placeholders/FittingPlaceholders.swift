// Placeholders that must fit other values of the copy: digests, nonces, capabilities.

internal import Events
internal import MSNP
internal import Payloads

extension Placeholders {
    /// The placeholder of `SHA1D`: the digest of the filled data if the original data is in the recording and had this
    /// digest.
    func digest(_ original: [UInt8]) -> [UInt8] {
        guard !original.elementsEqual("AAA=".utf8) else { return original }
        // Some clients omit the padding.
        let digits = original.count { $0 != 0x3D }
        guard digits == 27, let size = learned.size(ofDigest: original) else { return base64(original) }
        return Array(Base64.encode(learned.digest(ofFilling: size)).prefix(original.count))
    }

    /// The placeholder of a nonce or its digest, as text. All zeros mean no nonce and stay.
    func nonce(_ original: [UInt8]) -> [UInt8] {
        guard original.count == 36 || original.count == 38, let guid = GUID(String(decoding: original, as: UTF8.self))
        else { return hex(original) }
        let isUpper = original.contains { $0 &- 0x41 < 6 }
        let digits = Hexadecimal.digits(nonce(guid).bytes, isUpperCase: isUpper)
        var next = 0
        return original.map { byte in
            guard byte.isHexDigit, next < digits.count else { return byte.isHexDigit ? 0x30 : byte }
            defer { next += 1 }
            return digits[next]
        }
    }

    /// The placeholder of a nonce in any notation. The digest of a nonce from a direct link becomes the digest of that
    /// nonce's placeholder.
    func nonce(_ original: GUID) -> GUID {
        if let fitting = learned.nonces[original] { return fitting }
        guard original.bytes.contains(where: { $0 != 0 }) else { return original }
        let halves = [0, 1].map { hash(0x47, [$0] + original.bytes) }
        let bytes: [UInt8] = halves.flatMap { half -> [UInt8] in
            (0..<8).map { UInt8(truncatingIfNeeded: half &>> (8 &* $0)) }
        }
        return GUID(plain: ByteSlice(bytes)) ?? original
    }

    /// The placeholder of capabilities: the client's generation without its features, if that has as many digits.
    func capabilities(_ original: [UInt8]) -> [UInt8] {
        let parts = ByteSlice(original).split(separator: 0x3A, omittingEmptySubsequences: false).map {
            part -> [UInt8] in
            if HarmlessValues.capabilities.holds(part) { return Array(part) }
            let generation = HarmlessValues.decimal(part).flatMap { HarmlessValues.generation(of: $0) }
            let plain = generation.map { Array(String($0).utf8) } ?? []
            return plain.count == part.count ? plain : token(part)
        }
        return Array(parts.joined(separator: [0x3A]))
    }

}
