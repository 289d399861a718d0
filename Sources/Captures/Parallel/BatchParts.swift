// Splits the steps of a batch into parts that can be processed at the same time.

internal import Events

/// The steps of one batch for one shard. A shard is a fixed subset of the connections.
struct BatchPart: Sendable {
    var steps: [DecodedStep] = []
    /// The numbers of the connections of the steps.
    var connections: [Int] = []
    /// The indices of steps at which a run begins: steps that follow each other in the whole batch.
    var runs: [Int] = []
}

/// The parts of a batch and the order of their runs.
struct BatchParts: Sendable {
    private var parts: [BatchPart]
    /// The shard of each run, in the order of the capture.
    private(set) var order: [Int] = []

    /// - Parameters:
    ///   - shards: the number of shards.
    ///   - steps: the expected number of steps, to allocate memory once.
    init(shards: Int, expecting steps: Int = 0) {
        parts = Array(repeating: BatchPart(), count: max(1, shards))
        let share = steps / parts.count
        guard share > 0 else { return }
        for shard in parts.indices {
            parts[shard].steps.reserveCapacity(share)
            parts[shard].connections.reserveCapacity(share)
        }
    }

    /// The number of steps.
    var count: Int { parts.reduce(0) { $0 + $1.steps.count } }

    /// Removes and returns the parts that have steps.
    mutating func takeParts() -> [(shard: Int, part: BatchPart)] {
        var taken: [(shard: Int, part: BatchPart)] = []
        for shard in parts.indices where !parts[shard].steps.isEmpty {
            var part = BatchPart()
            swap(&part, &parts[shard])
            taken.append((shard, part))
        }
        return taken
    }

    /// Adds the next step.
    mutating func append(_ step: consuming DecodedStep, of connection: Int) {
        // A connection stays in its shard, because its analysis depends on all of its earlier steps.
        let shard = Int(connection.magnitude % UInt(parts.count))
        if order.last != shard {
            order.append(shard)
            parts[shard].runs.append(parts[shard].steps.count)
        }
        parts[shard].steps.append(step)
        parts[shard].connections.append(connection)
    }
}
