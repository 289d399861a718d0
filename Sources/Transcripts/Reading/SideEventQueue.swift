// What happened beside messages in one conversation, in order, each thing once.

internal import Events
internal import Payloads

/// The asides of all connections of a conversation, the first last.
struct SideEventQueue: Sendable {
    private var waiting: [Item] = []

    /// An aside, and the connection that it was found on.
    struct Item: Sendable {
        var sideEvent: SideEvent
        var connection: Int
    }

    /// What two clients' connections show alike of one thing.
    private struct Key: Hashable {
        var sender: String
        var what: String
        var size: UInt64?
    }

    /// How much later than one client another may show the same, in nanoseconds.
    static let delay: UInt64 = 10_000_000_000

    /// The asides of a conversation.
    ///
    /// - Parameter asides: what was found on each connection, in order.
    init(_ conversation: ChatConversation, _ sideEvents: [Int: [SideEvent]]) {
        var places: [Key: [Int]] = [:]
        for (index, segment) in conversation.segments.enumerated() {
            let isShadow = conversation.shadows[index] != nil
            for sideEvent in sideEvents[segment.connection] ?? [] where segment.holds(sideEvent) {
                let item = Item(sideEvent: sideEvent, connection: segment.connection)
                guard let key = Self.key(sideEvent) else {
                    waiting.append(item)
                    continue
                }
                if isShadow, let place = twin(of: item, among: &places[key, default: []]) {
                    if Self.received(sideEvent) > Self.received(waiting[place].sideEvent) { waiting[place] = item }
                } else {
                    places[key, default: []].append(waiting.count)
                    waiting.append(item)
                }
            }
        }
        // What is told when it ended stands behind all that is as old.
        waiting.sort {
            ($0.sideEvent.time, $0.sideEvent.isEnd ? 1 : 0) < ($1.sideEvent.time, $1.sideEvent.isEnd ? 1 : 0)
        }
        waiting.reverse()
    }

    /// The next aside that comes before what happens now.
    mutating func next(until time: Timestamp) -> Item? {
        guard let sideEvent = waiting.last?.sideEvent,
            sideEvent.time < time || sideEvent.time == time && !sideEvent.isEnd
        else {
            return nil
        }
        return waiting.popLast()
    }

    /// The next one of those that nothing came behind.
    mutating func next() -> Item? { waiting.popLast() }

    /// Where another connection shows the same; each has its like once.
    private func twin(of item: Item, among places: inout [Int]) -> Int? {
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
    /// Whether its time is when it ended: the offer was told by itself.
    fileprivate var isEnd: Bool { if case .file(let file) = what { file.wasOffered } else { false } }
}

extension Timestamp {
    /// Whether two clients may have seen the same at these times.
    func isNear(_ other: Timestamp) -> Bool {
        let (gap, isOver) = nanoseconds.subtractingReportingOverflow(other.nanoseconds)
        return !isOver && gap.magnitude <= SideEventQueue.delay
    }
}
