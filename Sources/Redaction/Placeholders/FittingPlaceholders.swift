// Placeholders that are checked against something else in the copy: digests, nonces, capabilities, numbers of packets.

internal import Events
internal import MSNP
internal import Payloads

extension Placeholders {
    /// Stands for `SHA1D`: the digest of the placeholder data where the data is in the recording and had this digest.
    func digest(_ original: [UInt8]) -> [UInt8] {
        guard !original.elementsEqual("AAA=".utf8) else { return original }
        // Some leave the padding out.
        let digits = original.count { $0 != 0x3D }
        guard digits == 27, let size = learned.size(ofDigest: original) else { return base64(original) }
        return Array(Base64.encode(learned.digest(ofFilling: size)).prefix(original.count))
    }

    /// Stands for a nonce or the digest of one; zeros, which stand for none, stay.
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

    /// Stands for a nonce, however it is written. The digest of one that a direct link said becomes the digest of what
    /// stands for that.
    func nonce(_ original: GUID) -> GUID {
        if let fitting = learned.nonces[original] { return fitting }
        guard original.bytes.contains(where: { $0 != 0 }) else { return original }
        let halves = [0, 1].map { hash(0x47, [$0] + original.bytes) }
        let bytes: [UInt8] = halves.flatMap { half -> [UInt8] in
            (0..<8).map { UInt8(truncatingIfNeeded: half &>> (8 &* $0)) }
        }
        return GUID(plain: bytes[...]) ?? original
    }

    /// Stands for capabilities: the generation of the client without what it can do, where that has as many digits.
    func capabilities(_ original: [UInt8]) -> [UInt8] {
        let parts = original.split(separator: 0x3A, omittingEmptySubsequences: false).map { part -> [UInt8] in
            if HarmlessValues.capabilities.holds(part) { return Array(part) }
            let generation = HarmlessValues.decimal(part).flatMap { HarmlessValues.generation(of: $0) }
            let plain = generation.map { Array(String($0).utf8) } ?? []
            return plain.count == part.count ? plain : token(part)
        }
        return Array(parts.joined(separator: [0x3A]))
    }

}
