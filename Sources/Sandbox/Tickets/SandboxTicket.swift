// The tickets of the sandbox.

import Crypto
import MSNP

/// A ticket and the secret that belongs to it. Both follow from the account alone: they open nothing, because the
/// notification server accepts any ticket.
enum SandboxTicket {
    /// `t=…&p=…`.
    static func text(for account: String) -> String {
        "t=\(Hexadecimal.text(digest("ticket", account).prefix(20)))"
            + "&p=\(Hexadecimal.text(digest("profile", account).prefix(20)))"
    }

    /// The secret of 24 bytes from which clients of MSNP15 make their answer, in base64.
    static func secret(for account: String) -> String {
        String(decoding: Base64.encode(digest("secret", account).prefix(24)), as: UTF8.self)
    }

    private static func digest(_ purpose: String, _ account: String) -> [UInt8] {
        Array(SHA256.hash(data: Array("sandbox \(purpose) \(account)".utf8)))
    }
}
