// Wakes the streams of notices: when something was committed, and when the program ends.

import NIOConcurrencyHelpers

/// The open streams. Each has a slot for one notice: a newer one takes the place of an older one, so a slow reader
/// costs nothing.
final class NoticeSlots: Sendable {
    private struct State: Sendable {
        var slots: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextID = 0
        var commit = 1
        var isStopped = false
        var isWatching = false
    }

    private let state = NIOLockedValueBox(State())
    /// A number that changes with every commit.
    private let commitNumber: @Sendable () async -> Int64?
    /// Called with whether there are streams.
    private let followed: @Sendable (Bool) -> Void
    /// How often the archive is asked while somebody follows.
    private let interval: Duration

    /// After how long a stream is woken anyway.
    private static let quietTime = Duration.seconds(15)

    /// - Parameters:
    ///   - interval: how often the archive is asked for commits that nobody notes.
    ///   - followed: called with whether there are streams; must return at once.
    init(
        interval: Duration, followed: @escaping @Sendable (Bool) -> Void = { _ in },
        commitNumber: @escaping @Sendable () async -> Int64?
    ) {
        self.interval = interval
        self.followed = followed
        self.commitNumber = commitNumber
    }

    /// Whether the program ends.
    var isStopped: Bool { state.withLockedValue { $0.isStopped } }

    /// The number of the last commit that was noticed.
    var commit: Int { state.withLockedValue { $0.commit } }

    /// Opens a slot; it ends at the stop.
    func open() -> (id: Int, slot: AsyncStream<Void>) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (id, startsWatch, isStopped) = state.withLockedValue { state -> (Int, Bool, Bool) in
            state.nextID += 1
            guard !state.isStopped else { return (state.nextID, false, true) }
            // Within the lock, so that the last call is the right one.
            if state.slots.isEmpty { followed(true) }
            state.slots[state.nextID] = continuation
            defer { state.isWatching = true }
            return (state.nextID, !state.isWatching, false)
        }
        if isStopped { continuation.finish() }
        if startsWatch { Task { await watch() } }
        return (id, stream)
    }

    /// Ends one slot.
    func close(_ id: Int) {
        let slot = state.withLockedValue { state in
            let slot = state.slots.removeValue(forKey: id)
            if slot != nil, state.slots.isEmpty { followed(false) }
            return slot
        }
        slot?.finish()
    }

    /// Puts a notice of a commit into each slot.
    func note() {
        let slots = state.withLockedValue { state in
            state.commit += 1
            return Array(state.slots.values)
        }
        for slot in slots { slot.yield() }
    }

    /// Ends all slots.
    func stop() {
        let slots = state.withLockedValue { state in
            state.isStopped = true
            if !state.slots.isEmpty { followed(false) }
            defer { state.slots = [:] }
            return Array(state.slots.values)
        }
        for slot in slots { slot.finish() }
    }

    /// Asks the archive for commits of any program while somebody follows.
    private func watch() async {
        var last = await commitNumber()
        var quiet = Duration.zero
        while true {
            try? await Task.sleep(for: interval)
            let slots = state.withLockedValue { state in
                state.isWatching = !state.slots.isEmpty
                return Array(state.slots.values)
            }
            if slots.isEmpty { return }
            let number = await commitNumber()
            quiet += interval
            if number != last {
                (last, quiet) = (number, .zero)
                note()
            } else if quiet >= Self.quietTime {
                quiet = .zero
                for slot in slots { slot.yield() }
            }
        }
    }
}
