// Decodes captures on several threads, and writes the results in the order of the capture.

package import Analysis
internal import Events
package import Packets

extension Captures {
    /// Reads captures and writes their events. The output is the same as with one thread.
    ///
    ///     reader ─ batches ─► this thread: steps ─ parts ─► workers: analysis, format
    ///                              │                              │
    ///                              └──── output in order ◄────────┘
    ///
    /// - Parameters:
    ///   - numbers: those of captures before, after which connections and sign-ins are numbered.
    ///   - jobs: the number of threads that analyse and format.
    ///   - makeWriter: makes what selects and formats events; called on each thread.
    ///   - write: receives the output in order, on the caller's thread; returns false to stop.
    /// - Returns: also a writer with the counts of all.
    package static func decode<Writer: EventWriter>(
        _ paths: [String], everything: Bool = false, slice: AddressSlice? = nil, onlySums: Bool = false,
        detail: EventDetail = .all,
        passwords: Passwords = .none, after numbers: CaptureNumbers = CaptureNumbers(), jobs: Int,
        progress: @escaping @Sendable (Int) -> Void = { _ in },
        makeWriter: @escaping @Sendable () -> Writer, write: (ArraySlice<UInt8>) -> Bool
    ) -> (summary: Summary, writer: Writer) {
        let reading = CaptureReading(
            paths, everything: everything, slice: slice, progress: progress, isCancelled: { false })
        // Before a pasted log, the reader passes on an empty batch, when there is no key yet.
        var next = reading.queue.take()
        while let batch = next, batch.entries.isEmpty { next = reading.queue.take() }
        guard let first = next else {
            var summary = reading.finish()
            summary.numbers = numbers
            return (summary, makeWriter())
        }
        let key = reading.maskKey
        let makeMasking: @Sendable () -> Writer = {
            var writer = makeWriter()
            if let key { writer.mask(with: key) }
            return writer
        }
        let workers = PartWorkers(jobs: max(1, jobs), ConnectionAnalyses(detail, passwords: passwords), makeMasking)
        var decoding = ParallelDecoding(
            workers,
            CaptureDecoder(
                onlySums: onlySums, hasDigests: detail.hasDigests, isSlice: slice?.count ?? 1 > 1, after: numbers),
            OutputAssembler(makeMasking()))
        decoding.run(first, reading.queue, write)
        let others = workers.stop()
        var summary = reading.finish()
        summary.numbers = decoding.numbers
        return (summary, decoding.result(with: others))
    }
}

/// The thread that decodes batches into steps and writes the output.
private struct ParallelDecoding<Writer: EventWriter> {
    private let workers: PartWorkers<Writer>
    private var decoder: CaptureDecoder
    private var assembler: OutputAssembler<Writer>
    /// A little more than the last batch had.
    private var expectedSteps = 0

    init(_ workers: PartWorkers<Writer>, _ decoder: CaptureDecoder, _ assembler: OutputAssembler<Writer>) {
        self.workers = workers
        self.decoder = decoder
        self.assembler = assembler
    }

    /// Decodes everything.
    ///
    /// - Parameter first: the first batch.
    mutating func run(_ first: StreamBatch, _ queue: BatchQueue, _ write: (ArraySlice<UInt8>) -> Bool) {
        add(first)
        var hasEnded = false
        while true {
            // Writing comes first: it lets go of memory, and somebody may be watching the output.
            if let (plan, outputs) = workers.takeComplete() {
                guard assembler.write(plan.order, outputs, to: write) else { break }
                workers.recycle(outputs)
                queue.recycle(plan.batch)
                continue
            }
            let isIdle = workers.isEmpty
            if hasEnded, isIdle { return }
            if hasEnded || workers.isFull {
                workers.waitForComplete()
                continue
            }
            switch queue.next(waits: isIdle) {
            case .batch(let batch): add(batch)
            case .nothing: workers.waitForComplete()
            case .end:
                hasEnded = true
                finish()
            }
        }
        queue.abandon()
        while !hasEnded { hasEnded = queue.take() == nil }
    }

    /// The highest numbers that were given.
    var numbers: CaptureNumbers { decoder.numbering }

    /// The writer with the counts of all threads.
    mutating func result(with others: [Writer]) -> Writer {
        assembler.addCounts(of: others)
        return assembler.writer
    }

    private mutating func add(_ batch: StreamBatch) {
        var parts = BatchParts(shards: workers.shards, expecting: expectedSteps)
        decoder.receive(batch) { parts.append($1, of: $0) }
        expectedSteps = parts.count * 5 / 4
        workers.add(&parts, of: batch)
    }

    private mutating func finish() {
        var parts = BatchParts(shards: workers.shards)
        decoder.finish { parts.append($1, of: $0) }
        workers.add(&parts, of: StreamBatch())
    }
}
