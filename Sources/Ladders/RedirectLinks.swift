// Finds the connection that came of a redirect, from the events of the connections in order of time.

internal import Events
internal import MSNP

/// Matches redirects with the connections that follow them: by the cookie that both have, else by the address.
struct RedirectLinks: Sendable {
    /// A redirect that no connection has followed yet.
    private struct Open: Sendable {
        var place: Ladder.Place
        var clientHost: String
        var address: String
        var cookie: [UInt8]?
        var signIn: Int?
    }

    private var open: [Open] = []
    /// The hosts of the clients, by connection.
    private var clientHosts: [Int: String] = [:]
    /// Connections that were not matched yet, because their cookie was not sent yet.
    private var servers: [Int: String] = [:]

    /// The maximum number of redirects that wait for a connection.
    static let mostOpen = 1_000
    private static let mostServers = 10_000

    /// Takes an event.
    ///
    /// - Returns: the redirect that led to the event's connection, once it is certain.
    mutating func take(_ event: Event, at place: Ladder.Place) -> Ladder.Place? {
        switch event.kind {
        case .opened(let ends):
            guard servers.count < Self.mostServers else { return nil }
            clientHosts[event.connection] = Self.host(ends.client)
            servers[event.connection] = ends.server
        case .closed:
            clientHosts[event.connection] = nil
            servers[event.connection] = nil
        case .frame(let frame, .server): note(frame, event, place)
        case .frame(let frame, .client): return match(frame, event)
        default: break
        }
        return nil
    }

    private mutating func note(_ frame: Frame, _ event: Event, _ place: Ladder.Place) {
        guard Redirect.mayBe(frame.verb), case .redirect(let redirect) = Command(frame, from: .server) else { return }
        if open.count >= Self.mostOpen { open.removeFirst() }
        open.append(
            Open(
                place: place, clientHost: clientHosts[event.connection] ?? "", address: redirect.address.description,
                cookie: redirect.cookie, signIn: event.signIn?.number))
    }

    /// The first command of a client decides: a cookie names its redirect, otherwise the address does.
    private mutating func match(_ frame: Frame, _ event: Event) -> Ladder.Place? {
        guard let server = servers[event.connection] else { return nil }
        servers[event.connection] = nil
        let host = clientHosts[event.connection] ?? ""
        if case .enterSwitchboard(_, let cookie, _) = Command(frame, from: .client) {
            let cookie = Array(cookie)
            // Some servers give all clients the same cookie: prefer a redirect of the same client.
            let index =
                open.lastIndex { $0.cookie == cookie && $0.clientHost == host }
                ?? open.lastIndex { $0.cookie == cookie }
            return index.map { open.remove(at: $0).place }
        }
        // A redirect may name a host whose address the recording does not show: then the sign-in decides.
        let index =
            open.lastIndex { $0.cookie == nil && $0.address == server && $0.clientHost == host }
            ?? open.lastIndex { $0.cookie == nil && $0.signIn != nil && $0.signIn == event.signIn?.number }
        return index.map { open.remove(at: $0).place }
    }

    /// The host of an address, without its port.
    static func host(_ address: String) -> String { HostPort(address)?.host ?? address }
}
