// The queue of connections that the reassembler serves again after a delay.

/// Connections that wait for time to pass, in order of their due times.
struct WaitingList: Sendable {
    private var entries: [Entry] = []
    private var head = 0

    /// The delay in nanoseconds until a connection is served again.
    static let interval: Int64 = 1_000_000_000

    struct Entry: Sendable {
        let slot: Int
        let number: Int
        let due: Int64
    }

    /// Whether the first entry is due, or the clock of the capture went back.
    @inline(__always)
    func isDue(at now: Int64) -> Bool {
        if head == entries.count { return false }
        let early = entries[head].due &- now
        return early <= 0 || early > 2 &* Self.interval
    }

    mutating func append(slot: Int, number: Int, at due: Int64) {
        entries.append(Entry(slot: slot, number: number, due: due))
    }

    mutating func popFirst() -> Entry? {
        if head == entries.count { return nil }
        let entry = entries[head]
        head &+= 1
        if head == entries.count {
            entries.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 1024, head &* 2 >= entries.count {
            entries.removeFirst(head)
            head = 0
        }
        return entry
    }
}
