// The error of an extraction that cannot write its files.

internal import Glibc

/// A failed file operation, with a message for the user.
package struct ExtractionError: Error, CustomStringConvertible, Sendable {
    /// The message.
    package let description: String
    /// Whether the file would exceed the largest file size: the peer announced an impossible size.
    let isTooLarge: Bool

    /// - Parameter code: the `errno` of the operation, if it failed with one.
    init(_ what: String, _ code: Int32? = nil) {
        description = code.map { "\(what): \(String(cString: strerror($0)))" } ?? what
        isTooLarge = code == EFBIG || code == EINVAL || code == EOVERFLOW
    }
}
