// A short queue between the two cores.

internal import Dispatch
internal import NIOConcurrencyHelpers

/// Holds a few batches: the reader waits when the decoder is behind, and the other way round.
final class BatchQueue: Sendable {
    /// Enough that neither side waits for the other's hiccups.
    private static let most = 4

    private struct State {
        var batches: [Batch] = []
        var spare: [Batch] = []
        var isAbandoned = false
    }

    private let state = NIOLockedValueBox(State())
    private let places = DispatchSemaphore(value: most)
    private let filled = DispatchSemaphore(value: 0)

    /// Hands a batch over, waiting while the queue is full.
    ///
    /// - Returns: an empty batch with memory to fill, or nil when nobody takes batches any more.
    func put(_ batch: Batch) -> Batch? {
        places.wait()
        let next = state.withLockedValue { state -> Batch? in
            guard !state.isAbandoned else { return nil }
            state.batches.append(batch)
            return state.spare.popLast() ?? Batch()
        }
        if next != nil { filled.signal() } else { places.signal() }
        return next
    }

    /// Says that no more comes.
    func close() { filled.signal() }

    /// Says that no more is wanted.
    func abandon() {
        state.withLockedValue { $0.isAbandoned = true }
        places.signal()
    }

    /// Takes the next batch, waiting for one; nil at the end.
    func take() -> Batch? {
        filled.wait()
        let batch = state.withLockedValue { $0.batches.isEmpty ? nil : $0.batches.removeFirst() }
        if batch != nil { places.signal() }
        return batch
    }

    /// Gives a batch's memory back for the next one.
    ///
    /// - Parameter batch: given away: a copy kept by the caller would cost the memory that this is to save.
    func recycle(_ batch: consuming Batch) {
        var batch = batch
        batch.entries.removeAll(keepingCapacity: true)
        batch.bytes.removeAll(keepingCapacity: true)
        state.withLockedValue { if $0.spare.count < Self.most { $0.spare.append(batch) } }
    }
}
