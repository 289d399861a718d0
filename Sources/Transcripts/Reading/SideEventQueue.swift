// The side events of one conversation, in order of time and without repetitions.

internal import Analysis
internal import Events
internal import Payloads

/// The side events of all connections of a conversation.
struct SideEventQueue: Sendable {
    /// The latest first, so that the next one is removed from the end.
    private var waiting: [Item] = []

    /// A side event and its connection.
    struct Item: Sendable {
        var sideEvent: SideEvent
        var connection: Int
    }

    /// The values of a side event that two clients' connections agree on.
    private struct Key: Hashable {
        var sender: String
        var what: String
        var size: UInt64?
    }

    /// The largest time between two clients' views of one event, in nanoseconds.
    static let delay: UInt64 = 10_000_000_000

    /// Collects the side events of a conversation.
    ///
    /// - Parameter sideEvents: the side events of each connection, in order.
    init(_ conversation: ChatConversation, _ sideEvents: [Int: [SideEvent]]) {
        var places: [Key: [Int]] = [:]
        for (index, segment) in conversation.segments.enumerated() {
            let isDuplicate = conversation.duplicates[index] != nil
            for sideEvent in sideEvents[segment.connection] ?? [] where segment.contains(sideEvent) {
                let item = Item(sideEvent: sideEvent, connection: segment.connection)
                guard let key = Self.key(sideEvent) else {
                    waiting.append(item)
                    continue
                }
                if isDuplicate, let place = match(for: item, among: &places[key, default: []]) {
                    if Self.received(sideEvent) > Self.received(waiting[place].sideEvent) { waiting[place] = item }
                } else {
                    places[key, default: []].append(waiting.count)
                    waiting.append(item)
                }
            }
        }
        // An event with the time of its end follows all others of the same time.
        waiting.sort {
            ($0.sideEvent.time, $0.sideEvent.isEnd ? 1 : 0) < ($1.sideEvent.time, $1.sideEvent.isEnd ? 1 : 0)
        }
        waiting.reverse()
    }

    /// Removes and returns the next side event if it precedes a connection event at this time.
    mutating func next(until time: Timestamp) -> Item? {
        guard let sideEvent = waiting.last?.sideEvent,
            sideEvent.time < time || sideEvent.time == time && !sideEvent.isEnd
        else {
            return nil
        }
        return waiting.popLast()
    }

    /// Removes and returns the next side event, after the last connection event.
    mutating func next() -> Item? { waiting.popLast() }

    /// The index of another connection's view of the same event, removed from `places`: each is matched once.
    private func match(for item: Item, among places: inout [Int]) -> Int? {
        let found = places.firstIndex { place in
            let other = waiting[place]
            let isNear = other.sideEvent.time.isNear(item.sideEvent.time) || item.sideEvent.isEnd
            return other.connection != item.connection && isNear
        }
        return found.map { places.remove(at: $0) }
    }

    private static func key(_ sideEvent: SideEvent) -> Key? {
        switch sideEvent.what {
        case .file(let file):
            Key(sender: sideEvent.sender, what: file.picture ?? "\(file.wasOffered) \(file.name)", size: file.size)
        case .invitation(let invitation):
            Key(sender: sideEvent.sender, what: "\(invitation.application.name) \(invitation.invitee)", size: nil)
        case .text(let text, _): Key(sender: sideEvent.sender, what: "text \(text.text)", size: nil)
        default: nil
        }
    }

    private static func received(_ sideEvent: SideEvent) -> UInt64 {
        if case .file(let file) = sideEvent.what { file.isComplete ? .max : file.received } else { 0 }
    }
}

extension SideEvent {
    /// Whether its time is that of its end, because the offer has an entry of its own.
    fileprivate var isEnd: Bool { if case .file(let file) = what { file.wasOffered } else { false } }
}

extension Timestamp {
    /// Whether the times are close enough for two clients' views of one event.
    func isNear(_ other: Timestamp) -> Bool {
        let (gap, isOver) = nanoseconds.subtractingReportingOverflow(other.nanoseconds)
        return !isOver && gap.magnitude <= SideEventQueue.delay
    }
}
