// Which switchboard each cookie was promised for. Pure: time and size are arguments and limits.

package import Events
package import MSNP

/// What a redirect promised to a client: this cookie opens that server.
package struct CookieGrant: Sendable, Hashable {
    /// Where the server really is.
    package var address: HostPort
    /// The account that was given the cookie.
    package var account: String?
    /// The address of the client that was given the cookie, without its port.
    package var clientHost: String
    /// The dialect of the notification connection, which the switchboard inherits.
    package var dialect: Dialect?
    /// The sign-in that the switchboard belongs to.
    package var signIn: SignIn?

    /// A promise with all that is known of its circumstances.
    package init(address: HostPort, account: String?, clientHost: String, dialect: Dialect?, signIn: SignIn?) {
        self.address = address
        self.account = account
        self.clientHost = clientHost
        self.dialect = dialect
        self.signIn = signIn
    }
}

/// The promises that are still good, by cookie.
package struct CookieRegistry: Sendable {
    /// How many promises are kept; the oldest goes first. A busy server has a few hundred open at once.
    package static let mostPromises = 65_536
    /// How long a promise is kept. Servers let cookies live 120 seconds; a slow client on a slow line gets more.
    package static let lifetime: Int64 = 600 * 1_000_000_000

    /// How many promises one cookie may have: servers that give everybody the same cookie exist, floods of them too.
    package static let mostPerCookie = 16
    /// How long a cookie may be to be remembered; real ones have some thirty bytes.
    package static let longestCookie = 512

    /// What is known of a cookie that a client presents.
    package enum Claim: Sendable, Hashable {
        /// It was promised; the finding says what is odd about its use, if anything.
        case known(CookieGrant, Finding?)
        /// Nobody promised it, or too long ago.
        case unknown
    }

    private struct Entry: Sendable {
        var promise: CookieGrant
        var deadline: Int64
        var isUsed = false
    }

    private var entries: [[UInt8]: [Entry]] = [:]
    /// The cookies in the order of their promises, for forgetting the oldest.
    private var order: [(cookie: [UInt8], deadline: Int64)] = []
    private var oldest = 0

    /// No promise yet.
    package init() {}

    /// How many promises are remembered.
    package var count: Int { order.count - oldest }

    /// Remembers a promise, unless the cookie is longer than `longestCookie`.
    ///
    /// - Parameter now: nanoseconds of a clock that never goes back.
    package mutating func promise(_ promise: CookieGrant, cookie: [UInt8], now: Int64) {
        forget(now: now)
        guard cookie.count <= Self.longestCookie else { return }
        let deadline = now &+ Self.lifetime
        // The same promise again takes the old one's place.
        entries[cookie]?.removeAll { $0.promise == promise && !$0.isUsed }
        if entries[cookie, default: []].count >= Self.mostPerCookie { entries[cookie]?.removeFirst() }
        entries[cookie, default: []].append(Entry(promise: promise, deadline: deadline))
        order.append((cookie, deadline))
    }

    /// Finds the promise that a client comes with. The relay judges nobody: what is odd still goes to its server.
    package mutating func claim(cookie: [UInt8], account: String, clientHost: String, now: Int64) -> Claim {
        forget(now: now)
        guard var candidates = entries[cookie], !candidates.isEmpty else { return .unknown }
        // Servers that give everybody the same cookie exist: the account decides, then the latest unused one.
        let index =
            candidates.lastIndex { $0.promise.account == account && !$0.isUsed }
            ?? candidates.lastIndex { $0.promise.account == account }
            ?? candidates.lastIndex { !$0.isUsed } ?? candidates.endIndex - 1
        let entry = candidates[index]
        candidates[index].isUsed = true
        entries[cookie] = candidates
        return .known(entry.promise, Self.finding(entry, account: account, clientHost: clientHost))
    }

    private static func finding(_ entry: Entry, account: String, clientHost: String) -> Finding? {
        if let promised = entry.promise.account, promised != account {
            return Finding(
                .cookieOfAnotherClient, "\(account) came with a cookie that was given to \(promised).",
                side: .client)
        }
        if entry.promise.clientHost != clientHost {
            return Finding(
                .cookieOfAnotherClient,
                "\(account) came from \(clientHost) with a cookie that was given to \(entry.promise.clientHost).",
                side: .client)
        }
        guard entry.isUsed else { return nil }
        return Finding(.cookieUsedTwice, "\(account) came with a cookie that was used before.", side: .client)
    }

    /// Drops what is too old, and the oldest of too many.
    private mutating func forget(now: Int64) {
        while oldest < order.count, order[oldest].deadline <= now || count >= Self.mostPromises {
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
