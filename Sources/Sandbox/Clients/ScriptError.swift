// The errors of a scripted client.

/// An error of a scripted chat.
package enum ScriptError: Error, Sendable, CustomStringConvertible {
    /// The server answered with an error or an unexpected command.
    case refused(String)
    /// An expected command did not arrive in time.
    case timedOut(waitingFor: String)
    /// The connection ended before an expected command arrived.
    case disconnected(waitingFor: String)
    /// The client is not in the state that the operation requires.
    case notReady(String)

    /// One line for the user.
    package var description: String {
        switch self {
        case .refused(let line): "the server answered: \(line)"
        case .timedOut(let what): "timed out while waiting for \(what)"
        case .disconnected(let what): "the connection ended while waiting for \(what)"
        case .notReady(let what): what
        }
    }
}
