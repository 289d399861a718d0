// The threads that analyse and format the parts of batches.

internal import Dispatch
internal import Events
internal import NIOConcurrencyHelpers
internal import NIOPosix

/// A fixed number of threads that process parts.
final class PartWorkers<Writer: EventWriter>: Sendable {
    /// What is needed to put the output of a batch together.
    struct Plan: Sendable {
        /// The shard of each run.
        var order: [Int]
        /// The batch, whose memory can be used again then.
        var batch: StreamBatch
    }

    private typealias Place = PartSchedule<Plan, BatchPart, PartOutput>.Place

    private struct State: Sendable {
        var schedule: PartSchedule<Plan, BatchPart, PartOutput>
        var isStopped = false
        /// Memory of outputs that are written.
        var spare: [PartOutput] = []
        var writers: [Writer] = []
    }

    /// The number of shards. More shards than threads even out connections that are busier than others.
    let shards: Int

    private let state: NIOLockedValueBox<State>
    private let analyses: [NIOLockedValueBox<ConnectionAnalyses>]
    private let readyParts = DispatchSemaphore(value: 0)
    private let completeBatches = DispatchSemaphore(value: 0)
    private let threads: NIOThreadPool
    private let jobs: Int

    /// More shards make parts smaller.
    private static var enoughShards: Int { 32 }
    /// Outputs with more memory are not kept for reuse.
    private static var mostSpareBytes: Int { 512 << 10 }

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - jobs: the number of threads.
    ///   - analyses: an analysis without connections.
    ///   - makeWriter: called on each thread.
    init(jobs: Int, _ analyses: ConnectionAnalyses, _ makeWriter: @escaping @Sendable () -> Writer) {
        self.jobs = jobs
        shards = max(jobs, min(jobs * 2, Self.enoughShards))
        // More batches than threads keep them busy while the oldest batch waits for its last part.
        let schedule = PartSchedule<Plan, BatchPart, PartOutput>(shards: shards, mostBatches: jobs + 4)
        state = NIOLockedValueBox(State(schedule: schedule))
        self.analyses = (0..<shards).map { _ in NIOLockedValueBox(analyses) }
        threads = NIOThreadPool(numberOfThreads: jobs)
        threads.start()
        for worker in 0..<jobs { threads.submit { [self] _ in work(worker, makeWriter()) } }
    }

    var isEmpty: Bool { state.withLockedValue { $0.schedule.isEmpty } }
    var isFull: Bool { state.withLockedValue { $0.schedule.isFull } }

    /// Adds a batch.
    func add(_ parts: inout BatchParts, of batch: StreamBatch) {
        let plan = Plan(order: parts.order, batch: batch)
        var jobs = parts.takeParts()
        let ready = state.withLockedValue { $0.schedule.add(plan, &jobs) }
        for _ in 0..<ready { readyParts.signal() }
    }

    /// Removes the oldest batch if it is complete.
    func takeComplete() -> (plan: Plan, outputs: [PartOutput?])? {
        state.withLockedValue { $0.schedule.takeComplete() }
    }

    /// Waits until the oldest batch may be complete.
    func waitForComplete() { completeBatches.wait() }

    /// Returns the memory of outputs for reuse.
    func recycle(_ outputs: consuming [PartOutput?]) {
        var spare: [PartOutput] = []
        for case .some(var output) in outputs where output.bytes.capacity <= Self.mostSpareBytes {
            output.removeAll()
            spare.append(output)
        }
        state.withLockedValue { state in state.spare += spare.prefix(max(0, shards - state.spare.count)) }
    }

    /// Ends the threads after the parts that they process now, and waits for that.
    ///
    /// - Returns: the writers of all threads.
    func stop() -> [Writer] {
        state.withLockedValue { $0.isStopped = true }
        for _ in 0..<jobs { readyParts.signal() }
        try? threads.syncShutdownGracefully()
        return state.withLockedValue { $0.writers }
    }

    private func work(_ worker: Int, _ prototype: Writer) {
        var writer = prototype
        while let (place, part, room) = next(for: worker) {
            var part = part
            var output = room
            analyses[place.shard].withLockedValue { output.append(&part, through: &$0, by: &writer) }
            finish(place, output)
        }
        state.withLockedValue { $0.writers.append(writer) }
    }

    /// Waits for a part. Nil at the end.
    private func next(for worker: Int) -> (Place, BatchPart, PartOutput)? {
        readyParts.wait()
        return state.withLockedValue { state in
            guard !state.isStopped, let (place, part) = state.schedule.next(for: worker, of: jobs) else { return nil }
            return (place, part, state.spare.popLast() ?? PartOutput())
        }
    }

    private func finish(_ place: Place, _ output: PartOutput) {
        let result = state.withLockedValue { $0.schedule.finish(place, output) }
        if result.isReady { readyParts.signal() }
        if result.isComplete { completeBatches.signal() }
    }
}
