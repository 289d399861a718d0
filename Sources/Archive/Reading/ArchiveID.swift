// Identifiers of connections, conversations, sign-ins and recordings in an archive.

/// An identifier of something in an archive, as `show` accepts it.
package enum ArchiveID: Sendable, Hashable, CustomStringConvertible {
    /// One TCP connection: `c12`.
    case connection(Int64)
    /// The conversation of one switchboard connection: `v12`.
    case conversation(Int64)
    /// All connections of one sign-in: `s3`.
    case signIn(Int64)
    /// Everything that one relay run or one import recorded: `r1`.
    case recording(Int64)

    /// Parses an identifier as `sessions` prints it; nil for other texts.
    package init?(_ text: String) {
        guard let kind = text.first, let number = Int64(text.dropFirst()), number > 0 else { return nil }
        switch kind {
        case "c", "C": self = .connection(number)
        case "v", "V": self = .conversation(number)
        case "s", "S": self = .signIn(number)
        case "r", "R": self = .recording(number)
        default: return nil
        }
    }

    /// The identifier as users type it.
    package var description: String {
        switch self {
        case .connection(let number): "c\(number)"
        case .conversation(let number): "v\(number)"
        case .signIn(let number): "s\(number)"
        case .recording(let number): "r\(number)"
        }
    }
}
