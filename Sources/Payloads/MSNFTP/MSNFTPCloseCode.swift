// How file transfers end.

/// The numbers behind `BYE` on a file's connection (p2p.md section 5).
package enum MSNFTPCloseCode: Sendable {
    /// What a number means; nil for those that nobody knows.
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

    /// Whether a number says that the file arrived.
    package static func isSuccess(_ code: UInt64) -> Bool { code == 16_777_987 || code == 16_777_989 }
}
