// The commands on a file transfer's own connection, MSNFTP (p2p.md section 5).

/// A command of MSNFTP. Its verbs have other meanings on connections to servers. Only commands that the program acts on
/// have a case; values are slices of the frame's bytes, exactly as on the wire.
public enum FileTransferCommand: Sendable, Hashable {
    /// `USR account cookie`: the receiver of the file, and the cookie of the invitation.
    case user(account: Command.Token, cookie: Command.Token)
    /// `FIL size`: the size of the file in bytes.
    case file(size: Command.Token)
    /// `CCL`: the receiver cancels the transfer.
    case cancel
    /// `BYE code`: the end of the transfer.
    case end(code: Command.Token)

    /// Parses a command; nil for a command without a case, and for too few arguments.
    public init?(_ frame: Frame) {
        switch frame.verb {
        case "USR":
            guard let account = frame.argument(0), let cookie = frame.argument(1) else { return nil }
            self = .user(account: account, cookie: cookie)
        case "FIL":
            guard let size = frame.argument(0) else { return nil }
            self = .file(size: size)
        case "CCL": self = .cancel
        case "BYE":
            guard let code = frame.argument(0) else { return nil }
            self = .end(code: code)
        default: return nil
        }
    }
}
