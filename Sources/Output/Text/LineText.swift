// Command lines as text with masks, for lists and drawings.

package import Events
package import MSNP

/// Writes command lines as text, with secrets masked. Characters stay as received: the caller escapes them.
package struct LineText: Sendable {
    private var masking: Masking

    /// - Parameter presentation: the key of masks; whether secrets are shown.
    package init(_ presentation: Presentation) { masking = Masking(presentation) }

    /// The command line of a frame, without its line end. Bytes that are not UTF-8 become U+FFFD.
    package mutating func line(of frame: Frame, from side: Side, in event: Event) -> String {
        masking.text(frame.bytes, 0..<frame.lineEnd, masking.secrets(in: frame, from: side, of: event))
    }
}
