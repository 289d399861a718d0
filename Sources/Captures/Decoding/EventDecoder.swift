// Decodes batches of TCP streams into events, one after the other.

internal import Analysis
internal import Events

/// Decodes all connections of a capture on one thread.
struct EventDecoder {
    private var decoder: CaptureDecoder
    private var analyses: ConnectionAnalyses
    private var transfers = CrossConnectionTransfers()

    init(
        onlySums: Bool = false, _ detail: EventDetail = .all, passwords: Passwords = .none, isSlice: Bool = false,
        after numbers: CaptureNumbers = CaptureNumbers()
    ) {
        decoder = CaptureDecoder(
            onlySums: onlySums, hasDigests: detail.hasDigests, isSlice: isSlice, after: numbers)
        analyses = ConnectionAnalyses(detail, passwords: passwords)
    }

    /// The highest numbers that were given.
    var numbering: CaptureNumbers { decoder.numbering }

    /// Decodes a batch.
    ///
    /// - Parameters:
    ///   - batch: from the reader.
    ///   - emit: receives each event, in order.
    mutating func receive(_ batch: StreamBatch, _ emit: (Event) -> Void) {
        decoder.receive(batch) { analyses.take($1, of: $0, join: { transfers.take($0) }, emit: emit) }
    }

    /// Decodes one entry of a pasted log.
    mutating func receive(_ entry: PastedEntry, _ emit: (Event) -> Void) {
        decoder.receive(entry) { analyses.take($1, of: $0, join: { transfers.take($0) }, emit: emit) }
    }

    /// Ends what is still open at the end of the capture.
    mutating func finish(_ emit: (Event) -> Void) {
        decoder.finish { analyses.take($1, of: $0, join: { transfers.take($0) }, emit: emit) }
    }
}
