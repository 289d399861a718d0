// The columns of a ladder: clients, the relay, and one for the server of each connection.

internal import Events
internal import MSNP

/// Assigns the ends of connections to columns, in order of appearance.
struct LadderColumns: Sendable {
    /// Both ends of a connection.
    private struct Ends: Sendable {
        var clientHost = ""
        var signIn: SignIn?
        var server: Ladder.Party
    }

    private var connections: [Ends] = []
    /// The index in `connections` of each connection.
    private var indices: [Int: Int] = [:]
    private var hasRelay: Bool

    init(hasRelay: Bool) { self.hasRelay = hasRelay }

    mutating func noteRelay() { hasRelay = true }

    /// Adds the ends of a connection.
    mutating func open(_ event: Event, _ endpoints: Endpoints) {
        let index = index(of: event)
        connections[index].clientHost = RedirectLinks.host(endpoints.client)
        connections[index].server.name = endpoints.server
        connections[index].server.from = event.time
    }

    /// Notes the end of a connection.
    mutating func close(_ event: Event) { connections[index(of: event)].server.to = event.time }

    /// The provisional numbers of the ends of an event's connection, which `parties` translates: role and sign-in of a
    /// connection may become known late.
    mutating func ends(of event: Event) -> (client: Int, server: Int) {
        let index = index(of: event)
        return (2 * index, 2 * index + 1)
    }

    private mutating func index(of event: Event) -> Int {
        let index =
            indices[event.connection]
            ?? {
                connections.append(Ends(server: Ladder.Party(kind: .server, name: "", connection: event.connection)))
                indices[event.connection] = connections.count - 1
                return connections.count - 1
            }()
        if event.role != .unknown { connections[index].server.role = event.role }
        if let signIn = event.signIn { connections[index].signIn = signIn }
        return index
    }

    /// The parties from left to right, and the place in them of each provisional number.
    func parties() -> (parties: [Ladder.Party], places: [Int]) {
        var clients: [Ladder.Party] = []
        var clientOfSignIn: [Int: Int] = [:]
        var clientOfHost: [String: Int] = [:]
        let clientNumbers = connections.map { ends in
            let known = ends.signIn.map { clientOfSignIn[$0.number] } ?? clientOfHost[ends.clientHost]
            let number = known ?? clients.count
            if known == nil {
                clients.append(Ladder.Party(kind: .client, name: ends.clientHost.isEmpty ? "client" : ends.clientHost))
            }
            if let signIn = ends.signIn {
                clientOfSignIn[signIn.number] = number
                if let account = signIn.account { clients[number].name = account }
            } else {
                clientOfHost[ends.clientHost] = number
            }
            return number
        }
        var result = Array(clients.prefix(Ladder.mostParties / 2))
        // Clients that have no column of their own share the last one of a client.
        let lastClient = max(0, result.count - 1)
        if hasRelay, !result.isEmpty { result.append(Ladder.Party(kind: .relay, name: "")) }
        let room = Ladder.mostParties - result.count
        let first = result.count
        let areMany = connections.count > room
        result += connections.prefix(areMany ? room - 1 : room).map(\.server)
        if areMany { result.append(Ladder.Party(kind: .others, name: "")) }
        let places = clientNumbers.enumerated().flatMap { index, client in
            [min(client, lastClient), min(first + index, result.count - 1)]
        }
        return (result, places)
    }
}
