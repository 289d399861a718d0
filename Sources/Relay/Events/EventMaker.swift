// Makes events of what the loops carried. Pure.

internal import Analysis
internal import Events
internal import MSNP

/// The analysis of all connections of a relay.
struct EventMaker {
    private let passwords: Passwords
    private var trackers: [Int: ConnectionTracker] = [:]
    /// File transfers and direct connections that clients negotiated on one connection and carry out on another.
    private var transfers = CrossConnectionTransfers()

    init(passwords: Passwords = .none) { self.passwords = passwords }

    /// The number of connections whose end was not seen yet.
    var connections: Int { trackers.count }

    /// Emits the events of what was carried, in order.
    mutating func take(_ carried: Carried, emit: (Event) -> Void) {
        let number = carried.connection
        guard number > 0 else {
            for occurrence in carried.occurrences { ConnectionTracker(connection: 0).report(occurrence, emit: emit) }
            return
        }
        // Only stored when the connection is new.
        let newTracker = { [passwords] (number: Int) in
            ConnectionTracker(connection: number, passwords: passwords)
        }
        let last = carried.isEnd ? carried.occurrences.count - 1 : carried.occurrences.count
        for (index, occurrence) in carried.occurrences.enumerated() {
            guard index < last else {
                _ = transfers.close(number, occurrence.role)
                var tracker = trackers.removeValue(forKey: number) ?? newTracker(number)
                tracker.end(occurrence, emit: emit)
                return
            }
            Self.observe(occurrence, &trackers[number, default: newTracker(number)], &transfers, emit)
        }
    }

    private static func observe(
        _ occurrence: Occurrence, _ tracker: inout ConnectionTracker, _ transfers: inout CrossConnectionTransfers,
        _ emit: (Event) -> Void
    ) {
        tracker.observe(
            occurrence,
            others: { event in event.annotation?.mayAgree == true ? transfers.take(event) : [] }, emit: emit)
    }
}
