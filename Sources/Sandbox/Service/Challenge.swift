// The client challenge `CHL` and its answer `QRY` (auth.md section 5).

import Crypto
import MSNP

/// The challenge of the sandbox and the computation of answers.
enum Challenge {
    /// The challenge string that the sandbox always sends.
    static let question = "15570131571988941333"

    private static let keys = [
        "msmsgs@msnmsgr.com": "Q1P7W2E4J9R8U3S5", "PROD0038W!61ZTF9": "VT6PX?UQTM4WM%YR",
        "PROD0058#7IL2{QD": "QHDCY@7R1TB6W?5B", "PROD0061VRRZH@4F": "JXQ6J@TUOGYV@N0M",
        "PROD0090YUAUV{2B": "YMM8C_H7KCQ2S_KL",
    ]

    /// The product identifier of a client of this dialect.
    static func product(in dialect: Dialect) -> String {
        dialect < Dialect(11) ? "msmsgs@msnmsgr.com" : "PROD0038W!61ZTF9"
    }

    /// The answer in 32 hexadecimal digits; nil if the product's key is unknown.
    static func answer(to question: String, product: String, in dialect: Dialect) -> String? {
        guard let key = keys[product] else { return nil }
        let digest = Insecure.MD5.hash(data: Array((question + key).utf8))
        guard dialect >= Dialect(11) else { return Hexadecimal.text(digest) }
        return Hexadecimal.text(mix(Array(digest), with: Array((question + product).utf8)))
    }

    /// The second half of the algorithm of MSNP11 and later: combines the MD5 digest with a checksum of the text.
    private static func mix(_ digest: [UInt8], with text: [UInt8]) -> [UInt8] {
        let prime: UInt64 = 0x7FFF_FFFF
        let hash = words(of: digest)
        let masked = hash.map { $0 & prime }
        let padding = [UInt8](repeating: 0x30, count: (8 - text.count % 8) % 8)
        var high: UInt64 = 0
        var low: UInt64 = 0
        var pair: UInt64?
        for word in words(of: text + padding) {
            guard let first = pair else {
                pair = word
                continue
            }
            pair = nil
            let step = (masked[0] * (first * 0x0E79_A9C1 % prime + high) + masked[1]) % prime
            high = (masked[2] * ((word + step) % prime) + masked[3]) % prime
            low += high + step
        }
        high = (high + masked[1]) % prime
        low = (low + masked[3]) % prime
        return zip(hash, [high, low, high, low]).flatMap { word, other in
            (0..<4).map { UInt8(truncatingIfNeeded: (word ^ other) >> (8 * $0)) }
        }
    }

    private static func words(of bytes: [UInt8]) -> [UInt64] {
        stride(from: 0, to: bytes.count, by: 4).map { start in
            bytes[start...].prefix(4).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }
}
