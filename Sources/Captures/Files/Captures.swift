// Decodes capture files into events: a reader thread and the decoder on the caller's thread.

package import Analysis
package import Events
package import Packets

/// Decodes capture files.
package enum Captures {
    /// The result of reading the files.
    package struct Summary: Sendable {
        /// One line for each file that was not or only partly readable.
        package var troubles: [String] = []
        /// How many files could be read at least in part.
        package var readable = 0
        /// The number of packets.
        package var packets = 0
        /// The number of packets that carried TCP.
        package var segments = 0
        /// The numbers of other packets by kind, largest first.
        package var others: [(kind: String, packets: Int)] = []
        /// The highest numbers of connections and sign-ins.
        package var numbers = CaptureNumbers()

        package init() {}
    }

    /// Replaces folders by the files in them, sorted by name.
    package static func files(in paths: [String]) -> [String] { paths.flatMap(CaptureSequence.expand) }

    /// Reads captures and emits their events. Files are read on a thread of their own; `emit` is called on the caller's
    /// thread.
    ///
    /// - Parameters:
    ///   - paths: files, folders, or `-` for standard input.
    ///   - everything: also emit `closed` events of connections without MSNP.
    ///   - slice: which connections to read; nil for all.
    ///   - onlySums: emit only `closed` events; saves the work for all others.
    ///   - detail: what to compute in addition to the frames.
    ///   - passwords: for checking answers to `USR MD5`.
    ///   - numbers: those of captures before, after which connections and sign-ins are numbered.
    ///   - progress: is called now and then with the number of bytes read, on the reader thread.
    ///   - isCancelled: is asked now and then, on the reader thread, whether to stop.
    ///   - begin: receives the key for masks before the first event. The key is derived from the beginning of the
    ///     content: it is the same for the same capture, however compressed, and unknown without the capture.
    ///   - emit: receives the events in order; returns false to stop.
    package static func decode(
        _ paths: [String], everything: Bool = false, slice: AddressSlice? = nil, onlySums: Bool = false,
        detail: EventDetail = .all,
        passwords: Passwords = .none, after numbers: CaptureNumbers = CaptureNumbers(),
        progress: @escaping @Sendable (Int) -> Void = { _ in },
        isCancelled: @escaping @Sendable () -> Bool = { false },
        begin: (MaskKey) -> Void = { _ in },
        emit: (Event) -> Bool
    ) -> Summary {
        let reading = CaptureReading(
            paths, everything: everything, slice: slice, progress: progress, isCancelled: isCancelled)
        let queue = reading.queue
        var decoder = EventDecoder(
            onlySums: onlySums, detail, passwords: passwords, isSlice: slice?.count ?? 1 > 1, after: numbers)
        var shouldContinue = true
        var hasBegun = false
        while let batch = queue.take() {
            if !hasBegun, let key = reading.maskKey {
                hasBegun = true
                begin(key)
            }
            guard shouldContinue else { continue }
            decoder.receive(batch) { event in
                if shouldContinue, !emit(event) { shouldContinue = false }
            }
            if !shouldContinue { queue.abandon() }
            queue.recycle(batch)
        }
        decoder.finish { event in
            if shouldContinue, !emit(event) { shouldContinue = false }
        }
        var summary = reading.finish()
        summary.numbers = decoder.numbering
        return summary
    }
}

extension CaptureReader {
    /// The result of reading the files.
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
