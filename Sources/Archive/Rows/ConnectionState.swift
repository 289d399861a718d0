// The state of a connection that the event index records: role, dialect and sign-in.

internal import Events
internal import MSNP

/// The role, dialect and sign-in of a connection at one moment.
struct ConnectionState: Equatable {
    var role = Role.unknown
    var dialect: Dialect?
    /// The sign-in's number within the recording; 0 if unknown.
    var signIn = 0
    var hasAccount = false

    init() {}

    init(_ event: Event) {
        role = event.role
        dialect = event.dialect
        signIn = event.signIn?.number ?? 0
        hasAccount = event.signIn?.account != nil
    }
}
