// Decides which part of which batch is processed next, and which batch is complete: no threads here.

/// The batches that are processed at present, oldest first. The parts of a shard are processed one after the other, in
/// the order of the batches; those of different shards at the same time.
struct PartSchedule<Plan: Sendable, Part: Sendable, Output: Sendable>: Sendable {
    /// Where a part belongs.
    struct Place: Sendable, Hashable {
        let batch: Int
        let shard: Int
    }

    private struct Batch: Sendable {
        var plan: Plan
        var outputs: [Output?]
        var missing: Int
    }

    private struct Shard: Sendable {
        var waiting: [(batch: Int, part: Part)] = []
        var isBusy = false
    }

    private let mostBatches: Int
    private var batches: [Batch] = []
    /// The number of the oldest batch.
    private var oldest = 0
    private var shards: [Shard]

    /// - Parameters:
    ///   - mostBatches: the maximum number of batches at a time, which bounds memory.
    init(shards: Int, mostBatches: Int) {
        self.shards = Array(repeating: Shard(), count: shards)
        self.mostBatches = mostBatches
    }

    var isEmpty: Bool { batches.isEmpty }
    var isFull: Bool { batches.count >= mostBatches }

    /// Adds a batch.
    ///
    /// - Parameters:
    ///   - plan: returned with the outputs of the batch.
    ///   - parts: by shard; they are removed, because another reference would make the workers copy them.
    /// - Returns: the number of parts that can be processed at once because of this.
    mutating func add(_ plan: Plan, _ parts: inout [(shard: Int, part: Part)]) -> Int {
        let number = oldest + batches.count
        batches.append(
            Batch(plan: plan, outputs: Array(repeating: nil, count: shards.count), missing: parts.count))
        var ready = 0
        while let (shard, part) = parts.popLast() {
            if shards[shard].waiting.isEmpty, !shards[shard].isBusy { ready += 1 }
            shards[shard].waiting.append((number, part))
        }
        return ready
    }

    /// Takes the part that a worker processes next: of the oldest batch that has one, if possible of the worker's own
    /// shards, whose data are in its caches. Nil if all shards are busy or have none.
    mutating func next(for worker: Int, of workers: Int) -> (place: Place, part: Part)? {
        var best: (shard: Int, isForeign: Int, batch: Int)?
        for (number, shard) in shards.enumerated() where !shard.isBusy {
            guard let batch = shard.waiting.first?.batch else { continue }
            let isForeign = number % workers == worker ? 0 : 1
            if let best, (best.isForeign, best.batch) <= (isForeign, batch) { continue }
            best = (number, isForeign, batch)
        }
        guard let shard = best?.shard else { return nil }
        let (batch, part) = shards[shard].waiting.removeFirst()
        shards[shard].isBusy = true
        return (Place(batch: batch, shard: shard), part)
    }

    /// Notes the output of a part that `next` returned.
    ///
    /// - Returns: whether the shard has another part, and whether the oldest batch is complete because of this.
    mutating func finish(_ part: Place, _ output: Output) -> (isReady: Bool, isComplete: Bool) {
        let shard = part.shard
        let place = part.batch - oldest
        batches[place].outputs[shard] = output
        batches[place].missing -= 1
        shards[shard].isBusy = false
        return (!shards[shard].waiting.isEmpty, place == 0 && batches[place].missing == 0)
    }

    /// Removes the oldest batch if it is complete.
    mutating func takeComplete() -> (plan: Plan, outputs: [Output?])? {
        guard let first = batches.first, first.missing == 0 else { return nil }
        batches.removeFirst()
        oldest += 1
        return (first.plan, first.outputs)
    }
}
