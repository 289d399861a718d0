// Clients whose server is not there yet: how many there may be, and how much they may have said. Pure.

/// Clients from the moment that they connect until their server is there.
///
/// Each lasts for the time of silence and of dialling at most; this bounds how many there are at once.
struct PendingClients {
    /// How many there may be.
    static let most = 4_096
    /// How many bytes all of them together may have said.
    static let mostBytes = 16 << 20
    /// How many bytes one of them may have said: the system holds back most of what comes before it is read.
    static let mostBytesOfOne = 1 << 20

    private struct Client {
        var bytes = 0
        /// When it last said something, or came; counted, for only the order matters.
        var last: UInt64
    }

    private var clients: [Int: Client] = [:]
    private var bytes = 0
    private var moments: UInt64 = 0
    private let most: Int

    init(most: Int = Self.most) { self.most = most }

    /// A client came.
    ///
    /// - Returns: the clients that give way.
    mutating func begin(_ number: Int) -> [Int] {
        moments += 1
        clients[number] = Client(last: moments)
        return makeRoom()
    }

    /// A client said something before its server was there; others are not known here.
    ///
    /// - Returns: the clients that give way.
    mutating func count(_ count: Int, of number: Int) -> [Int] {
        guard let client = clients[number] else { return [] }
        moments += 1
        clients[number] = Client(bytes: client.bytes + count, last: moments)
        bytes += count
        if client.bytes + count > Self.mostBytesOfOne {
            end(number)
            return [number]
        }
        return makeRoom()
    }

    /// A client's server is there, or the client has gone.
    mutating func end(_ number: Int) {
        guard let client = clients.removeValue(forKey: number) else { return }
        bytes -= client.bytes
    }

    private mutating func makeRoom() -> [Int] {
        var gone: [Int] = []
        while clients.count > most || bytes > Self.mostBytes {
            // Those that have said much first, where it is the bytes that are too many.
            let isCrowd = clients.count > most
            let idlest = clients.filter { isCrowd || $0.value.bytes > 0 }.min { $0.value.last < $1.value.last }
            guard let idlest else { return gone }
            end(idlest.key)
            gone.append(idlest.key)
        }
        return gone
    }
}
