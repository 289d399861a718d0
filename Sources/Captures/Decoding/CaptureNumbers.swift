// The last numbers of connections and sign-ins, so that captures can be numbered one behind the other.

/// The numbers that were given so far. Captures that are read one after the other, each with the numbers of the one before,
/// have no number twice.
package struct CaptureNumbers: Sendable, Equatable {
    /// The highest number of a connection.
    package var connection = 0
    /// The highest number of a sign-in.
    package var signIn = 0

    package init() {}
}
