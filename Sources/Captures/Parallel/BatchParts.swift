// Splits the steps of a batch into parts that can be processed at the same time.

internal import Events

/// The steps of one batch for one shard. A shard is a fixed subset of the connections.
struct BatchPart: Sendable {
    var steps: [DecodedStep] = []
    /// The indices of steps at which a run begins: steps that follow each other in the whole batch.
    var runs: [Int] = []
}

/// The parts of a batch and the order of their runs.
struct BatchParts: Sendable {
    /// The parts by shard.
    private(set) var parts: [BatchPart]
    /// The shard of each run, in the order of the capture.
    private(set) var order: [Int] = []

    init(shards: Int) { parts = Array(repeating: BatchPart(), count: max(1, shards)) }

    /// Adds the next step.
    mutating func append(_ step: consuming DecodedStep) {
        // A connection stays in its shard, because its analysis depends on all of its earlier steps.
        let shard = Int(step.connection.magnitude % UInt(parts.count))
        if order.last != shard {
            order.append(shard)
            parts[shard].runs.append(parts[shard].steps.count)
        }
        parts[shard].steps.append(step)
    }
}
