// The kinds of values that keys of events have, in JSON and in filters.

/// The kind of value of a key, which determines what it can be compared with.
package enum ValueKind: Sendable, Hashable {
    /// Any text, or values of several kinds.
    case text
    /// A whole number.
    case number
    /// A point in time.
    case time
    /// `true` or `false`.
    case flag
    /// The verb of a command.
    case verb
    /// The name of a dialect.
    case dialect
    /// An account or an address.
    case account
    /// One of these words.
    case word([String])
    /// An object with further keys.
    case object
}
