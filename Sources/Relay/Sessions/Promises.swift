// The addresses that redirects promised to clients who come through a proxy door. Pure.

internal import MSNP

/// Redirects that were forwarded unchanged, because their client asks the proxy for what the server names.
///
/// Times are nanoseconds of a monotonic clock.
struct Promises: Sendable {
    /// How long a promise is good, in nanoseconds: as long as a cookie (`CookieRegistry.lifetime`).
    static let lifetime: Int64 = 600 * 1_000_000_000
    /// The maximum number of promises; beyond it the oldest are dropped.
    static let most = 16_384

    /// An address that was promised to a client's host.
    struct Promise: Hashable, Sendable {
        var clientHost: String
        var address: HostPort
    }

    private struct State: Sendable {
        var made: Int64
        var isUsed = false
    }

    private var promises: [Promise: State] = [:]
    private var cookies: [[UInt8]: Int64] = [:]

    /// The number of promises kept.
    var count: Int { promises.count }

    /// Records a redirect.
    mutating func add(_ redirect: Redirect, to clientHost: String, now: Int64) {
        promises[Promise(clientHost: clientHost, address: redirect.address)] = State(made: now)
        if let cookie = redirect.cookie { cookies[cookie] = now }
        guard promises.count > Self.most || cookies.count > Self.most else { return }
        let oldest = now &- Self.lifetime
        promises = promises.filter { $0.value.made > oldest }
        cookies = cookies.filter { $0.value > oldest }
        if promises.count > Self.most {
            let kept = promises.sorted { $0.value.made > $1.value.made }.prefix(Self.most / 2)
            promises = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
        }
        if cookies.count > Self.most {
            let kept = cookies.sorted { $0.value > $1.value }.prefix(Self.most / 2)
            cookies = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
        }
    }

    /// Whether an address was promised to this client's host; it then counts as used.
    mutating func use(_ address: HostPort, by clientHost: String, now: Int64) -> Bool {
        let promise = Promise(clientHost: clientHost, address: address)
        guard let state = promises[promise], state.made > now &- Self.lifetime else { return false }
        promises[promise]?.isUsed = true
        return true
    }

    /// Whether a promise made by this time still waits for its client.
    func isUnused(_ address: HostPort, by clientHost: String) -> Bool {
        promises[Promise(clientHost: clientHost, address: address)]?.isUsed == false
    }

    /// The promised address with this host, for a gateway's client, which names no port.
    func address(ofHost host: String, for clientHost: String, now: Int64) -> HostPort? {
        promises.filter {
            $0.key.clientHost == clientHost && $0.key.address.host == host && $0.value.made > now &- Self.lifetime
        }.max { $0.value.made < $1.value.made }?.key.address
    }

    /// Whether this cookie was in a redirect to a proxy's client.
    func contains(cookie: some Collection<UInt8>, now: Int64) -> Bool {
        cookies[Array(cookie)].map { $0 > now &- Self.lifetime } ?? false
    }
}
