// Associates switchboard cookies with the redirects that issued them, with limits on time and number.

package import Events
package import MSNP

/// The switchboard and the circumstances for which a redirect issued a cookie.
package struct CookieGrant: Sendable, Hashable {
    /// The real address of the switchboard.
    package var address: HostPort
    /// The account that received the cookie.
    package var account: String?
    /// The address of the client that received the cookie, without port.
    package var clientHost: String
    /// The dialect of the notification connection, which the switchboard inherits.
    package var dialect: Dialect?
    /// The sign-in that the switchboard belongs to.
    package var signIn: SignIn?

    package init(address: HostPort, account: String?, clientHost: String, dialect: Dialect?, signIn: SignIn?) {
        self.address = address
        self.account = account
        self.clientHost = clientHost
        self.dialect = dialect
        self.signIn = signIn
    }
}

/// The grants that have not expired, by cookie.
package struct CookieRegistry: Sendable {
    /// The maximum number of grants kept; the oldest are dropped first. A busy server has a few hundred at once.
    package static let mostGrants = 65_536
    /// How long a grant is kept, in nanoseconds. Servers accept cookies for 120 seconds; slow clients get more.
    package static let lifetime: Int64 = 600 * 1_000_000_000

    /// The maximum number of grants per cookie. Some servers give all clients the same cookie.
    package static let mostPerCookie = 16
    /// The maximum length of a cookie in bytes; real cookies have about thirty.
    package static let longestCookie = 512

    /// The result of looking up a cookie that a client presents.
    package enum Claim: Sendable, Hashable {
        /// A redirect issued the cookie; the finding reports a misuse of it, if any.
        case known(CookieGrant, Finding?)
        /// No known redirect issued the cookie, or the grant has expired.
        case unknown
    }

    private struct Entry: Sendable {
        var grant: CookieGrant
        var deadline: Int64
        var isUsed = false
    }

    private var entries: [[UInt8]: [Entry]] = [:]
    /// The cookies in the order of their grants, to drop the oldest first.
    private var order: [(cookie: [UInt8], deadline: Int64)] = []
    /// The index in `order` of the oldest grant that is kept.
    private var oldest = 0

    package init() {}

    /// The number of grants kept.
    package var count: Int { order.count - oldest }

    /// Records a grant, unless the cookie is longer than `longestCookie`.
    ///
    /// - Parameter now: nanoseconds of a monotonic clock.
    package mutating func record(_ grant: CookieGrant, cookie: [UInt8], now: Int64) {
        forget(now: now)
        guard cookie.count <= Self.longestCookie else { return }
        let deadline = now &+ Self.lifetime
        // A repeated grant replaces the earlier one.
        entries[cookie]?.removeAll { $0.grant == grant && !$0.isUsed }
        if entries[cookie, default: []].count >= Self.mostPerCookie { entries[cookie]?.removeFirst() }
        entries[cookie, default: []].append(Entry(grant: grant, deadline: deadline))
        order.append((cookie, deadline))
    }

    /// Finds the grant of the cookie that a client presents, and marks it as used. Misuse of a cookie is reported only;
    /// the client still gets its server.
    package mutating func claim(cookie: [UInt8], account: String, clientHost: String, now: Int64) -> Claim {
        forget(now: now)
        guard var candidates = entries[cookie], !candidates.isEmpty else { return .unknown }
        // Some servers give all clients the same cookie: prefer a grant to this account, then the latest unused grant.
        let index =
            candidates.lastIndex { $0.grant.account == account && !$0.isUsed }
            ?? candidates.lastIndex { $0.grant.account == account }
            ?? candidates.lastIndex { !$0.isUsed } ?? candidates.endIndex - 1
        let entry = candidates[index]
        candidates[index].isUsed = true
        entries[cookie] = candidates
        return .known(entry.grant, Self.finding(entry, account: account, clientHost: clientHost))
    }

    private static func finding(_ entry: Entry, account: String, clientHost: String) -> Finding? {
        if let granted = entry.grant.account, granted != account {
            return Finding(
                .cookieOfAnotherClient, "\(account) used a cookie that was given to \(granted).",
                side: .client)
        }
        if entry.grant.clientHost != clientHost {
            return Finding(
                .cookieOfAnotherClient,
                "\(account) at \(clientHost) used a cookie that was given to \(entry.grant.clientHost).",
                side: .client)
        }
        guard entry.isUsed else { return nil }
        return Finding(.cookieUsedTwice, "\(account) used a cookie that had been used before.", side: .client)
    }

    /// Drops expired grants, and the oldest grant if the maximum number is reached.
    private mutating func forget(now: Int64) {
        while oldest < order.count, order[oldest].deadline <= now || count >= Self.mostGrants {
            let (cookie, deadline) = order[oldest]
            entries[cookie]?.removeAll { $0.deadline <= deadline }
            if entries[cookie]?.isEmpty == true { entries[cookie] = nil }
            oldest += 1
        }
        if oldest > 4_096, oldest > order.count / 2 {
            order.removeSubrange(..<oldest)
            oldest = 0
        }
    }
}
