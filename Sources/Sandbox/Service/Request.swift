// A client's command with convenient access to its arguments.

import MSNP

/// A client's command. Missing arguments read as empty strings.
struct Request {
    let frame: Frame
    let arguments: [String]

    init(_ frame: Frame) {
        self.frame = frame
        arguments = frame.arguments.map { String(decoding: $0, as: UTF8.self) }
    }

    var verb: Verb { frame.verb }

    /// The transaction identifier as the client wrote it; nil if it is not a number.
    var transaction: String? {
        frame.arguments.first.flatMap { Decimal.value(of: $0) }.flatMap { _ in arguments.first }
    }

    /// The arguments after the transaction identifier, joined with spaces.
    var rest: String { arguments.dropFirst().joined(separator: " ") }

    /// The argument at an index; the transaction identifier has index 0.
    subscript(index: Int) -> String { arguments.indices.contains(index) ? arguments[index] : "" }

    /// The argument at an index as an account, in lower case; nil if it is not an account.
    func account(at index: Int) -> String? { Self.account(self[index]) }

    /// A text as an account, in lower case; nil if it is not an account.
    static func account(_ text: String) -> String? {
        let account = text.lowercased()
        let isPlain = account.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        return account.contains("@") && isPlain && account.utf8.count <= 129 ? account : nil
    }
}
