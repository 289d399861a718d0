// Which addresses made-up packets go between: the recorded ones where there are some.

internal import Events
internal import MSNP

/// Gives every connection two ends that no other connection has at the same time.
struct SyntheticEndpoints: Sendable {
    /// A name for which an address had to be made up.
    struct Name: Sendable, Hashable {
        var name: String
        var address: [UInt8]
    }

    private struct Pair: Hashable {
        var client: TCPEnd
        var server: TCPEnd

        /// Packets of both directions belong together, so the order of ends must not count.
        init(_ a: TCPEnd, _ b: TCPEnd) {
            let isInOrder = a.address == b.address ? a.port < b.port : a.address.lexicographicallyPrecedes(b.address)
            (client, server) = isInOrder ? (a, b) : (b, a)
        }
    }

    private var open: Set<Pair> = []
    private var closed: [Pair] = []
    private var oldest = 0
    private var names: [String: Int] = [:]
    /// Names that got an address since the last look.
    private(set) var newNames: [Name] = []

    /// How many ended connections are remembered: one without a handshake must not look like the rest of one of them.
    private static let mostClosed = 4_096
    /// How many names get an address of their own.
    private static let mostNames = 65_536

    /// The ends of a new connection. Where two recordings have the same ends at the same time, the later client gets
    /// another port.
    mutating func take(_ ends: Endpoints, connection: Int, hasHandshake: Bool) -> (client: TCPEnd, server: TCPEnd) {
        let client = HostPort(ends.client, defaultPort: 0)
        let server = HostPort(ends.server)
        var hosts = [client?.host ?? ends.client, server?.host ?? ends.server]
        // Pasted logs tell no addresses; still nobody talks to himself.
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
        let there = TCPEnd(address: addresses[1] ?? [], port: server.map { $0.port == 0 ? 1_863 : $0.port } ?? 1_863)
        var here = TCPEnd(address: addresses[0] ?? [], port: port)
        var attempt = connection
        while isTaken(Pair(here, there), hasHandshake), attempt < connection &+ 65_536 {
            attempt &+= 1
            here.port = Self.port(attempt)
        }
        open.insert(Pair(here, there))
        return (here, there)
    }

    /// Notes that a connection is over.
    mutating func release(_ client: TCPEnd, _ server: TCPEnd) {
        let pair = Pair(client, server)
        guard open.remove(pair) != nil else { return }
        if closed.count < Self.mostClosed {
            closed.append(pair)
        } else {
            closed[oldest] = pair
            oldest = (oldest + 1) % Self.mostClosed
        }
    }

    /// The names that got an address since the last call.
    mutating func takeNewNames() -> [Name] {
        defer { newNames = [] }
        return newNames
    }

    private func isTaken(_ pair: Pair, _ hasHandshake: Bool) -> Bool {
        pair.client == pair.server || open.contains(pair) || !hasHandshake && closed.contains(pair)
    }

    private static func port(_ number: Int) -> UInt16 { UInt16(truncatingIfNeeded: number & 0x3FFF) | 0xC000 }

    /// An address of those that are kept for documentation and tests (RFC 5737, RFC 2544, RFC 3849).
    private mutating func address(for name: String, isIPv6: Bool) -> [UInt8] {
        let key = isIPv6 ? "6\(name)" : "4\(name)"
        let isNew = names[key] == nil && names.count < Self.mostNames
        let number = names[key] ?? names.count % Self.mostNames
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
