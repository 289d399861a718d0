// Wakes the streams of notices: when something was committed, and when the program ends.

import NIOConcurrencyHelpers

/// The open streams. Each has a slot for one notice: a newer one takes the place of an older one, so a slow reader
/// costs nothing.
final class NoticeSlots: Sendable {
    private struct State: Sendable {
        var slots: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextID = 0
        var isStopped = false
    }

    private let state = NIOLockedValueBox(State())

    /// Opens a slot; it ends at the stop.
    func open() -> (id: Int, slot: AsyncStream<Void>) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLockedValue { state -> Int in
            state.nextID += 1
            if !state.isStopped { state.slots[state.nextID] = continuation }
            return state.nextID
        }
        if state.withLockedValue({ $0.isStopped }) { continuation.finish() }
        return (id, stream)
    }

    /// Ends one slot.
    func close(_ id: Int) { state.withLockedValue { $0.slots.removeValue(forKey: id) }?.finish() }

    /// Puts a notice into each slot.
    func note() { for slot in state.withLockedValue({ Array($0.slots.values) }) { slot.yield() } }

    /// Ends all slots.
    func stop() {
        let slots = state.withLockedValue { state in
            state.isStopped = true
            defer { state.slots = [:] }
            return Array(state.slots.values)
        }
        for slot in slots { slot.finish() }
    }

    /// Whether somebody follows.
    var isAnyOpen: Bool { state.withLockedValue { !$0.slots.isEmpty } }
}
