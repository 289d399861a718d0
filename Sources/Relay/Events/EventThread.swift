// The thread that analyses what the event loops carried, and delivers the events to the sink.

internal import Analysis
internal import Events
internal import MSNP
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// Collects what all loops carried, a few times in a second or as soon as there is enough, and makes events of it in the
/// order of their times.
///
/// So a loop pays a few instructions for each read, and the rest once for many: analysis, formats, locks and wake-ups.
final class EventThread: Sendable {
    /// How long the thread waits for more between two collections, in seconds. The time until an event is in the archive
    /// or in the log contains it.
    private static let pause = 0.04
    /// The number of events that are delivered at a time.
    private static let mostEvents = 256

    private let queues: [CarriedQueue]
    private let queueOfLoop: [ObjectIdentifier: CarriedQueue]
    private let passwords: Passwords
    private let sink: any LiveEventSink
    /// Closed while the sink or a queue is full.
    private let gate: AcceptGate
    private let hasWork = ConditionLock(value: false)
    private let requests = NIOLockedValueBox(Requests())
    private let isSinkFull = NIOLockedValueBox(false)
    private let thread = NIOThreadPool(numberOfThreads: 1)

    private struct Requests {
        var isClosing = false
        /// Whether events are delivered although the sink is full.
        var isEnding = false
        /// Completed when everything that was carried before is delivered.
        var flushes: [EventLoopPromise<Void>] = []
    }

    init(
        loops: [any EventLoop], passwords: Passwords, sink: any LiveEventSink, gate: AcceptGate
    ) {
        var queues: [CarriedQueue] = []
        var queueOfLoop: [ObjectIdentifier: CarriedQueue] = [:]
        for (index, loop) in loops.enumerated() {
            let queue = CarriedQueue(loop, loops: loops.count) { isFull in
                if isFull { gate.close(for: .queue(index)) } else { gate.open(for: .queue(index)) }
            }
            queues.append(queue)
            queueOfLoop[ObjectIdentifier(loop)] = queue
        }
        self.queues = queues
        self.queueOfLoop = queueOfLoop
        self.passwords = passwords
        self.sink = sink
        self.gate = gate
        thread.start()
        thread.submit { [self] _ in run() }
    }

    /// The queue of a loop of the relay's group.
    func queue(of loop: any EventLoop) -> CarriedQueue? { queueOfLoop[ObjectIdentifier(loop)] }

    /// Adds events without a connection.
    func add(_ carried: Carried) {
        var share = CarriedQueue.Share()
        if queues.first?.add(carried, &share).wakes == true { wake() }
    }

    /// Wakes the thread. A loop calls this when `CarriedQueue.add` asks for it.
    func wake() {
        hasWork.lock()
        hasWork.unlock(withValue: true)
    }

    /// Waits until everything that was carried by now is delivered.
    func flush(on loop: any EventLoop) async {
        let promise = loop.makePromise(of: Void.self)
        requests.withLockedValue { $0.flushes.append(promise) }
        wake()
        try? await promise.futureResult.get()
    }

    /// From now on events are delivered although the sink is full: the relay ends, and nothing must be lost.
    func end() {
        requests.withLockedValue { $0.isEnding = true }
        wake()
    }

    /// Delivers the rest and ends the thread.
    func close() async {
        requests.withLockedValue { ($0.isClosing, $0.isEnding) = (true, true) }
        wake()
        try? await thread.shutdownGracefully()
    }

    private func run() {
        var maker = EventMaker(passwords: passwords)
        var events: [Event] = []
        while true {
            let (isClosing, flushes) = requests.withLockedValue { requests in
                defer { requests.flushes = [] }
                return (requests.isClosing, requests.flushes)
            }
            let collection = CarriedQueue.collect(queues)
            merge(collection.carried) { carried in
                maker.take(carried) { events.append($0) }
                if events.count >= Self.mostEvents { deliver(&events) }
            }
            deliver(&events)
            for flush in flushes { flush.succeed() }
            if isClosing { return }
            if collection.isEmpty {
                hasWork.lock(whenValue: true)
                hasWork.unlock(withValue: false)
            } else if collection.bytes < CarriedQueue.enoughBytes,
                hasWork.lock(whenValue: true, timeoutSeconds: Self.pause)
            {
                hasWork.unlock(withValue: false)
            }
        }
    }

    /// Passes on what the queues held in order of time; that of one queue stays in its order.
    private func merge(_ queues: [[Carried]], _ each: (Carried) -> Void) {
        if queues.count == 1 { return queues[0].forEach(each) }
        var rests = queues.map { $0[...] }
        while let next = rests.indices.min(by: { Self.time(rests[$0]) < Self.time(rests[$1]) }) {
            guard let carried = rests[next].popFirst() else { return }
            each(carried)
        }
    }

    private static func time(_ rest: ArraySlice<Carried>) -> Timestamp {
        rest.first?.time ?? Timestamp(nanoseconds: .max)
    }

    /// Delivers events, and waits while the sink is full. What the loops carry meanwhile is bounded by their queues.
    private func deliver(_ events: inout [Event]) {
        guard !events.isEmpty else { return }
        let isReady = sink.receive(events)
        events.removeAll(keepingCapacity: true)
        guard !isReady else { return }
        let isNew = isSinkFull.withLockedValue { isFull in
            guard !isFull else { return false }
            isFull = true
            for queue in queues { queue.setSinkFull(true) }
            return true
        }
        if isNew { waitForSink() }
        while isSinkFull.withLockedValue(\.self), !requests.withLockedValue(\.isEnding) {
            hasWork.lock(whenValue: true)
            hasWork.unlock(withValue: false)
        }
    }

    /// Accepts no new clients until the sink is ready.
    private func waitForSink() {
        gate.close(for: .sink)
        sink.whenReady { [self] in
            isSinkFull.withLockedValue { isFull in
                isFull = false
                for queue in queues { queue.setSinkFull(false) }
            }
            gate.open(for: .sink)
            wake()
        }
    }
}
