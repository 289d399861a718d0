// Limits clients whose server is not connected yet: their number and the bytes that they have sent. Pure.

/// Clients between their own connection and their server's.
///
/// Time-outs (first line, dialling) limit how long each stays; this limits how many there are at once.
struct PendingClients {
    /// The limit of pending clients.
    static let most = 4_096
    /// The limit of bytes that all pending clients together have sent.
    static let mostBytes = 16 << 20
    /// The limit of bytes of one pending client. The system's socket buffer holds most of what the relay has not read.
    static let mostBytesOfOne = 1 << 20

    private struct Client {
        var bytes = 0
        /// The time of its last activity, as a counter: only the order matters.
        var last: UInt64
    }

    private var clients: [Int: Client] = [:]
    private var bytes = 0
    private var activity: UInt64 = 0
    private let most: Int

    init(most: Int = Self.most) { self.most = most }

    /// Adds a client.
    ///
    /// - Returns: the clients to turn away.
    mutating func begin(_ number: Int) -> [Int] {
        activity += 1
        clients[number] = Client(last: activity)
        return makeRoom()
    }

    /// Counts bytes of a pending client; ignores other clients.
    ///
    /// - Returns: the clients to turn away.
    mutating func count(_ count: Int, of number: Int) -> [Int] {
        guard let client = clients[number] else { return [] }
        activity += 1
        clients[number] = Client(bytes: client.bytes + count, last: activity)
        bytes += count
        if client.bytes + count > Self.mostBytesOfOne {
            end(number)
            return [number]
        }
        return makeRoom()
    }

    /// Removes a client whose server is connected, or which has left.
    mutating func end(_ number: Int) {
        guard let client = clients.removeValue(forKey: number) else { return }
        bytes -= client.bytes
    }

    private mutating func makeRoom() -> [Int] {
        var removed: [Int] = []
        while clients.count > most || bytes > Self.mostBytes {
            // If the bytes are over the limit, only clients with bytes can make room.
            let isOverCount = clients.count > most
            let idlest = clients.filter { isOverCount || $0.value.bytes > 0 }.min { $0.value.last < $1.value.last }
            guard let idlest else { return removed }
            end(idlest.key)
            removed.append(idlest.key)
        }
        return removed
    }
}
