// What a connection is for.

/// What a connection is for. Found by what is said on it, never by a port (payload-rules.md section 6).
public enum Role: String, Sendable, Hashable, CaseIterable {
    /// Dispatch server: names the notification server and hangs up.
    case dispatch = "DS"
    /// Notification server: sign-in, lists, presence.
    case notification = "NS"
    /// Switchboard: one conversation.
    case switchboard = "SB"
    /// A direct link between two clients that carries MSNSLP.
    case peerToPeer = "P2P"
    /// A file transfer by MSNFTP, directly between two clients.
    case fileTransfer = "FTP"
    /// The HTTP gateway.
    case http = "HTTP"
    /// Nothing said yet that tells.
    case unknown
}
