// A short blocking queue between the reader thread and the decoder thread.

internal import Dispatch
internal import NIOConcurrencyHelpers

/// Holds a few batches: the reader waits while it is full, the decoder while it is empty.
final class BatchQueue: Sendable {
    /// Enough to compensate short delays of either thread.
    private static let most = 4

    private struct State {
        var batches: [StreamBatch] = []
        var spare: [StreamBatch] = []
        var isAbandoned = false
    }

    private let state = NIOLockedValueBox(State())
    private let freeSlots = DispatchSemaphore(value: most)
    private let filledSlots = DispatchSemaphore(value: 0)

    /// Appends a batch; waits while the queue is full.
    ///
    /// - Returns: an empty batch with memory to fill, or nil if the decoder has abandoned the queue.
    func put(_ batch: StreamBatch) -> StreamBatch? {
        freeSlots.wait()
        let next = state.withLockedValue { state -> StreamBatch? in
            guard !state.isAbandoned else { return nil }
            state.batches.append(batch)
            return state.spare.popLast() ?? StreamBatch()
        }
        if next != nil { filledSlots.signal() } else { freeSlots.signal() }
        return next
    }

    /// Called by the reader after the last batch.
    func close() { filledSlots.signal() }

    /// Called by the decoder when it needs no more batches.
    func abandon() {
        state.withLockedValue { $0.isAbandoned = true }
        freeSlots.signal()
    }

    /// Removes the next batch; waits for one. Returns nil at the end.
    func take() -> StreamBatch? {
        if case .batch(let batch) = next(waits: true) { batch } else { nil }
    }

    /// What the queue has for the decoder.
    enum Next {
        case batch(StreamBatch)
        /// No batch yet.
        case nothing
        /// No batch any more.
        case end
    }

    /// Removes the next batch.
    ///
    /// - Parameter waits: whether to wait for a batch.
    func next(waits: Bool) -> Next {
        if waits {
            filledSlots.wait()
        } else if filledSlots.wait(timeout: .now()) == .timedOut {
            return .nothing
        }
        let batch = state.withLockedValue { $0.batches.isEmpty ? nil : $0.batches.removeFirst() }
        guard let batch else { return .end }
        freeSlots.signal()
        return .batch(batch)
    }

    /// Returns the memory of a batch for reuse.
    ///
    /// - Parameter batch: consumed: a copy kept by the caller would force a new allocation.
    func recycle(_ batch: consuming StreamBatch) {
        var batch = batch
        batch.entries.removeAll(keepingCapacity: true)
        batch.bytes.removeAll(keepingCapacity: true)
        state.withLockedValue { if $0.spare.count < Self.most { $0.spare.append(batch) } }
    }
}
