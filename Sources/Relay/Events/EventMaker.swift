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
            for event in carried.events { emit(event) }
            return
        }
        // Only stored when the connection is new.
        let newTracker = { [passwords] (number: Int) in
            ConnectionTracker(connection: number, passwords: passwords)
        }
        let last = carried.isEnd ? carried.events.count - 1 : carried.events.count
        for (index, event) in carried.events.enumerated() {
            guard index < last else {
                _ = transfers.close(number, event.role)
                var tracker = trackers.removeValue(forKey: number) ?? newTracker(number)
                tracker.end(event, emit: emit)
                return
            }
            Self.observe(event, &trackers[number, default: newTracker(number)], &transfers, emit)
        }
    }

    private static func observe(
        _ event: Event, _ tracker: inout ConnectionTracker, _ transfers: inout CrossConnectionTransfers,
        _ emit: (Event) -> Void
    ) {
        tracker.observe(
            event, others: { event in event.annotation?.mayAgree == true ? transfers.take(event) : [] }, emit: emit)
    }
}
