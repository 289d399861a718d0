// Errors of capture files, as text for people.

/// Why a capture cannot be read, as text for people.
package struct CaptureError: Error, CustomStringConvertible, Sendable {
    /// The file, the problem and a possible remedy.
    package let description: String

    init(_ description: String) { self.description = description }
}
