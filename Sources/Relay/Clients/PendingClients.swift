// Limits clients whose server is not connected yet: their number and the bytes that they have sent. Pure.

/// Clients between their own connection and their server's.
///
/// Time-outs (first line, dialling) limit how long each stays; this limits how many there are at once.
struct PendingClients {
    /// The limit of pending clients. One takes less than 5 KiB, so all of them take less than 80 MiB.
    static let most = 16_384
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
    /// The clients in the order of their activity. A later activity or the end of a client makes its entry stale; stale
    /// entries are skipped, and removed when they are most of the list.
    private var order: [(number: Int, last: UInt64)] = []
    /// The index of the first entry that may not be stale.
    private var first = 0
    private var bytes = 0
    private var activity: UInt64 = 0
    private let most: Int

    init(most: Int = Self.most) { self.most = most }

    /// Adds a client.
    ///
    /// - Returns: the clients to turn away.
    mutating func begin(_ number: Int) -> [Int] {
        note(number, bytes: 0)
        return makeRoom()
    }

    /// Counts bytes of a pending client; ignores other clients.
    ///
    /// - Returns: the clients to turn away.
    mutating func count(_ count: Int, of number: Int) -> [Int] {
        guard let client = clients[number] else { return [] }
        note(number, bytes: client.bytes + count)
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

    /// Notes an activity of a client.
    private mutating func note(_ number: Int, bytes: Int) {
        activity += 1
        clients[number] = Client(bytes: bytes, last: activity)
        if order.count >= 64, order.count > 4 * clients.count {
            order = order[first...].filter { clients[$0.number]?.last == $0.last }
            first = 0
        }
        order.append((number, activity))
    }

    private mutating func makeRoom() -> [Int] {
        var removed: [Int] = []
        while clients.count > most || bytes > Self.mostBytes {
            // If the bytes are over the limit, only clients with bytes can make room.
            guard let idlest = clients.count > most ? idlest() : idlestWithBytes() else { return removed }
            end(idlest)
            removed.append(idlest)
        }
        return removed
    }

    /// The client without activity for longest. Many clients may come at once, so it is found without a search.
    private mutating func idlest() -> Int? {
        while first < order.count {
            let entry = order[first]
            if clients[entry.number]?.last == entry.last { return entry.number }
            first += 1
        }
        return nil
    }

    private func idlestWithBytes() -> Int? {
        clients.filter { $0.value.bytes > 0 }.min { $0.value.last < $1.value.last }?.key
    }
}
