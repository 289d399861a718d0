// Reading captures from one end to the other: files in, events out, on two cores.

package import Analysis
package import Events
internal import NIOPosix
internal import Packets

/// Decodes capture files.
package enum Captures {
    /// What came of the files.
    package struct Summary: Sendable {
        /// One line for each file that could not be read, or only in part.
        package var troubles: [String] = []
        /// How many files could be read at least in part.
        package var readable = 0
        /// How many packets were read.
        package var packets = 0
        /// How many of them carried TCP.
        package var segments = 0
        /// What the others were, by kind, most first.
        package var others: [(kind: String, packets: Int)] = []

        /// Nothing yet.
        package init() {}
    }

    /// The files that paths mean: those in folders, by name, and the others as they are.
    package static func files(in paths: [String]) -> [String] { paths.flatMap(CaptureSequence.expand) }

    /// Reads captures and says what was said in them. Reading happens on a thread of its own; `emit` is called on the
    /// caller's.
    ///
    /// - Parameters:
    ///   - paths: files, folders, or `-` for standard input.
    ///   - everything: tell of connections without MSNP too; of them only `closed` events come.
    ///   - onlySums: tell of nothing but the ends of connections; saves the making of all other events.
    ///   - passwords: what answers to `USR MD5` are checked against.
    ///   - progress: is told now and then how many bytes were read; called on the reading thread.
    ///   - begin: gets the key for masks, before the first event. It is made of the beginning of what is read: the same for
    ///     the same capture, however it is packed, and unknown to who has not got it.
    ///   - emit: takes each event in order; false ends the reading.
    package static func decode(
        _ paths: [String], everything: Bool = false, onlySums: Bool = false, passwords: Passwords = .none,
        progress: @escaping @Sendable (Int) -> Void = { _ in },
        begin: (MaskKey) -> Void = { _ in },
        emit: (Event) -> Bool
    ) -> Summary {
        let queue = BatchQueue()
        let result = ResultBox()
        let keys = KeyBox()
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        thread.submit { _ in
            var reader = CaptureReader(paths, everything: everything, queue: queue, keys: keys)
            reader.run(progress: progress)
            result.set(reader.summary)
        }
        var decoder = CaptureDecoder(onlySums: onlySums, passwords: passwords)
        var isWanted = true
        var hasBegun = false
        while let batch = queue.take() {
            if !hasBegun, let key = keys.get() {
                hasBegun = true
                begin(key)
            }
            guard isWanted else { continue }
            decoder.receive(batch) { event in
                if isWanted, !emit(event) { isWanted = false }
            }
            if !isWanted { queue.abandon() }
            queue.recycle(batch)
        }
        decoder.finish { event in
            if isWanted, !emit(event) { isWanted = false }
        }
        try? thread.syncShutdownGracefully()
        return result.get()
    }
}

extension CaptureReader {
    /// What came of the files.
    var summary: Captures.Summary {
        var summary = Captures.Summary()
        summary.troubles = sequence.troubles
        summary.readable = sequence.readable
        summary.packets = dissector.counts.packets
        summary.segments = dissector.counts.segments
        summary.others = dissector.counts.skipped.map { ("\($0.key)", $0.value) }.sorted { $0.packets > $1.packets }
        return summary
    }
}
