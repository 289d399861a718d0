// What is known about a connection at the time of an event: number, role, dialect, sign-in.

package import MSNP

/// The state of a connection, shared by all events until it changes. A class, because an event is copied often, and a
/// reference costs less than the values.
package final class ConnectionContext: Sendable {
    /// The number of the TCP connection, counted from 1; 0 for events without a connection.
    package let connection: Int
    /// The role of the connection, as far as known.
    package let role: Role
    /// The negotiated dialect, as far as known.
    package let dialect: Dialect?
    /// The sign-in that the connection belongs to, as far as known.
    package let signIn: SignIn?

    package init(connection: Int, role: Role = .unknown, dialect: Dialect? = nil, signIn: SignIn? = nil) {
        self.connection = connection
        self.role = role
        self.dialect = dialect
        self.signIn = signIn
    }

    /// The context of the same connection with these values: this one if nothing has changed.
    package func with(role: Role, dialect: Dialect?, signIn: SignIn?) -> ConnectionContext {
        if self.role == role, self.dialect == dialect, self.signIn == signIn { return self }
        return ConnectionContext(connection: connection, role: role, dialect: dialect, signIn: signIn)
    }
}
