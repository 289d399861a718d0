// Parses unsigned decimal numbers as MSNP writes them: ASCII digits without a sign.

/// Parses unsigned decimal numbers from untrusted bytes.
public enum Decimal {
    /// The value of one to ten ASCII digits, leading zeros allowed; nil for anything else, such as a sign or an empty
    /// token (payload-rules.md section 3, `num`).
    public static func value(of token: some Collection<UInt8>) -> UInt64? {
        guard !token.isEmpty, token.count <= 10 else { return nil }
        var value: UInt64 = 0
        for byte in token {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            value = value &* 10 &+ UInt64(byte &- 0x30)
        }
        return value
    }
}
