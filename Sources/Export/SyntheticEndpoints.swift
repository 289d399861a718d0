// Assigns addresses and ports to synthetic packets: the recorded ones where they exist.

internal import Events
internal import MSNP

/// Assigns each connection a pair of endpoints, unique among simultaneous connections.
struct SyntheticEndpoints: Sendable {
    /// A host name with a synthetic address.
    struct Name: Sendable, Hashable {
        var name: String
        var address: [UInt8]
    }

    private struct Pair: Hashable {
        var client: TCPEndpoint
        var server: TCPEndpoint

        /// Puts the endpoints in order: both directions of a connection have the same pair.
        init(_ a: TCPEndpoint, _ b: TCPEndpoint) {
            let isInOrder = a.address == b.address ? a.port < b.port : a.address.lexicographicallyPrecedes(b.address)
            (client, server) = isInOrder ? (a, b) : (b, a)
        }
    }

    private var open: Set<Pair> = []
    private var closed: [Pair] = []
    private var oldest = 0
    private var names: [String: Int] = [:]
    /// Names that got a synthetic address since the last call of `takeNewNames`.
    private(set) var newNames: [Name] = []

    /// The limit on ended connections in memory: a connection without a handshake must not look like the rest of one of
    /// them.
    private static let maxClosed = 4_096
    /// The limit on names with an address of their own.
    private static let maxNames = 65_536

    /// Assigns the endpoints of a new connection. Where another connection has the same endpoints at the same time, the
    /// client gets another port.
    mutating func allocate(_ ends: Endpoints, connection: Int, hasHandshake: Bool) -> (
        client: TCPEndpoint, server: TCPEndpoint
    ) {
        let client = HostPort(ends.client, defaultPort: 0)
        let server = HostPort(ends.server)
        var hosts = [client?.host ?? ends.client, server?.host ?? ends.server]
        // Pasted logs have no addresses; client and server still need different ones.
        if hosts[0] == "unknown" { hosts[0] = "unknown-client" }
        if hosts[1] == "unknown" { hosts[1] = "unknown-server" }
        var addresses = hosts.map { IPAddressText.bytes(of: $0) }
        let wantsIPv6 = addresses.contains { $0?.count == 16 }
        for index in addresses.indices {
            if let known = addresses[index], wantsIPv6, known.count == 4 {
                addresses[index] = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + known
            } else if addresses[index] == nil {
                addresses[index] = address(for: hosts[index], isIPv6: wantsIPv6)
            }
        }
        var port = client?.port ?? 0
        if port == 0 { port = Self.port(connection) }
        let there = TCPEndpoint(
            address: addresses[1] ?? [], port: server.map { $0.port == 0 ? 1_863 : $0.port } ?? 1_863)
        var here = TCPEndpoint(address: addresses[0] ?? [], port: port)
        var attempt = connection
        while isTaken(Pair(here, there), hasHandshake), attempt < connection &+ 65_536 {
            attempt &+= 1
            here.port = Self.port(attempt)
        }
        open.insert(Pair(here, there))
        return (here, there)
    }

    /// Records the end of a connection.
    mutating func release(_ client: TCPEndpoint, _ server: TCPEndpoint) {
        let pair = Pair(client, server)
        guard open.remove(pair) != nil else { return }
        if closed.count < Self.maxClosed {
            closed.append(pair)
        } else {
            closed[oldest] = pair
            oldest = (oldest + 1) % Self.maxClosed
        }
    }

    /// Returns the names that got a synthetic address since the last call.
    mutating func takeNewNames() -> [Name] {
        defer { newNames = [] }
        return newNames
    }

    private func isTaken(_ pair: Pair, _ hasHandshake: Bool) -> Bool {
        pair.client == pair.server || open.contains(pair) || !hasHandshake && closed.contains(pair)
    }

    private static func port(_ number: Int) -> UInt16 { UInt16(truncatingIfNeeded: number & 0x3FFF) | 0xC000 }

    /// An address from the ranges for documentation and tests (RFC 5737, RFC 2544, RFC 3849).
    private mutating func address(for name: String, isIPv6: Bool) -> [UInt8] {
        let key = isIPv6 ? "6\(name)" : "4\(name)"
        let isNew = names[key] == nil && names.count < Self.maxNames
        let number = names[key] ?? names.count % Self.maxNames
        let (high, low) = (UInt8(truncatingIfNeeded: number &>> 8), UInt8(truncatingIfNeeded: number))
        let address: [UInt8]
        if isIPv6 {
            address = [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 9) + [1, high, low]
        } else {
            address = number < 254 ? [203, 0, 113, low &+ 1] : [198, 18, high, low]
        }
        if isNew {
            names[key] = number
            newNames.append(Name(name: name, address: address))
        }
        return address
    }
}
