// Which redirect led to which connection: by the cookie that a client presents, or by its sign-in.

internal import Events
internal import MSNP

/// The event that led to a connection.
struct ConnectionOrigin: Hashable, Sendable {
    /// The number of its connection.
    var connection: Int
    /// The number of the event on it.
    var event: Int64
}

/// Follows the redirects of all connections of a recording.
struct ConnectionOrigins: Sendable {
    private struct Grant {
        var origin: ConnectionOrigin
        var time: Int64
    }

    /// The latest redirect with a cookie, by cookie, and to another notification server, by sign-in.
    private var byCookie: [[UInt8]: Grant] = [:]
    private var bySignIn: [Int: Grant] = [:]

    /// The largest number of redirects of each kind that wait for a client.
    private static let most = 4_096
    /// How long a redirect is good, in nanoseconds: servers accept cookies for two minutes.
    private static let lifetime: Int64 = 600_000_000_000

    /// Reads a frame.
    ///
    /// - Parameters:
    ///   - number: that of its event.
    ///   - isNew: whether it is not known yet what led to its connection.
    /// - Returns: what led to its connection, if this frame shows it.
    mutating func take(
        _ frame: Frame, from side: Side, on connection: Int, role: Role, signIn: Int?, number: Int64, at time: Int64,
        isNew: Bool
    ) -> ConnectionOrigin? {
        if side == .server, Redirect.mayBe(frame.verb), case .redirect(let redirect)? = Command(frame, from: side) {
            let grant = Grant(origin: ConnectionOrigin(connection: connection, event: number), time: time)
            if let cookie = redirect.cookie {
                guard cookie.count <= Self.longestCookie else { return nil }
                if byCookie.count >= Self.most { Self.forget(&byCookie, before: time) }
                byCookie[cookie] = grant
            } else if let signIn {
                if bySignIn.count >= Self.most { Self.forget(&bySignIn, before: time) }
                bySignIn[signIn] = grant
            }
            return nil
        }
        guard isNew, side == .client else { return nil }
        if frame.verb == "USR" || frame.verb == "ANS",
            case .enterSwitchboard(_, let cookie, _)? = Command(frame, from: side)
        {
            return byCookie.removeValue(forKey: Array(cookie)).flatMap { isGood($0, connection, time) }
        }
        guard role == .notification || role == .dispatch, let signIn, let grant = bySignIn[signIn],
            let origin = isGood(grant, connection, time)
        else { return nil }
        bySignIn[signIn] = nil
        return origin
    }

    private static let longestCookie = 512

    private func isGood(_ grant: Grant, _ connection: Int, _ time: Int64) -> ConnectionOrigin? {
        grant.origin.connection != connection && time &- grant.time < Self.lifetime ? grant.origin : nil
    }

    /// Drops what is too old, or everything if nothing is.
    private static func forget<Key>(_ grants: inout [Key: Grant], before time: Int64) {
        grants = grants.filter { time &- $0.value.time < lifetime }
        if grants.count >= most { grants = [:] }
    }
}
