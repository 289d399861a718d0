// Computes and checks the answers to challenges: `CHL`/`QRY` and `USR MD5` (auth.md sections 2 and 5).

internal import Crypto
internal import Events
package import MSNP

/// Computes and checks the digests that answer challenges.
package enum Challenge {
    /// The product identifiers whose keys are public.
    package static let products = Set(keys.keys)

    /// The answer to another challenge by the same method as a given correct answer.
    ///
    /// - Parameters:
    ///   - other: the challenge to answer.
    ///   - answer: the answer that the client gave.
    ///   - challenge: the challenge that the client answered.
    ///   - product: the client's product identifier.
    ///   - dialect: the negotiated dialect; nil if unknown.
    /// - Returns: nil if the given answer is wrong or the product key is unknown.
    package static func answer(
        to other: [UInt8], as answer: [UInt8], to challenge: [UInt8], product: [UInt8], dialect: Dialect?
    ) -> [UInt8]? {
        guard let key = keys[String(decoding: product, as: UTF8.self)].map({ Array($0.utf8) }) else { return nil }
        let lower = answer.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
        let isOld = dialect.map { $0 < Dialect(11) }
        if isOld != false, lower == hex(of: challenge + key) { return hex(of: other + key) }
        guard isOld != true else { return nil }
        let isPadded = [true, false].first {
            lower == answerOfMSNP11(challenge, product: product, key: key, padsFull: $0)
        }
        return isPadded.map { answerOfMSNP11(other, product: product, key: key, padsFull: $0) }
    }

    /// Checks the answer to `CHL`.
    ///
    /// - Parameters:
    ///   - challenge: the second argument of `CHL`.
    ///   - product: the product identifier in `QRY`.
    ///   - answer: the payload of `QRY`.
    ///   - dialect: determines which of the two methods is correct; if nil, both are accepted.
    static func check(
        challenge: some Sequence<UInt8>, product: some Sequence<UInt8>, answer: some Sequence<UInt8>, dialect: Dialect?
    ) -> Annotation.Verdict {
        guard let key = keys[String(decoding: Array(product), as: UTF8.self)] else { return .unknown }
        let challenge = Array(challenge)
        let answer = Array(answer)
        // Sources disagree on MSNP10, so both methods are accepted.
        let isOld = dialect == Dialect(10) ? nil : dialect.map { $0 < Dialect(11) }
        if isOld != false, answer.elementsEqual(hex(of: challenge + Array(key.utf8))) { return .right }
        if isOld != true {
            let product = Array(product)
            for padsFull in [true, false] {
                let right = answerOfMSNP11(challenge, product: product, key: Array(key.utf8), padsFull: padsFull)
                if answer.elementsEqual(right) { return .right }
            }
        }
        return .wrong
    }

    /// The answer to the salt of `USR MD5 S`: MD5 of salt and password, in lower-case hexadecimal.
    static func digest(salt: some Sequence<UInt8>, password: String) -> [UInt8] {
        hex(of: Array(salt) + Array(password.utf8))
    }

    /// The answer since MSNP11.
    ///
    /// - Parameter padsFull: whether to append eight zeros if the length of challenge and product is already a multiple
    ///   of eight; sources disagree.
    static func answerOfMSNP11(_ challenge: [UInt8], product: [UInt8], key: [UInt8], padsFull: Bool) -> [UInt8] {
        let hash = words(Array(Insecure.MD5.hash(data: challenge + key)))
        guard hash.count == 4 else { return [] }
        let modulus: UInt64 = 0x7FFF_FFFF
        let masked = hash.map { UInt64($0) & modulus }
        var text = challenge + product
        let rest = text.count % 8
        if rest > 0 || padsFull { text += [UInt8](repeating: 0x30, count: 8 - rest) }
        let pieces = words(text)
        var high: UInt64 = 0
        var low: UInt64 = 0
        for index in stride(from: 0, to: pieces.count - 1, by: 2) {
            var t = UInt64(pieces[index]) * 0x0E79_A9C1 % modulus + high
            t = (masked[0] * t + masked[1]) % modulus
            high = (UInt64(pieces[index + 1]) + t) % modulus
            high = (masked[2] * high + masked[3]) % modulus
            low = (low &+ high &+ t) % modulus
        }
        high = (high + masked[1]) % modulus
        low = (low + masked[3]) % modulus
        let mixed = [hash[0] ^ UInt32(high), hash[1] ^ UInt32(low), hash[2] ^ UInt32(high), hash[3] ^ UInt32(low)]
        return Hexadecimal.digits(
            mixed.flatMap { word in [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word &>> UInt32($0)) } })
    }

    private static func words(_ bytes: [UInt8]) -> [UInt32] {
        stride(from: 0, to: bytes.count - 3, by: 4).map { start in
            bytes[start..<start + 4].reversed().reduce(0) { $0 &<< 8 | UInt32($1) }
        }
    }

    private static func hex(of bytes: [UInt8]) -> [UInt8] { Hexadecimal.digits(Array(Insecure.MD5.hash(data: bytes))) }

    /// The public keys by product identifier (auth.md section 5).
    private static let keys = [
        "msmsgs@msnmsgr.com": "Q1P7W2E4J9R8U3S5", "PROD0038W!61ZTF9": "VT6PX?UQTM4WM%YR",
        "PROD0058#7IL2{QD": "QHDCY@7R1TB6W?5B", "PROD0061VRRZH@4F": "JXQ6J@TUOGYV@N0M",
        "PROD00504RLUG%WL": "I2EBK%PYNLZL5_J4", "PROD0076ENE8*@AW": "CEQJ8}OE0!WTSWII",
        "PROD0090YUAUV{2B": "YMM8C_H7KCQ2S_KL", "PROD0101{0RM?UBW": "CFHUR$52U_{VIX5T",
        "PROD01065C%ZFN6F": "O4BG@C7BWLYQX?5G", "PROD0112J1LW7%NB": "RH96F{PHI8PPX_TJ",
        "PROD0113H11T8$X_": "RG@XY*28Q5QHS%Q5", "PROD0114ES4Z%Q5W": "PK}_A_0N_K%O?A9S",
        "PROD0118R6%2WYOS": "YIXPX@5I2P0UT*LK", "PROD0119GSJUC$18": "ILTXC!4IXB5FB*PX",
        "PROD0120PW!CCV9@": "C1BX{V4W}Q3*10SM",
    ]
}

/// Passwords supplied by the user, to check sign-in digests.
package struct Passwords: Sendable, Hashable {
    private let byAccount: [String: String]

    package static let none = Passwords([:])

    /// Passwords by account; accounts are case-insensitive.
    package init(_ byAccount: [String: String]) {
        var lowered: [String: String] = [:]
        for (account, password) in byAccount { lowered[account.lowercased()] = password }
        self.byAccount = lowered
    }

    /// The password of an account; nil if the user supplied none.
    func password(of account: some Sequence<UInt8>) -> String? {
        byAccount.isEmpty ? nil : byAccount[String(decoding: Array(account), as: UTF8.self).lowercased()]
    }
}
