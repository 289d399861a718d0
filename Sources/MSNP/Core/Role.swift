// The role of a connection: dispatch, notification, switchboard, direct link, file transfer, or HTTP gateway.

/// The role of a connection. It is detected from the commands, never from the port (payload-rules.md section 6).
public enum Role: String, Sendable, Hashable, CaseIterable {
    /// Dispatch server: sends the address of the notification server and disconnects.
    case dispatch = "DS"
    /// Notification server: sign-in, contact lists, presence.
    case notification = "NS"
    /// Switchboard: one conversation.
    case switchboard = "SB"
    /// A direct connection between two clients that carries MSNSLP.
    case peerToPeer = "P2P"
    /// A direct connection between two clients that transfers a file by MSNFTP.
    case fileTransfer = "FTP"
    /// The HTTP gateway.
    case http = "HTTP"
    /// Not yet known.
    case unknown
}
