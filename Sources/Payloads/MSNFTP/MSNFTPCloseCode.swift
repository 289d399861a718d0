// The codes that end an MSNFTP file transfer (p2p.md section 5).

/// The argument of `BYE` on the connection that carries the file.
package enum MSNFTPCloseCode: Sendable {
    /// The meaning of a code; nil if unknown.
    package static func meaning(of code: UInt64) -> String? {
        switch code {
        case 16_777_987, 16_777_989: "the file arrived"
        case 2_147_942_405: "the recipient's disk is full"
        case 2_164_261_682: "the recipient cancelled"
        case 2_164_261_683: "the sender cancelled"
        case 2_164_261_694: "the connection was blocked or broke"
        default: nil
        }
    }

    /// Whether a code means that the file was transferred completely.
    package static func isSuccess(_ code: UInt64) -> Bool { code == 16_777_987 || code == 16_777_989 }
}
